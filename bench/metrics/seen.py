"""Training rows as the real side of metrics that show memorisation."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset
from gan_bench.datasets.sources import IndexedSource

MOST = 10_000
"""Largest number of training images whose features are extracted."""
PIXELS = 2**27
"""Largest number of values in them: 2,730 colour images of 128x128."""


def seen_count(dataset: Dataset) -> int:
    """Return the number of rows of `seen_rows`, 0 for infinite data."""
    source = dataset.stream("real", "train")
    return _count(dataset, "real", source) if isinstance(source, IndexedSource) else 0


def seen_rows(dataset: Dataset, field: str = "real") -> Tensor:
    """Return a field's raw training split of finite data, at most `MOST` rows and `PIXELS` values, spread."""
    source = dataset.stream(dataset.home(field), "train")
    assert isinstance(source, IndexedSource)
    count = _count(dataset, field, source)
    rows = source.gather(torch.arange(count) * len(source) // count)
    return rows[field] if isinstance(rows, dict) else rows


def _count(dataset: Dataset, field: str, source: IndexedSource) -> int:
    return max(1, min(MOST, len(source), PIXELS // math.prod(dataset.spaces[field].shape)))
