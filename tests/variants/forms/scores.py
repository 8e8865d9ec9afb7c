"""Objectives that are functions of real and fake scores."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit

from tests.variants.forms.notes import SCORES, away, cross_entropy, hinge, logistic, scored


@scored("gan")
def gan(real, fake, hp):
    return logistic(real, fake, hp), log_expit(-fake).mean()


@scored("nsgan")
def nsgan(real, fake, hp):
    return logistic(real, fake, hp), -log_expit(fake).mean()


@scored("lsgan")
def lsgan(real, fake, hp):
    b = 1 - hp.label_smoothing
    return 0.5 * ((real - b) ** 2).mean() + 0.5 * (fake**2).mean(), 0.5 * ((fake - 1) ** 2).mean()


@scored("bgan")
def bgan(real, fake, hp):
    difference = log_expit(fake) - log_expit(-fake)
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


# Players that make both kinds of samples (BiGAN's encoder and generator): the labels exchanged

EXCHANGED = {
    "gan": lambda real, fake, hp: log_expit(real).mean() + log_expit(-fake).mean(),
    "nsgan": lambda real, fake, hp: -log_expit(-real).mean() - log_expit(fake).mean(),
    "lsgan": lambda real, fake, hp: 0.5 * (real**2).mean() + 0.5 * ((fake - 1) ** 2).mean(),
    "bgan": lambda real, fake, hp: 0.5 * (real**2).mean() + 0.5 * (fake**2).mean(),
    "wgan": lambda real, fake, hp: real.mean() - fake.mean(),
    "hinge": lambda real, fake, hp: real.mean() - fake.mean(),
}
"""Objectives that compare samples have their generator's loss in both kinds of games, and no entry here."""


def exchanged(name, real, fake, hp):
    """Return the loss of a player that makes both kinds of samples."""
    return EXCHANGED[name](real, fake, hp) if name in EXCHANGED else SCORES[name](real, fake, hp)[1]
