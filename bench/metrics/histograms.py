"""Histograms over modes or classes, and bounds for values that rounding brings out of their range."""

from __future__ import annotations

import math

import numpy as np

from gan_bench.bench.metrics.base import Undefined


def bounded(value: float, low: float, high: float = math.inf) -> float:
    """Return a value that only rounding can bring below `low` or above `high`, back at that bound.

    NaN stays NaN; `max(0.0, nan)` is 0, which for most metrics is the perfect score.
    """
    return value if math.isnan(value) else max(low, min(high, value))


def shares(counts: np.ndarray, of: str) -> np.ndarray:
    """Return the share of each bin, shape (n,).

    Raises:
        Undefined: for an empty histogram; the reason is that there are no `of`.
    """
    if not counts.sum():
        raise Undefined(f"there are no {of}")
    return counts / counts.sum()


def divergence(share: np.ndarray, expected: np.ndarray, of: str) -> float:
    """Return KL(share || expected) = sum of share log(share / expected) in nats; shape (n,) both.

    Raises:
        Undefined: where a bin with a share is not expected at all, which makes it infinite; `of` names the
            bins in the reason.
    """
    seen = share > 0
    if strangers := int(np.count_nonzero(expected[seen] == 0)):
        raise Undefined(f"{strangers} of {np.count_nonzero(seen)} generated {of} have no reference sample")
    return bounded(float(np.sum(share[seen] * np.log(share[seen] * (1 / expected[seen])))), 0.0)
