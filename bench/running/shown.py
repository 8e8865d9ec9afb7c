"""Samples that are kept of a trial for pictures, bounded in number and in bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.bench.abilities.bounded import small

IMAGES_KEPT = 100
POINTS_KEPT = 2_500
IMAGES_ON_THE_WAY = 36
POINTS_ON_THE_WAY = 500
BYTES_ON_THE_WAY = 200_000


def most_kept(dataset: Any) -> int:
    """Return the number of samples of the end, generated and real, that reports show."""
    return POINTS_KEPT if dataset.kind in ("scalar", "planar") else IMAGES_KEPT


def on_the_way(samples: Tensor, made: int) -> np.ndarray | None:
    """Return a few of the samples, small enough for every point; None for what has no picture.

    None as well where too few of the `made` are finite: every point of a film shows equally many.
    """
    size = int(np.prod(samples.shape[1:]))
    if samples.ndim == 2 and size > 2:
        return None
    most = (
        POINTS_ON_THE_WAY if samples.ndim == 2 else max(1, min(IMAGES_ON_THE_WAY, BYTES_ON_THE_WAY // size))
    )
    return None if len(samples) < min(most, made) else small(samples[:most])
