"""Rows of an evaluation: a measurement with its place in the training, and the choice of the best point."""

from __future__ import annotations

import math
from typing import Any

Row = dict[str, Any]


def row_of(measured: Any, **more: Any) -> Row:
    """Return a `bench.metrics.Measurement` as a row of plain values, with `more` columns."""
    return {
        "metric": measured.metric,
        "value": measured.value if math.isfinite(measured.value) else None,
        "reason": measured.reason,
        "version": measured.version,
        "direction": measured.direction,
        "target": measured.target,
        "split": measured.split,
        "samples": measured.samples,
        **more,
    }


def best_rows(rows: list[Row], ranking: tuple[str, ...]) -> list[Row]:
    """Return the test rows, per kind of weights, of the point that is best on the validation split.

    The first of `ranking` decides, the others break ties, then the earlier point; without a validation score
    there is no best point.
    """
    best: list[Row] = []
    for weights in dict.fromkeys(row["weights"] for row in rows):
        curve = [row for row in rows if row["when"] == "curve" and row["weights"] == weights]
        validation = {
            (row["metric"], row["iteration"]): _cost(row) for row in curve if row["split"] == "validation"
        }
        names = [name for name in ranking if any(metric == name for metric, _ in validation)]
        scores = {
            row["iteration"]: [validation.get((name, row["iteration"]), math.inf) for name in names]
            for row in curve
        }
        scores = {
            iteration: score for iteration, score in scores.items() if names and math.isfinite(score[0])
        }
        if scores:
            chosen = min(scores, key=lambda iteration: (scores[iteration], iteration))
            tested = (row for row in curve if row["split"] == "test" and row["iteration"] == chosen)
            best += [{**row, "when": "best"} for row in tested]
    return best


def _cost(row: Row) -> float:
    """Return the value with smaller being better; infinite where it is undefined or has no direction."""
    if row["value"] is None or row["direction"] not in ("min", "max"):
        return math.inf
    return row["value"] if row["direction"] == "min" else -row["value"]
