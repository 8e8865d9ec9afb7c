"""Quality against what it cost: medians along training, and those that nothing cheaper matches."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gan_bench.reports.frames import Frames, curves
from gan_bench.reports.labels import HORIZONTAL, clean, number, quantity, time_axis
from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.statistics import costs, quartiles
from gan_bench.reports.table import Column, Table

#: What an evaluation point has cost: column -> word for it in a title.
COSTS = {
    "seconds": "seconds",
    "kimg": "images",
    "generator_updates": "generator updates",
    "critic_updates": "critic updates",
    "flop": "FLOP",
}


def cost_axis(cost: str, packed: bool) -> str:
    """Return axis label of a cost, with its unit."""
    return {"seconds": time_axis(packed), "kimg": HORIZONTAL}.get(cost, f"{COSTS[cost]} (count)")


def medians(board: Frames, metric: str, labels: list[str]) -> pd.DataFrame:
    """Return one row per entry of `labels` and evaluation point: medians of `metric` and of each cost.

    Medians of the value are over all seeds, lost ones as worst: where these reach the middle there is no row.
    Columns beside: `label`, `direction`, `measured_at` (kimg).
    """
    points = curves(board)
    points = points[(points["metric"] == metric) & (points["weights"] == "raw")]
    rows = []
    seeds = board.trials.groupby("label")["trial"].size()
    for label in labels:
        entry = points[points["label"] == label]
        if entry.empty:
            continue
        direction = next((text for text in entry["direction"] if text), "")
        values = entry.pivot(index="measured_at", columns="trial", values="value")
        middle = quartiles(values.to_numpy(), int(seeds[label]), direction)[1]
        spent = entry.assign(kimg=entry["measured_at"]).groupby("measured_at")[list(COSTS)].median()
        rows.append(spent.reset_index().assign(label=label, value=middle, direction=direction))
    points_of_entries = (
        pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["label", "value", *COSTS])
    )
    return points_of_entries[points_of_entries["value"].notna()].reset_index(drop=True)


def front(points: pd.DataFrame, cost: str, direction: str) -> pd.DataFrame:
    """Return the rows that no other row matches at the same `cost` or a lower one, cheapest first."""
    points = points[np.isfinite(points[cost].astype(float)) & np.isfinite(points["value"].astype(float))]
    quality = costs(points["value"], direction)
    ordered = points.assign(quality=quality).sort_values([cost, "quality"], kind="stable")
    best_before = ordered["quality"].cummin().shift(fill_value=np.inf)
    return ordered[ordered["quality"] < best_before].drop(columns="quality").reset_index(drop=True)


def front_tables(points: pd.DataFrame, metric_title: str, title: str, packed: bool) -> list[Table]:
    """Return a table per recorded cost: the best medians for each amount of it.

    `packed` is as in `cost_axis`.
    """
    direction = _direction(points)
    if direction is None:
        return []
    tables = []
    for cost, word in COSTS.items():
        best = front(points, cost, direction)
        if best.empty:
            continue
        heading = f"{clean(metric_title, 40)} {ARROWS[direction]}"
        columns = [Column(cost_axis(cost, packed)), Column("Variant", right=False), Column(heading)]
        cells = [
            [_amount(row[cost], cost), row["label"], number(row["value"])] for row in best.to_dict("records")
        ]
        keys = [[row[cost], row["label"], row["value"]] for row in best.to_dict("records")]
        notes = ["Rows: medians that no variant improved on at this cost or below."]
        heading = f"Pareto front against {word}"
        tables.append(Table(f"{title} · {heading}", columns, cells, keys, notes, caption=heading))
    return tables


def _amount(value: float, cost: str) -> str:
    if cost == "flop":
        return quantity(value)
    return f"{value:,.0f}" if cost.endswith("updates") else number(value)


def _direction(points: pd.DataFrame) -> str | None:
    known = [text for text in points.get("direction", []) if text in ARROWS]
    return known[0] if known else None
