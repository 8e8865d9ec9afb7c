"""Mode metrics for mixtures with known modes, by VEEGAN's rule (Srivastava et al. 2017, sec. 4.1).

A sample is of high quality within `quality_sigmas` standard deviations of its nearest mode (3 unless the
truth states another number). Modes have the truth's weights, else their shares among the split's reference
samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_bench.bench.metrics.blocks import blocks
from gan_bench.bench.metrics.histograms import divergence, shares
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

_FIELDS: dict[str, Any] = {"truth": ("modes", "mode_std"), "settings": {"sigmas": "the truth's"}}


@register(
    "modes",
    title="Modes captured",
    unit="count",
    direction="max",
    low=0.0,
    splits=("test", "validation"),
    ranks=("modes",),
    target=lambda truth: None if truth.modes is None else len(truth.modes),
    **_FIELDS,
)
def modes(made: Samples, _target: Samples, truth: Truth) -> float:
    """Number of modes with at least one high-quality sample.

    The weights of the modes play no part; `reverse_kl` compares them.
    """
    return float(np.count_nonzero(histogram(made, truth)))


@register(
    "high_quality",
    title="High-quality samples",
    unit="fraction of generated",
    direction="max",
    low=0.0,
    high=1.0,
    splits=("test", "validation"),
    ranks=("modes",),
    **_FIELDS,
)
def high_quality(made: Samples, _target: Samples, truth: Truth) -> float:
    """Fraction of samples within a few standard deviations of their nearest mode.

    Of normal modes in two dimensions the data's own value is 1 - exp(-9 / 2) = 0.989 at 3 sigma.
    """
    return float(histogram(made, truth).sum() / len(made))


@register(
    "off_mode",
    title="Off-mode mass",
    unit="fraction of generated",
    direction="min",
    low=0.0,
    high=1.0,
    **_FIELDS,
)
def off_mode(made: Samples, _target: Samples, truth: Truth) -> float:
    """Fraction of samples that are not near any mode."""
    return float(1 - histogram(made, truth).sum() / len(made))


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
def reverse_kl(made: Samples, target: Samples, truth: Truth) -> float:
    """KL divergence from the data's mode weights to the shares of high-quality samples; 0 is equal.

    KL(generated || data), as in Lin et al. 2018 (PacGAN), each high-quality sample counted at its nearest
    mode; from 0 to -log(least weight), which for equal modes is the logarithm of their number. Undefined
    without a high-quality sample. Samples off the modes play no part; `off_mode` counts them.
    """
    return divergence(_shares(made, truth), mode_weights(target, truth), "modes")


def mode_weights(real: Samples, truth: Truth) -> np.ndarray:
    """Return the probability of each mode, shape (modes,): the truth's, else its share among `real`."""
    return real.once(_shares, truth) if truth.weights is None else np.array(truth.weights)


def _shares(samples: Samples, truth: Truth) -> np.ndarray:
    return shares(histogram(samples, truth), f"samples within {truth.quality_sigmas:g} sigma of a mode")


def histogram(made: Samples, truth: Truth) -> np.ndarray:
    """Return the number of high-quality samples of each mode, counted at the nearest one, shape (modes,)."""
    assert truth.modes is not None
    assert truth.mode_std is not None
    nearest, distance = nearest_modes(made, truth)
    near = distance <= truth.quality_sigmas * truth.mode_std
    return np.bincount(nearest[near], minlength=len(truth.modes))


def nearest_modes(made: Samples, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """Return the index of each sample's nearest mode and the distance to it, shape (n,) both."""
    from scipy.spatial.distance import cdist  # a third of a second that images should not wait for

    assert truth.modes is not None
    points, modes = made.coordinates, truth.modes.double().cpu().numpy().reshape(len(truth.modes), -1)
    nearest, distance = np.empty(len(points), dtype=np.intp), np.empty(len(points))
    for rows in blocks(len(points), len(modes) * points.itemsize):
        distances = cdist(points[rows], modes)
        nearest[rows], distance[rows] = distances.argmin(1), distances.min(1)
    return nearest, distance
