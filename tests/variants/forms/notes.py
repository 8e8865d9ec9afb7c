"""The table of closed forms, and the terms that several of them share."""

from __future__ import annotations

import numpy as np
from scipy.special import log_expit

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
    """Return real scores minus the mean fake one, and fake scores minus the mean real one."""
    real, fake = scores
    return real - fake.mean(), fake - real.mean()


def hinge(margins):
    """Mean of max(0, 1 - m)."""
    return np.maximum(0, 1 - margins).mean()
