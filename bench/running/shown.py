"""Samples and outputs that are kept of a trial for pictures, bounded in number and in bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.bench.engine.model import CALIBRATION_SAMPLES
from gan_bench.bench.metrics.outputs import Output, Query, queries
from gan_bench.variants.declarations import Ability

IMAGES_KEPT = 100
POINTS_KEPT = 2_500
IMAGES_ON_THE_WAY = 36
POINTS_ON_THE_WAY = 500
BYTES_ON_THE_WAY = 200_000
ROWS_BESIDE = 16
BYTES_BESIDE = 1_000_000
LARGEST = 6e4  # float16 ends at 65504


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


def small(rows: Tensor) -> np.ndarray:
    """Return floats as float16 within its range, and whole numbers in the smallest type that holds them."""
    values = rows.cpu().numpy()
    if rows.is_floating_point():
        return np.clip(values, -LARGEST, LARGEST).astype(np.float16)
    return values.astype(np.min_scalar_type(values.max(initial=0)), copy=False)


def side_by_side(output: Output, weights: str) -> dict[str, np.ndarray]:
    """Return inputs, outputs and what should have been made of a few rows, for pictures side by side.

    Args:
        output: of an ability with inputs.
        weights: the name of the weights in the record: `final` or `ema`.

    Returns:
        `ABILITY.given.FIELD`, `ABILITY.WEIGHTS` (the outputs), `ABILITY.WEIGHTS.draws` (outputs of all draws,
        shape (draws, n, ...), where there are several) and `ABILITY.target`, where the data pair one. Row i
        of all belongs to input i. Nothing where outputs are not finite, as rows then belong to no input.
    """
    query = output.query
    if output.broken:
        return {}
    shown: dict[str, Tensor] = {f"given.{field}": rows for field, rows in query.given.items()}
    shown[weights] = output.first
    target = query.paired(query.makes) if query.makes else None
    if target is not None:
        shown["target"] = target
    few = {f"{query.name}.{name}": _few(rows) for name, rows in shown.items()}
    if query.draws > 1:
        few[f"{query.name}.{weights}.draws"] = _few(output.rows, along=1)
    return few


def _few(rows: Tensor, along: int = 0) -> np.ndarray:
    """Return at most `ROWS_BESIDE` rows, and no more than fit `BYTES_BESIDE`, but one at least."""
    one = small(rows.narrow(along, 0, 1)).nbytes
    count = max(1, min(ROWS_BESIDE, BYTES_BESIDE // max(1, one)))
    return small(rows.narrow(along, 0, min(count, rows.shape[along])))


def unasked(abilities: Mapping[str, Ability], asked: Collection[str], dataset: Any) -> Iterator[Query]:
    """Yield queries on test inputs of abilities that no metric asks for and that make a field of the data.

    There are as many inputs as BatchNorm's statistics are estimated from, although fewer are kept.
    """
    for name, ability in abilities.items():
        if name not in asked and ability.inputs and ability.makes:
            of_splits = queries(name, abilities, dataset, CALIBRATION_SAMPLES)
            yield from (query for query in of_splits if query.split == "test")
