"""Terms of losses that several variants share, on scores ``[batch]`` and on codes ``[batch, n]``."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus


def is_off(weight: float | Tensor) -> bool:
    """Return whether a weight is the constant 0, so that its term need not be computed."""
    return isinstance(weight, float) and weight == 0.0


def real_loss(logits: Tensor, smoothing: float | Tensor = 0.0) -> Tensor:
    """Return the cross-entropy to the target 1: mean of -log sigmoid(s), with one-sided label smoothing.

    With smoothing a the target is 1 - a (Salimans et al. 2016, section 3.4): softplus(-s) + a s.
    """
    loss = softplus(-logits).mean()
    return loss if is_off(smoothing) else loss + smoothing * logits.mean()


def fake_loss(logits: Tensor) -> Tensor:
    """Return the cross-entropy to the target 0: mean of -log(1 - sigmoid(s)) = softplus(s)."""
    return softplus(logits).mean()


def squared_error(scores: Tensor, target: float | Tensor) -> Tensor:
    """Return the mean of (s - target)^2."""
    return (scores - target).square().mean()


def divergence_from_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(mean, exp(log_variance)) || N(0, I)), the sum over dimensions and mean over samples.

    Kingma & Welling 2014 (arXiv:1312.6114), appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(1).mean()
