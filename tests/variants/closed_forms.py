"""The objective of every registered variant in NumPy, as its paper writes it: variant -> loss of each player.

``FORMS`` holds whole losses on a :class:`~tests.variants.scenes.Scene`; ``SCORES`` the two objectives on real
and fake scores, of those that are functions of scores.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit, log_softmax

FORMS, SCORES = {}, {}


def form(name):
    """Note a closed form: scene -> loss by player."""

    def note(function):
        FORMS[name] = function
        return function

    return note


def scored(name):
    """Note one on scores: real, fake, hyperparameters -> critic's and generator's objective."""

    def note(function):
        SCORES[name] = function
        FORMS[name] = lambda s: of_scores(name, s.hp, s.critic(s.real), s.critic(s.fake))
        return function

    return note


def of_scores(name, hp, real, fake):
    """Critic's and generator's objective of ``name`` by player."""
    return dict(zip(("critic", "generator"), SCORES[name](real, fake, hp), strict=True))


def cross_entropy(scores, target):
    """Mean of -t log D - (1 - t) log(1 - D), D the sigmoid of the score."""
    return -(target * log_expit(scores) + (1 - target) * log_expit(-scores)).mean()


def logistic(real, fake, hp):
    """The critic of most: real towards 1 (less the smoothing), fake towards 0."""
    return cross_entropy(real, 1 - hp.label_smoothing) + cross_entropy(fake, 0)


def away(scores):
    """How far scores are from the other side's mean: real above fake, fake above real."""
    real, fake = scores
    return real - fake.mean(), fake - real.mean()


def hinge(margins):
    """Mean of max(0, 1 - m)."""
    return np.maximum(0, 1 - margins).mean()


# Functions of scores


@scored("gan")
def gan(real, fake, hp):
    return logistic(real, fake, hp), np.log(1 - expit(fake)).mean()


@scored("nsgan")
def nsgan(real, fake, hp):
    return logistic(real, fake, hp), -np.log(expit(fake)).mean()


@scored("lsgan")
def lsgan(real, fake, hp):
    b = 1 - hp.label_smoothing
    return 0.5 * ((real - b) ** 2).mean() + 0.5 * (fake**2).mean(), 0.5 * ((fake - 1) ** 2).mean()


@scored("bgan")
def bgan(real, fake, hp):
    difference = np.log(expit(fake)) - np.log(1 - expit(fake))
    return logistic(real, fake, hp), 0.5 * (difference**2).mean()


@scored("softmax-gan")
def softmax_gan(real, fake, hp):
    p = np.exp(np.concatenate([real, fake]) - max(real.max(), fake.max()))
    p /= p.sum()
    return -np.log(p[: len(real)]).mean(), -np.log(p).mean()


@scored("wgan")
def wgan(real, fake, hp):
    return -(real.mean() - fake.mean()), -fake.mean()


@scored("hinge")
def hinge_gan(real, fake, hp):
    return hinge(real) + hinge(-fake), -fake.mean()


@scored("rsgan")
def rsgan(real, fake, hp):
    return cross_entropy(real - fake, 1 - hp.label_smoothing), -np.log(expit(fake - real)).mean()


@scored("ragan")
def ragan(real, fake, hp):
    above, below = away((real, fake))
    critic = cross_entropy(above, 1 - hp.label_smoothing) + cross_entropy(below, 0)
    return critic, cross_entropy(below, 1) + cross_entropy(above, 0)


@scored("rlsgan")
def rlsgan(real, fake, hp):
    return ((real - fake - (1 - hp.label_smoothing)) ** 2).mean(), ((fake - real - 1) ** 2).mean()


@scored("ralsgan")
def ralsgan(real, fake, hp):
    above, below = away((real, fake))
    critic = ((above - (1 - hp.label_smoothing)) ** 2).mean() + ((below + 1) ** 2).mean()
    return critic, ((below - 1) ** 2).mean() + ((above + 1) ** 2).mean()


@scored("rhinge")
def rhinge(real, fake, hp):
    return hinge(real - fake), hinge(fake - real)


@scored("rahinge")
def rahinge(real, fake, hp):
    above, below = away((real, fake))
    return hinge(above) + hinge(-below), hinge(below) + hinge(-above)


# The same with penalties, packs and normalised critics


def penalty(s, points, target, power=2):
    """Mean of | |grad D| - target |^power at the points."""
    norms = np.linalg.norm(s.critic.slope(points), axis=1)
    return (np.abs(norms - target) ** power).mean()


def between(s):
    """A point of each segment from a generated to a real sample."""
    mix = s.interpolation[:, None]
    return mix * s.real + (1 - mix) * s.fake


def penalised(objective, cost):
    """A closed form whose critic also pays ``cost(scene)``."""

    def both(s):
        losses = FORMS[objective](s)
        return {**losses, "critic": losses["critic"] + cost(s)}

    return both


def around_real(s):
    """DRAGAN's points: x + a u std(x) / 2."""
    return s.real + s.perturbation_length[:, None] * s.perturbation * s.real.std() / 2


def r1(s):
    return s.hp.r1_gamma / 2 * penalty(s, s.real, 0)


def r2(s):
    return s.hp.r2_gamma / 2 * penalty(s, s.fake, 0)


FORMS["dcgan"] = FORMS["nsgan"]
FORMS["wgan-gp"] = penalised("wgan", lambda s: s.hp.penalty_weight * penalty(s, between(s), 1))
FORMS["wgan-div"] = penalised("wgan", lambda s: s.hp.div_weight * penalty(s, between(s), 0, 6))
FORMS["dragan"] = penalised("nsgan", lambda s: s.hp.dragan_weight * penalty(s, around_real(s), 1))
FORMS["r1gan"] = penalised("nsgan", r1)
FORMS["r2gan"] = penalised("nsgan", r2)
FORMS["r3gan"] = penalised("rsgan", lambda s: r1(s) + r2(s))


@form("pacgan")
def pacgan(s):
    """Two samples side by side are one input of the critic."""
    real, fake = (np.hstack([x[::2], x[1::2]]) for x in (s.real, s.fake))
    return of_scores("nsgan", s.hp, s.critic(real), s.critic(fake))


@form("sngan")
def sngan(s):
    """The spectral norm of a matrix with one row is its length."""
    critic = s.critic
    critic.weight /= np.linalg.norm(critic.weight)
    return of_scores("hinge", s.hp, critic(s.real), critic(s.fake))


# Looking at the other's loss


def slopes_of_critic(critic, real, fake, hp):
    """Derivatives of the logistic critic's loss by its weight and its bias."""
    on_real, on_fake = expit(critic(real)) - (1 - hp.label_smoothing), expit(critic(fake))
    weight = (on_real[:, None] * real).mean(0) + (on_fake[:, None] * fake).mean(0)
    return weight[None], on_real.mean() + on_fake.mean()


@form("unrolled")
def unrolled(s):
    """Steps of gradient descent by the critic, then the generator's loss against it."""
    critic = s.critic
    for _ in range(s.game.settings.unroll_steps):
        weight, bias = slopes_of_critic(critic, s.real, s.fake, s.hp)
        critic.weight = critic.weight - s.hp.unroll_lr * weight
        critic.bias = critic.bias - s.hp.unroll_lr * bias
    return {**FORMS["nsgan"](s), "generator": -log_expit(critic(s.fake)).mean()}


@form("consensus")
def consensus(s):
    """Both losses plus gamma / 2 times the squared length of all four derivatives."""
    weight, bias = slopes_of_critic(s.critic, s.real, s.fake, s.hp)
    by_sample = -expit(-s.critic(s.fake))[:, None] * s.critic.slope(s.fake)
    by_map, by_shift = by_sample.T @ s.latent / len(s.latent), by_sample.mean(0)
    energy = 0.5 * sum((v**2).sum() for v in (weight, bias, by_map, by_shift))
    return {player: loss + s.hp.consensus_weight * energy for player, loss in FORMS["nsgan"](s).items()}


# Energies


def reconstructed(s, x):
    """What the autoencoder makes of samples."""
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


@form("veegan")
def veegan(s):
    real = s.critic(np.hstack([s.real, s.reconstructor(s.real)]))
    fake = s.critic(np.hstack([s.fake, s.latent]))
    distance = ((s.latent - s.reconstructor(s.fake)) ** 2).sum(1).mean()
    generator = -fake.mean() + s.hp.reconstruction * distance
    return {"critic": logistic(real, fake, s.hp), "generator": generator, "reconstructor": distance}


@form("acgan")
def acgan(s):
    asked, given = s.label, s.labelled["label"]
    real = s.critic(s.labelled["real"])
    fake = s.critic(s.generator(np.hstack([s.latent, np.eye(3)[asked]])))

    def nll(out, labels):
        return -log_softmax(out[:, 1:], axis=1)[np.arange(len(out)), labels].mean()

    source = cross_entropy(real[:, 0], 1) + cross_entropy(fake[:, 0], 0)
    classes = s.hp.class_weight * (nll(real, given) + nll(fake, asked))
    generator = cross_entropy(fake[:, 0], 1) + s.hp.class_weight * nll(fake, asked)
    return {"critic": source + classes, "generator": generator}


@form("bigan")
def bigan(s):
    encoded = s.critic(np.hstack([s.real, s.encoder(s.real)]))
    generated = s.critic(np.hstack([s.fake, s.latent]))
    critic = cross_entropy(encoded, 1) + cross_entropy(generated, 0)
    return {"critic": critic, "generator": cross_entropy(encoded, 0) + cross_entropy(generated, 1)}


@form("cyclegan")
def cyclegan(s):
    a, b = s.domain_a, s.domain_b
    there, back = s.a_to_b(a), s.b_to_a(b)
    critic = sum(
        ((judge(real) - 1) ** 2).mean() + (judge(fake) ** 2).mean()
        for judge, real, fake in ((s.critic_a, a, back), (s.critic_b, b, there))
    )
    fooled = ((s.critic_b(there) - 1) ** 2).mean() + ((s.critic_a(back) - 1) ** 2).mean()
    cycle = np.abs(s.b_to_a(there) - a).mean() + np.abs(s.a_to_b(back) - b).mean()
    same = np.abs(s.a_to_b(b) - b).mean() + np.abs(s.b_to_a(a) - a).mean()
    generator = fooled + s.hp.cycle_weight * cycle + s.hp.identity_weight * same
    return {"critic": critic / 2, "generator": generator}
