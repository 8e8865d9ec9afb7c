"""Pairs of cells that may be compared, and a word on each that may not. Nothing is dropped in silence."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare.budgets import other_budget
from gan_bench.bench.compare.findings import Finding
from gan_bench.bench.compare.layout import ALIKE, CELL
from gan_bench.bench.planning import catalogue
from gan_bench.reports.statistics import costs
from gan_bench.reports.variation import varying, written

Row = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One cell's rows in one of the two frames."""

    rows: list[Row]

    @cached_property
    def trials(self) -> list[Row]:
        """One row per trial."""
        return [row for row in self.rows if row["what"] == "trial"]

    def texts(self, column: str) -> str:
        """What the trials have in a column, all different values."""
        return " and ".join(sorted({row[column] for row in self.trials})) or "none"

    def count(self, status: str) -> int:
        """How many trials ended so."""
        return sum(row["status"] == status for row in self.trials)

    def scores(self, metric: str) -> list[Row]:
        """The rows of one metric."""
        return [row for row in self.rows if row["what"] == "score" and row["name"] == metric]

    @cached_property
    def bounds(self) -> dict[str, float]:
        """Bounds of survival, by metric; empty outside a sweep."""
        return {row["name"]: row["value"] for row in self.rows if row["what"] == "bound"}

    def values(self, metric: str) -> dict[str, float]:
        """Trial -> value of one metric."""
        return {row["trial"]: row["value"] for row in self.scores(metric)}

    def costs(self, metric: str, direction: str) -> np.ndarray:
        """Every trial's cost: those without a score count as worst."""
        values = self.values(metric)
        return costs(np.array([values.get(row["trial"], np.nan) for row in self.trials], float), direction)

    def losses(self) -> dict[tuple[float, str, float], float]:
        """(seed, loss, iteration) -> value, of the first recorded rows."""
        kept = (row for row in self.rows if row["what"] == "loss")
        return {(row["seed"], row["name"], row["at"]): row["value"] for row in kept}


@dataclass(frozen=True)
class Pair:
    """One cell on both sides."""

    key: dict[str, Any]
    name: str
    before: Side
    after: Side

    @property
    def group(self) -> tuple:
        """The line of a sweep that this cell is a setting of."""
        return tuple(self.key[name] for name in ("suite", "dataset", "variant", "architecture", "kimg"))

    @property
    def place(self) -> str:
        """The part of the name that the variants of one table share."""
        return _place(self.key)

    def unlike(self, column: str) -> str:
        """How the two sides differ in a column of texts; empty where they do not."""
        before, after = self.before.texts(column), self.after.texts(column)
        return "" if before == after else f"{before} before, {after} now"

    def differing(self, metric: str) -> str:
        """What makes the values of a metric incomparable; empty where nothing does, or a side has none."""
        old, new = self.before.scores(metric), self.after.scores(metric)
        for column, said in (("version", "version"), ("measured", "protocol")):
            before, after = (", ".join(sorted({str(row[column]) for row in rows})) for rows in (old, new))
            if old and new and before != after:
                return f"{metric}: its {said} differs: {before} before, {after} now"
        return ""


def pairs(baseline: pd.DataFrame, candidate: pd.DataFrame) -> tuple[list[Pair], list[Finding]]:
    """The cells that both sides have and that agree in dataset, device and protocol; the others, listed."""
    mine, theirs = _cells(baseline), _cells(candidate)
    names = _names([*mine, *(key for key in theirs if key not in mine)])
    found = []
    said, explained = other_budget(mine, theirs, names)
    for key, before in mine.items():
        if key not in theirs:
            if key not in explained:
                said.append(Finding("pairing", "missing", names[key], "not in the candidate"))
            continue
        pair = Pair(dict(zip(CELL, key, strict=True)), names[key], before, theirs[key])
        different = [
            f"{word} differs: {how}" for column, word in ALIKE.items() if (how := pair.unlike(column))
        ]
        if different:
            said.append(Finding("pairing", "incomparable", pair.name, "; ".join(different)))
        else:
            found.append(pair)
            said += _failed(pair)
    new = [key for key in theirs if key not in mine and key not in explained]
    said += [Finding("pairing", "note", names[key], "new: not in the baseline") for key in new]
    return found, said


def _cells(frame: pd.DataFrame) -> dict[tuple, Side]:
    cells: dict[tuple, Side] = {}
    for row in frame[frame["what"] != "speed"].to_dict("records"):
        rows = cells.setdefault(tuple(row[name] for name in CELL), Side([])).rows
        rows.append({str(name): value for name, value in row.items()})
    return cells


def _failed(pair: Pair) -> Iterator[Finding]:
    for side, cell in (("baseline", pair.before), ("candidate", pair.after)):
        if count := cell.count("failed"):
            text = f"{count} of {len(cell.trials)} trials failed in the {side}; they count as worst"
            yield Finding("pairing", "failed" if side == "candidate" else "note", pair.name, text)


def _names(cells: list[tuple]) -> dict[tuple, str]:
    """A short name per cell: of its hyperparameters, those that differ among the settings of its variant."""
    places = {cell: dict(zip(CELL, cell, strict=True)) for cell in cells}
    settings = {cell: json.loads(place["hyperparameters"]) for cell, place in places.items()}
    lines: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
    for cell, place in places.items():
        lines[place["suite"], place["dataset"], place["variant"]].append(settings[cell])
    names = {}
    varied = {line: varying(others, _parents(line[-1])) for line, others in lines.items()}
    for cell, place in places.items():
        names_varied = varied[place["suite"], place["dataset"], place["variant"]]
        own = {name: settings[cell][name] for name in names_varied if name in settings[cell]}
        parts = [_place(place), place["variant"], *filter(None, [written(own)])]
        names[cell] = " · ".join(parts)
    return names


def _parents(variant: str) -> dict[str, str]:
    try:
        return catalogue.parents(variant)
    except UsageError:  # a plug-in that is not loaded: every difference is named
        return {}


def _place(cell: dict[str, Any]) -> str:
    return f"{cell['suite']} · {cell['dataset']} · {cell['architecture']} · {cell['kimg']:g} kimg"
