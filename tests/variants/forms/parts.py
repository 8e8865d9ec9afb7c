"""The same with penalties, packs and normalised critics."""

from __future__ import annotations

import numpy as np

from tests.variants.forms import scores  # noqa: F401 - notes what the parts are added to
from tests.variants.forms.notes import FORMS, form, of_scores


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
