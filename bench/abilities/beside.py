"""Outputs of abilities beside their inputs, and beside what should have been made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.bench.abilities.bounded import few
from gan_bench.bench.engine.model import CALIBRATION_SAMPLES
from gan_bench.bench.metrics.outputs import Output, Query, queries
from gan_bench.variants.declarations import Ability

ROWS = 16
POINTS = 200
"""Rows of one or two numbers each, which a plane shows together."""


def side_by_side(output: Output, weights: str) -> dict[str, np.ndarray]:
    """Return inputs, outputs and what should have been made of a few rows, for pictures side by side.

    Args:
        output: of an ability with inputs.
        weights: the name of the weights in the record: `final` or `ema`.

    Returns:
        `ABILITY.given.FIELD`, `ABILITY.WEIGHTS` (the outputs), `ABILITY.WEIGHTS.draws` (outputs of all draws,
        shape (draws, n, ...), where there are several), `ABILITY.target`, where the data pair one, and
        `ABILITY.hole` (n, 1, height, width), where the game fills holes that it draws. Row i of all belongs
        to input i. Nothing where outputs are not finite, as rows then belong to no input, for codes and other
        outputs that are no field, and for outputs of labels alone.
    """
    query = output.query
    if output.broken or not query.makes or not {*query.given} - {"label"}:
        return {}
    shown: dict[str, Tensor] = {f"given.{field}": rows for field, rows in query.given.items()}
    shown[weights] = output.first
    target = query.paired(query.makes)
    if target is not None:
        shown["target"] = target
    most = POINTS if output.first[0].numel() <= 2 else ROWS
    if (hole := _hole(output)) is not None:
        shown["hole"] = hole
    kept = {f"{query.name}.{name}": few(rows, most) for name, rows in shown.items()}
    if query.draws > 1:
        kept[f"{query.name}.{weights}.draws"] = few(output.rows, most, along=1)
    return kept


def _hole(output: Output) -> Tensor | None:
    """Return the holes of the outputs' own draws, 1 within; None for an ability that fills none."""
    query = output.query
    makes, fills = query.abilities.get("hole"), query.abilities.get(query.name)
    if output.make is None or makes is None or fills is None or not {*makes.noise} <= {*fills.noise}:
        return None
    return output.make(Query("hole", makes.makes, query.count, abilities=query.abilities)).rows


def unasked(abilities: Mapping[str, Ability], asked: Collection[str], dataset: Any) -> Iterator[Query]:
    """Yield queries on test inputs of abilities that no metric asks for and that make a field of the data.

    There are as many inputs as BatchNorm's statistics are estimated from, although fewer are kept.
    """
    for name, ability in abilities.items():
        if name not in asked and ability.inputs and ability.makes:
            of_splits = queries(name, abilities, dataset, CALIBRATION_SAMPLES)
            yield from (query for query in of_splits if query.split == "test")
