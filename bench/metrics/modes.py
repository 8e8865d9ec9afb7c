"""Mode metrics for mixtures with known modes, by VEEGAN's rule (Srivastava et al. 2017, sec. 4.1).

A sample is of high quality within `quality_sigmas` of its nearest mode: 3, or what the dataset's truth says.
Modes weigh what the truth says; where it says nothing, what the reference samples of the split do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from gan_bench.bench.metrics.histograms import divergence, shares
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

_FIELDS: dict[str, Any] = {"truth": ("modes", "mode_std"), "settings": {"sigmas": "the truth's"}}


@register(
    "modes",
    title="Modes captured",
    direction="max",
    low=0.0,
    splits=("test", "validation"),
    target=lambda truth: None if truth.modes is None else len(truth.modes),
    **_FIELDS,
)
def modes(fake: Samples, _real: Samples, truth: Truth) -> float:
    """Number of modes with at least one high-quality sample, whatever their weights: see `reverse_kl`."""
    return float(np.count_nonzero(histogram(fake, truth)))


@register(
    "high_quality",
    title="High-quality fraction",
    direction="max",
    low=0.0,
    high=1.0,
    splits=("test", "validation"),
    **_FIELDS,
)
def high_quality(fake: Samples, _real: Samples, truth: Truth) -> float:
    """Fraction of samples near their nearest mode (the data's own is 1 - exp(-9/2) in 2-D at 3 sigma)."""
    return float(histogram(fake, truth).sum() / len(fake))


@register("off_mode", title="Off-mode mass", direction="min", low=0.0, high=1.0, **_FIELDS)
def off_mode(fake: Samples, _real: Samples, truth: Truth) -> float:
    """Fraction of samples that are not near any mode."""
    return float(1 - histogram(fake, truth).sum() / len(fake))


@register(
    "reverse_kl",
    title="Reverse KL over modes",
    direction="min",
    low=0.0,
    unit="nats",
    version=2,  # 2: modes have weights
    truth=_FIELDS["truth"],
    settings={**_FIELDS["settings"], "weights": "the truth's, else the reference's"},
)
def reverse_kl(fake: Samples, real: Samples, truth: Truth) -> float:
    """KL(generated || data) over modes, each high-quality sample counted at its nearest mode.

    In the manner of Lin et al. 2018 (PacGAN); from 0 to -log(least weight), for equal modes the logarithm of
    their number. Undefined without a high-quality sample. It says nothing of the samples off the modes: read
    it beside `off_mode`.
    """
    return divergence(_shares(fake, truth), mode_weights(real, truth), "modes")


def mode_weights(real: Samples, truth: Truth) -> np.ndarray:
    """Probability of each mode, shape (modes,): the truth's, else the shares among the reference `real`."""
    return real.once(_shares, truth) if truth.weights is None else np.array(truth.weights)


def _shares(samples: Samples, truth: Truth) -> np.ndarray:
    return shares(histogram(samples, truth), f"samples within {truth.quality_sigmas:g} sigma of a mode")


def histogram(fake: Samples, truth: Truth) -> np.ndarray:
    """How many high-quality samples each mode has, counted at the nearest one, shape (modes,)."""
    assert truth.modes is not None
    assert truth.mode_std is not None
    nearest, distance = nearest_modes(fake, truth)
    near = distance <= truth.quality_sigmas * truth.mode_std
    return np.bincount(nearest[near], minlength=len(truth.modes))


def nearest_modes(fake: Samples, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """Number of each sample's nearest mode and its distance from it, shape (n,) both."""
    assert truth.modes is not None
    distances = cdist(fake.points, truth.modes.double().cpu().numpy().reshape(len(truth.modes), -1))
    return distances.argmin(1), distances.min(1)
