"""Objectives on what more, or other, networks than a generator and a scoring critic give."""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from tests.variants.forms.notes import cross_entropy, form, logistic

# Energies


def reconstructed(s, x):
    """Return the autoencoder's reconstructions of samples."""
    return s.decode(s.encode(x))


@form("ebgan")
def ebgan(s):
    real, fake = (((x - reconstructed(s, x)) ** 2).mean(1) for x in (s.real, s.fake))
    return {"critic": real.mean() + np.maximum(0, s.hp.margin - fake).mean(), "generator": fake.mean()}


@form("ebgan-pt")
def ebgan_pt(s):
    codes = s.encode(s.fake)
    cosines = [
        (a @ b / np.linalg.norm(a) / np.linalg.norm(b)) ** 2
        for i, a in enumerate(codes)
        for j, b in enumerate(codes)
        if i != j
    ]
    losses = ebgan(s)
    return {**losses, "generator": losses["generator"] + s.hp.pulling_away * np.mean(cosines)}


@form("began")
def began(s):
    real, fake = (np.abs(x - reconstructed(s, x)).mean() for x in (s.real, s.fake))
    return {"critic": real - s.state["k"].item() * fake, "generator": fake}


# Discrete data


@form("bgan-discrete")
def bgan_discrete(s):
    """M draws of each latent, weighed by their D / (1 - D) = exp(score)."""
    ones = s.generator(s.latent)
    fake = np.where(s.bit < ones, 1.0, -1.0)
    total = 0.0
    for probabilities, uniforms in zip(ones, s.bits, strict=True):
        bits = uniforms < probabilities  # [M, dimensions]
        weights = np.exp(s.critic(np.where(bits, 1.0, -1.0)))
        chances = np.where(bits, probabilities, 1 - probabilities)
        total -= (weights / weights.sum()) @ np.log(chances).sum(1)
    critic = logistic(s.critic(np.where(s.real > 0, 1.0, -1.0)), s.critic(fake), s.hp)
    return {"critic": critic, "generator": total / len(ones)}


# Games of more networks


def nll(logits, labels):
    """Mean of -log softmax of the right logit."""
    return -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()


@form("veegan")
def veegan(s):
    real = s.critic(np.hstack([s.real, s.reconstructor(s.real) + s.around]))
    fake = s.critic(np.hstack([s.fake, s.latent]))
    distance = 0.5 * ((s.latent - s.reconstructor(s.fake)) ** 2).sum(1).mean()
    generator = -fake.mean() + s.hp.reconstruction * distance
    return {"critic": logistic(real, fake, s.hp), "generator": generator, "reconstructor": distance}


@form("cgan")
def cgan(s):
    given, asked = np.eye(3)[s.labelled["label"]], np.eye(3)[s.label]
    real = s.critic(s.labelled["real"], given)
    fake = s.critic(s.generator(s.latent, asked), asked)
    return {"critic": logistic(real, fake, s.hp), "generator": cross_entropy(fake, 1)}


@form("acgan")
def acgan(s):
    asked, given = s.label, s.labelled["label"]
    real = s.critic(s.labelled["real"])
    fake = s.critic(s.generator(np.hstack([s.latent, np.eye(3)[asked]])))
    source = logistic(real[:, 0], fake[:, 0], s.hp)
    classes = s.hp.class_weight * (nll(real[:, 1:], given) + nll(fake[:, 1:], asked))
    generator = cross_entropy(fake[:, 0], 1) + s.hp.class_weight * nll(fake[:, 1:], asked)
    return {"critic": source + classes, "generator": generator}


@form("infogan")
def infogan(s):
    """D, then the logits of 3 categories and the means of 2 numbers."""
    real = s.critic(s.real)
    fake = s.critic(s.generator(s.latent, np.eye(3)[s.category], s.continuous))
    apart = ((s.continuous - fake[:, 4:]) ** 2).sum(1) / 2
    information = s.hp.info_weight * nll(fake[:, 1:4], s.category) + s.hp.continuous_weight * apart.mean()
    critic = logistic(real[:, 0], fake[:, 0], s.hp) + information
    return {"critic": critic, "generator": cross_entropy(fake[:, 0], 1) + information}


@form("clustergan")
def clustergan(s):
    fake = s.generator(s.latent, np.eye(3)[s.category])
    along = s.interpolation[:, None]
    slope = np.linalg.norm(s.critic.slope(along * s.real + (1 - along) * fake), axis=1)
    critic = s.critic(fake).mean() - s.critic(s.real).mean()
    code = s.encoder(fake)
    recovered = s.hp.latent_weight * ((s.latent - code[:, :2]) ** 2).mean()
    recovered += s.hp.category_weight * nll(code[:, 2:], s.category)
    return {
        "critic": critic + s.hp.penalty_weight * ((slope - 1) ** 2).mean(),
        "generator": -s.critic(fake).mean() + recovered,
    }


@form("bigan")
def bigan(s):
    encoded = s.critic(np.hstack([s.real, s.encoder(s.real)]))
    generated = s.critic(np.hstack([s.fake, s.latent]))
    critic = logistic(encoded, generated, s.hp)
    return {"critic": critic, "generator": cross_entropy(encoded, 0) + cross_entropy(generated, 1)}


@form("ali")
def ali(s):
    """The pairs of bigan with draws of q(z|x), of which log s is given."""
    mean, log_width = s.encoder(s.real)
    encoded = s.critic(np.hstack([s.real, mean + np.exp(log_width) * s.around]))
    generated = s.critic(np.hstack([s.fake, s.latent]))
    critic = logistic(encoded, generated, s.hp)
    return {"critic": critic, "generator": cross_entropy(encoded, 0) + cross_entropy(generated, 1)}


@form("vaegan")
def vaegan(s):
    """Sums over dimensions, means over samples; the critic judges as many reconstructions as prior draws."""
    mean, log_variance = s.encoder(s.real)
    codes = mean + np.exp(log_variance / 2) * s.around
    judged = s.critic(s.generator(np.vstack([s.latent[:3], codes[3:]])))
    features = s.critic.hidden(s.real) - s.critic.hidden(s.generator(codes))
    likelihood = (features**2).sum(1).mean() / 2
    variance = np.exp(log_variance)
    divergence = -0.5 * (1 + np.log(variance) - mean**2 - variance).sum(1).mean()
    return {
        "critic": logistic(s.critic(s.real), judged, s.hp),
        "generator": s.hp.gamma * likelihood - cross_entropy(judged, 0),
        "encoder": s.hp.prior_weight * divergence + likelihood,
    }


@form("aae")
def aae(s):
    """Means over samples, and of the error over dimensions; the critic sees codes only."""
    codes = s.critic(s.encoder(s.real))
    error = ((s.generator(s.encoder(s.real)) - s.real) ** 2).mean()
    return {
        "autoencoder": error,
        "critic": logistic(s.critic(s.latent), codes, s.hp),
        "generator": cross_entropy(codes, 1),
    }
