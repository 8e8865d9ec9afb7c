"""Objectives of translation: from domain to domain, without and with pairs."""

from __future__ import annotations

import numpy as np

from tests.variants.forms.networks import nll
from tests.variants.forms.notes import cross_entropy, form, logistic


@form("cyclegan")
def cyclegan(s):
    a, b = s.domain_a, s.domain_b
    there, back = s.a_to_b(a), s.b_to_a(b)
    critic = sum(
        ((judge(real) - (1 - s.hp.label_smoothing)) ** 2).mean() + (judge(fake) ** 2).mean()
        for judge, real, fake in ((s.critic_a, a, back), (s.critic_b, b, there))
    )
    fooled = ((s.critic_b(there) - 1) ** 2).mean() + ((s.critic_a(back) - 1) ** 2).mean()
    cycle = np.abs(s.b_to_a(there) - a).mean() + np.abs(s.a_to_b(back) - b).mean()
    same = np.abs(s.a_to_b(b) - b).mean() + np.abs(s.b_to_a(a) - a).mean()
    adversary = s.hp.adversarial_weight * fooled / 2
    generator = adversary + s.hp.cycle_weight * cycle + s.hp.identity_weight * same
    return {"critic": critic / 2, "generator": generator}


@form("discogan")
def discogan(s):
    """The program's sums, in which r = cycle_share; activations of the second and third hidden layer."""
    a, b = s.domain_a, s.domain_b
    there, back = s.a_to_b(a), s.b_to_a(b)
    r, f = s.hp.cycle_share, s.hp.feature_share
    critic = generator = 0.0
    for judge, real, fake in ((s.critic_a, a, back), (s.critic_b, b, there)):
        critic += logistic(judge(real), judge(fake), s.hp)
        layers = list(zip(judge.activations(real), judge.activations(fake), strict=True))[1:]
        matching = sum(((of_real.mean(0) - of_fake.mean(0)) ** 2).mean() for of_real, of_fake in layers)
        generator += (1 - r) * ((1 - f) * cross_entropy(judge(fake), 1) + f * matching)
    cycle = ((s.b_to_a(there) - a) ** 2).mean() + ((s.a_to_b(back) - b) ** 2).mean()
    return {"critic": critic, "generator": generator + r * cycle}


@form("dualgan")
def dualgan(s):
    u, v = s.domain_a, s.domain_b
    in_v, in_u = s.a_to_b(u), s.b_to_a(v)
    critic = s.critic_b(in_v).mean() - s.critic_b(v).mean() + s.critic_a(in_u).mean() - s.critic_a(u).mean()
    lost = np.abs(u - s.b_to_a(in_v)).mean() + np.abs(v - s.a_to_b(in_u)).mean()
    fooled = s.critic_b(in_v).mean() + s.critic_a(in_u).mean()
    return {"critic": critic, "generator": s.hp.cycle_weight * lost - fooled}


@form("stargan")
def stargan(s):
    """D, then logits of 3 domains; the translator reads a sample and a target domain."""
    x, origin = s.domains["real"], s.domains["domain"]
    target = origin[s.order]
    fake = s.generator(x, np.eye(3)[target])
    of_real, of_fake = s.critic(x), s.critic(fake)
    along = s.interpolation[:, None]
    slope = np.linalg.norm(s.critic.slope(along * x + (1 - along) * fake), axis=1)
    critic = of_fake[:, 0].mean() - of_real[:, 0].mean() + s.hp.class_weight * nll(of_real[:, 1:], origin)
    lost = np.abs(s.generator(fake, np.eye(3)[origin]) - x).mean()
    generator = s.hp.class_weight * nll(of_fake[:, 1:], target) + s.hp.cycle_weight * lost
    return {
        "critic": critic + s.hp.penalty_weight * ((slope - 1) ** 2).mean(),
        "generator": generator - of_fake[:, 0].mean(),
    }


@form("unit")
def unit(s):
    a, b = s.domain_a, s.domain_b
    h_a, h_b = s.encoder_a(a), s.encoder_b(b)
    into_b, into_a = s.decoder_b(h_a + s.around_a), s.decoder_a(h_b + s.around_b)
    h_ab, h_ba = s.encoder_b(into_b), s.encoder_a(into_a)
    judged = ((s.critic_a, a, into_a), (s.critic_b, b, into_b))
    critic = sum(
        ((judge(real) - (1 - s.hp.label_smoothing)) ** 2).mean() / 2 + (judge(fake) ** 2).mean() / 2
        for judge, real, fake in judged
    )
    fooled = sum(((judge(fake) - 1) ** 2).mean() / 2 for judge, _, fake in judged)
    own = np.abs(s.decoder_a(h_a + s.around_a) - a).mean() + np.abs(s.decoder_b(h_b + s.around_b) - b).mean()
    there = np.abs(s.decoder_a(h_ab + s.around_ab) - a).mean()
    cycle = there + np.abs(s.decoder_b(h_ba + s.around_ba) - b).mean()
    prior = sum((h**2).mean() for h in (h_a, h_b, h_ab, h_ba))
    weighed = s.hp.own_weight * own + s.hp.cycle_weight * cycle + s.hp.prior_weight * prior
    return {"critic": critic, "generator": s.hp.adversarial_weight * fooled + weighed}


@form("pix2pix")
def pix2pix(s):
    """The critic sees the output beside its input, of the same pair; the distance is a mean over pixels."""
    a, b = s.pairs["a"], s.pairs["b"]
    made = s.generator(a)
    fake = s.critic(made, a)
    away = s.hp.l1_weight * np.abs(made - b).mean()
    return {
        "critic": logistic(s.critic(b, a), fake, s.hp),
        "generator": s.hp.adversarial_weight * cross_entropy(fake, 1) + away,
    }


@form("pix2pix-l1")
def pix2pix_l1(s):
    return {"generator": np.abs(s.generator(s.pairs["a"]) - s.pairs["b"]).mean()}


@form("bicyclegan")
def bicyclegan(s):
    """Two critics of outputs alone, real ones of the pairs and others; codes train the generator alone."""
    a, b = s.pairs["a"], s.pairs["b"]
    mean, log_variance = s.encoder(b)
    encoded = s.generator(a, mean + np.sqrt(np.exp(log_variance)) * s.around)
    drawn = s.generator(a, s.latent)
    target = 1 - s.hp.label_smoothing
    critic = sum(
        ((judge(real) - target) ** 2).mean() / 2 + (judge(fake) ** 2).mean() / 2
        for judge, real, fake in ((s.critic_encoded, b, encoded), (s.critic_drawn, s.real, drawn))
    )
    fooled = ((s.critic_encoded(encoded) - 1) ** 2).mean() / 2
    fooled_too = ((s.critic_drawn(drawn) - 1) ** 2).mean() / 2
    away = s.hp.l1_weight * np.abs(encoded - b).mean()
    regressed = s.hp.latent_weight * np.abs(s.encoder(drawn)[0] - s.latent).mean()
    divergence = -0.5 * (1 + log_variance - mean**2 - np.exp(log_variance)).sum(1).mean()
    adversary = s.hp.adversarial_weight
    return {
        "critic": critic,
        "generator": adversary * (fooled + fooled_too) + away + regressed,
        "encoder": adversary * fooled + away + s.hp.prior_weight * divergence,
    }


@form("munit")
def munit(s):
    """Contents and styles apart; drawn styles in translations; the contents compared are both trained."""
    a, b = s.domain_a, s.domain_b
    c_a, c_b, s_a, s_b = s.content_a(a), s.content_b(b), s.style_a(a), s.style_b(b)
    into_a, into_b = s.decoder_a(c_b, s.drawn_a), s.decoder_b(c_a, s.drawn_b)
    c_ab, c_ba = s.content_b(into_b), s.content_a(into_a)
    judged = ((s.critic_a, a, into_a), (s.critic_b, b, into_b))
    critic = sum(
        ((judge(real) - (1 - s.hp.label_smoothing)) ** 2).mean() / 2 + (judge(fake) ** 2).mean() / 2
        for judge, real, fake in judged
    )
    fooled = sum(((judge(fake) - 1) ** 2).mean() / 2 for judge, _, fake in judged)
    own = np.abs(s.decoder_a(c_a, s_a) - a).mean() + np.abs(s.decoder_b(c_b, s_b) - b).mean()
    style = np.abs(s.style_a(into_a) - s.drawn_a).mean() + np.abs(s.style_b(into_b) - s.drawn_b).mean()
    content = np.abs(c_ab - c_a).mean() + np.abs(c_ba - c_b).mean()
    cycle = np.abs(s.decoder_a(c_ab, s_a) - a).mean() + np.abs(s.decoder_b(c_ba, s_b) - b).mean()
    weighed = s.hp.own_weight * own + s.hp.style_weight * style
    weighed += s.hp.content_weight * content + s.hp.cycle_weight * cycle
    return {"critic": critic, "generator": s.hp.adversarial_weight * fooled + weighed}
