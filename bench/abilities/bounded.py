"""Rows that are kept for pictures, bounded in number and in bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor

LARGEST = 6e4  # float16 ends at 65504
BYTES = 1_000_000
"""Bytes at most of one kept array, before compression."""


def small(rows: Tensor) -> np.ndarray:
    """Return floats as float16 within its range, and whole numbers in the smallest type that holds them."""
    values = rows.cpu().numpy()
    if rows.is_floating_point():
        return np.clip(values, -LARGEST, LARGEST).astype(np.float16)
    return values.astype(np.min_scalar_type(values.max(initial=0)), copy=False)


def few(rows: Tensor, most: int, along: int = 0) -> np.ndarray:
    """Return at most `most` rows, and no more than fit `BYTES`, but one at least."""
    one = small(rows.narrow(along, 0, 1)).nbytes
    return small(rows.narrow(along, 0, min(fitting(most, one), rows.shape[along])))


def bytes_of(shape: Sequence[int]) -> int:
    """Return the bytes of one kept sample: a byte for each value of an image, two for each other number."""
    return math.prod(shape) * (1 if len(shape) == 3 else 2)


def fitting(most: int, one: int) -> int:
    """Return how many of `most` items of `one` bytes each fit `BYTES`; one at least."""
    return max(1, min(most, BYTES // max(1, one)))
