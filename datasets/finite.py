"""Rows without NaN and infinity, the only ones with a raw value, a picture or a score."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Restored(NamedTuple):
    """Generated samples on the raw scale.

    Attributes:
        rows: the finite samples in their order, shape (n, *shape).
        broken: number of samples that were left out because a value of them is not finite.
    """

    rows: Tensor
    broken: int


def all_finite(values: Tensor) -> bool:
    """Return whether no value is NaN or infinite; integers never are."""
    if not values.is_floating_point() or not values.numel():
        return True
    # The extremes suffice, and take a tenth of the time of a test of every value.
    return bool(torch.stack(values.aminmax()).isfinite().all())


def finite_rows(rows: Tensor) -> Tensor:
    """Return the rows, shape (n, ...), that hold finite values only: `rows` itself where all do."""
    return rows if all_finite(rows) else rows[rows.isfinite().flatten(1).all(1)]
