"""Mode metrics for mixtures with known modes, by VEEGAN's 3 sigma rule (Srivastava et al. 2017, sec. 4.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.metrics.base import Undefined
from bench.metrics.registry import register
from bench.metrics.samples import Samples
from datasets.base import Truth

SIGMAS = 3.0

_FIELDS: dict[str, Any] = {
    "kinds": ("scalar", "planar"),
    "truth": ("modes", "mode_std"),
    "settings": {"sigmas": SIGMAS},
}


@register("modes", title="Modes captured", direction="max", low=0.0, splits=("test", "validation"), **_FIELDS)
def modes(fake: Samples, _real: Samples, truth: Truth) -> float:
    """Number of modes with at least one high-quality sample."""
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
    """Fraction of samples within 3 sigma of their nearest mode (the data's own is 1 - exp(-9/2) in 2-D)."""
    return float(histogram(fake, truth).sum() / len(fake))


@register("off_mode", title="Off-mode mass", direction="min", low=0.0, high=1.0, **_FIELDS)
def off_mode(fake: Samples, _real: Samples, truth: Truth) -> float:
    """Fraction of samples farther than 3 sigma from every mode."""
    return float(1 - histogram(fake, truth).sum() / len(fake))


@register("reverse_kl", title="Reverse KL over modes", direction="min", low=0.0, unit="nats", **_FIELDS)
def reverse_kl(fake: Samples, _real: Samples, truth: Truth) -> float:
    """KL(generated || uniform) over modes, each high-quality sample counted at its nearest mode.

    In the manner of Lin et al. 2018 (PacGAN); from 0 to log(number of modes). Undefined without a
    high-quality sample. It says nothing of the samples off the modes: read it beside `off_mode`.
    """
    counts = histogram(fake, truth)
    if not counts.sum():
        raise Undefined("no sample is within 3 sigma of a mode")
    share = counts[counts > 0] / counts.sum()
    return max(0.0, float(np.sum(share * np.log(share * len(counts)))))


def histogram(fake: Samples, truth: Truth) -> np.ndarray:
    """How many samples lie within 3 sigma of each mode, counted at the nearest one, shape (modes,)."""
    assert truth.modes is not None
    assert truth.mode_std is not None
    centres = truth.modes.double().cpu().numpy().reshape(len(truth.modes), -1)
    # Coordinate by coordinate: NumPy is slow to sum over a short last axis.
    axes = zip(fake.points.T, centres.T, strict=True)
    squared = np.sum([np.square(np.subtract.outer(x, c)) for x, c in axes], axis=0)
    nearest = squared.argmin(1)
    near = squared.min(1) <= (SIGMAS * truth.mode_std) ** 2
    return np.bincount(nearest[near], minlength=len(centres))
