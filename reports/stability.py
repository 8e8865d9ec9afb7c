"""Sweeps over hyperparameters: settings, survival and forgiveness of each variant."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.reports.frames import Frames
from gan_bench.reports.labels import clean, number
from gan_bench.reports.rankings import ranking
from gan_bench.reports.statistics import costs
from gan_bench.reports.statistics.stability import (
    FACTOR,
    FEW,
    MODES,
    SETTINGS,
    by_setting,
    distance,
    forgiveness,
    survived,
    tuning_curve,
)
from gan_bench.reports.table import Column, Table
from gan_bench.reports.variation import varying


@dataclass(frozen=True)
class Sweep:
    """A board of many settings.

    `settings` has one row per variant and setting: `variant`, `cost` (median over seeds, NaN where most were
    lost), `modes`, `survived`, and a column per hyperparameter that varied (NaN where a variant has it not).
    """

    settings: pd.DataFrame
    axes: list[str]
    metric: str
    metric_title: str

    def pairs(self) -> list[tuple[str, str]]:
        """Return every two hyperparameters that vary together in some variant."""
        return [
            (one, other)
            for one, other in itertools.combinations(self.axes, 2)
            if (self.settings[one].notna() & self.settings[other].notna()).any()
        ]


def sweep(board: Frames) -> Sweep | None:
    """Return the board as a sweep; None if no variant has eight settings, or no distance is measured."""
    if board.trials.groupby("variant")["hyperparameters"].nunique().max() < SETTINGS:
        return None
    ends = board.finals
    final = ends[(ends["when"] == "final") & (ends["weights"] == "raw")]
    metrics, *_ = ranking(board)
    metric = distance(final, metrics[0] if metrics else None)
    if metric is None:
        return None
    trials = board.trials[["trial", "variant", "hyperparameters", "inherits"]].copy()
    for name, measured in (("cost", metric), ("modes", "modes")):
        values = final[final["metric"] == measured].set_index("trial")["value"]
        trials[name] = trials["trial"].map(values).astype(float)
    settings = by_setting(trials, ["variant", "hyperparameters", "inherits"])
    settings["survived"] = survived(settings, "variant")
    axes = _axes(settings)
    return Sweep(settings, axes, metric, board.descriptions.title(metric))


def _axes(settings: pd.DataFrame) -> list[str]:
    """Write a column per hyperparameter that varies within a variant, and return their names."""
    parsed = [json.loads(text) for text in settings["hyperparameters"]]
    axes: dict[str, None] = {}
    for _, group in settings.groupby("variant", sort=False):
        parents = json.loads(group["inherits"].iloc[0] or "{}")
        for name in sorted(varying([parsed[index] for index in group.index], parents), key=len):
            axes.setdefault(name)
            column = settings[name] if name in settings else pd.Series(np.nan, settings.index, dtype=object)
            plain = {index: _plain(parsed[index][name]) for index in group.index}
            settings[name] = [plain.get(index, old) for index, old in column.items()]
    return list(axes)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else json.dumps(value)


def stability_table(board_sweep: Sweep, title: str) -> Table:
    """Return survival, forgiveness and the gain of tuning, the variant that survives most often first."""
    curve = tuning_curve(board_sweep.settings, "variant").set_index(["variant", "tried"])
    columns = [Column("Variant", right=False), Column("Survived"), Column("Forgiveness"), Column("Lost")]
    columns += [Column("Best"), Column("Median"), Column(f"Expected best of {FEW} tries")]
    rows = []
    for variant, group in board_sweep.settings.groupby("variant", sort=False):
        cost = costs(group["cost"])
        lost = int(np.isinf(cost).sum())
        score = forgiveness(cost)
        near = curve.loc[(variant, FEW)] if (variant, FEW) in curve.index else None
        median = float(np.median(cost))
        best = float(cost.min()) if lost < len(cost) else np.nan
        expected = (
            "–"
            if near is None
            else f"{number(near['expected'], 3)} ({number(near['low'], 3)} to {number(near['high'], 3)})"
        )
        cells = [clean(variant), f"{group['survived'].sum()} of {len(group)}", f"{score:.2f}", str(lost)]
        cells += [number(best, 3), "lost" if np.isinf(median) else number(median, 3), expected]
        keys: list[float | str] = [str(variant), float(group["survived"].mean()), score, float(lost), best]
        keys += [median, np.nan if near is None else float(near["expected"])]
        rows.append((cells, keys))
    rows.sort(key=lambda row: (-float(row[1][1]), -float(row[1][2])))
    modes = (
        f", {MODES:.0%} of the modes that any setting captured"
        if board_sweep.settings["modes"].max() > 0
        else ""
    )
    name = clean(board_sweep.metric_title)
    notes = [
        f"Survived: a finite score{modes}, and {name} within {FACTOR:g} times the variant's own best.",
        f"Forgiveness: mean over all settings of 1 - log10({name} / own best), 0 if lost, never below 0."
        " It compares a variant with its own best score and says little if that score is poor.",
        "Expected best: expected best score of settings drawn at random from those tried, with its 95 %"
        " interval; lost settings have the worst score of the board (Lucic et al. 2018).",
    ]
    return Table(
        f"{title} · stability across settings, {name}",
        columns,
        [c for c, _ in rows],
        [k for _, k in rows],
        notes,
    )
