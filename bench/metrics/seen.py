"""Training rows that metrics compare with: a generator that memorises is nearer to them than to test rows."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset
from gan_bench.datasets.sources import IndexedSource

MOST = 10_000
"""Images of the training split that features are extracted of: all of a smaller one."""


def seen_count(dataset: Dataset) -> int:
    """Return the number of rows of `seen_rows`, 0 for infinite data."""
    source = dataset.stream("real", "train")
    return min(MOST, len(source)) if isinstance(source, IndexedSource) else 0


def seen_rows(dataset: Dataset) -> Tensor:
    """Return the training split of finite data, raw; of more than `MOST` rows so many, evenly spread."""
    source, count = dataset.stream("real", "train"), seen_count(dataset)
    assert isinstance(source, IndexedSource)
    rows = source.gather(torch.arange(count) * len(source) // count)
    assert isinstance(rows, Tensor)
    return rows
