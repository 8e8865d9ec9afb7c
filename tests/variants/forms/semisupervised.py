"""Games that classify: one softmax over the classes and FAKE, whose logit is minus the critic's score."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_expit, log_softmax, logsumexp

from tests.variants.forms.networks import nll
from tests.variants.forms.notes import cross_entropy, form, logistic


def chances(out):
    """Return log p of every class and, last, of FAKE.

    Four outputs are the score, minus FAKE's logit, and the logits of three classes; three are those alone,
    and FAKE has the logit 0.
    """
    fake = -out[:, :1] if out.shape[1] == 4 else np.zeros((len(out), 1))
    return log_softmax(np.hstack([out[:, -3:], fake]), axis=1)


def unlikelihood(out, labels):
    """Mean of -log p(y | x)."""
    return -chances(out)[np.arange(len(labels)), labels].mean()


def of_labels(s):
    return unlikelihood(s.critic(s.labelled["real"]), s.labelled["label"])


def any_class(out):
    """log(1 - p(FAKE)), the sum over the classes."""
    return logsumexp(chances(out)[:, :-1], axis=1)


def critic_of(s, fake):
    """Smoothing moves a share of the target of unlabelled samples to FAKE."""
    real = s.critic(s.real)
    a = s.hp.label_smoothing
    unlabelled = -(1 - a) * any_class(real).mean() - a * chances(real)[:, -1].mean()
    generated = -chances(s.critic(fake))[:, -1].mean()
    return unlabelled + generated + s.hp.label_weight * of_labels(s)


@form("sgan")
def sgan(s):
    return {"critic": critic_of(s, s.fake), "generator": -any_class(s.critic(s.fake)).mean()}


@form("sgan-n")
def sgan_n(s):
    """With FAKE at 0, the score is log Z and the critic that of the logistic objective."""
    score = {name: logsumexp(s.critic(x), axis=1) for name, x in (("real", s.real), ("fake", s.fake))}
    assert any_class(s.critic(s.real)) == pytest.approx(log_expit(score["real"]))
    critic = logistic(score["real"], score["fake"], s.hp) + s.hp.label_weight * of_labels(s)
    return {"critic": critic, "generator": cross_entropy(score["fake"], 1)}


@form("sgan-fm")
def sgan_fm(s):
    """The affine critic's hidden activations are its inputs times the first row of its weights."""
    apart = (s.real.mean(0) - s.fake.mean(0)) * s.critic.weight[0]
    return {"critic": critic_of(s, s.fake), "generator": (apart**2).mean()}


@form("ccgan")
def ccgan(s):
    """Images of 1x2 pixels, of which one is a hole; a score beside the logits of the classes alone."""
    x, gap = s.real.reshape(-1, 2), s.hole.reshape(-1, 2)
    assert (gap.sum(1) == 1).all()
    made = s.generator((1 - gap) * x)
    real, fake = s.critic(x), s.critic(gap * made + (1 - gap) * x)
    of = s.labelled
    classes = nll(s.critic(of["real"].reshape(-1, 2))[:, 1:], of["label"])
    critic = logistic(real[:, 0], fake[:, 0], s.hp) + s.hp.label_weight * classes
    return {"critic": critic, "generator": cross_entropy(fake[:, 0], 1)}


@form("supervised")
def supervised(s):
    return {"critic": of_labels(s)}


@form("supervised-all")
def supervised_all(s):
    return {"critic": of_labels(s)}
