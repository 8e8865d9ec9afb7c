"""Pairs of comparable cells of two frames, and a finding for every other cell."""

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
from gan_bench.bench.compare.layout import ALIKE, CELL, SPEED_COLUMNS
from gan_bench.bench.planning import catalogue
from gan_bench.names import counted
from gan_bench.reports.statistics import costs
from gan_bench.reports.variation import varying, written

Row = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """Rows of one cell in one of the two frames."""

    rows: list[Row]

    @cached_property
    def trials(self) -> list[Row]:
        """Rows of the trials, one each."""
        return [row for row in self.rows if row["what"] == "trial"]

    def texts(self, column: str) -> str:
        """Return the different values of the trials in a column, joined by "and"."""
        return " and ".join(sorted({row[column] for row in self.trials})) or "none"

    def count(self, status: str) -> int:
        """Return the number of trials with this status."""
        return sum(row["status"] == status for row in self.trials)

    def scores(self, metric: str) -> list[Row]:
        """Return the rows of one metric."""
        return [row for row in self.rows if row["what"] == "score" and row["name"] == metric]

    @cached_property
    def bounds(self) -> dict[str, float]:
        """Bounds of survival, by metric; empty if the cell is not part of a sweep."""
        return {row["name"]: row["value"] for row in self.rows if row["what"] == "bound"}

    def values(self, metric: str) -> dict[str, float]:
        """Return trial -> value of one metric."""
        return {row["trial"]: row["value"] for row in self.scores(metric)}

    def costs(self, metric: str, direction: str) -> np.ndarray:
        """Return the cost of every trial, [trials]; infinite for trials without a score."""
        values = self.values(metric)
        return costs(np.array([values.get(row["trial"], np.nan) for row in self.trials], float), direction)

    def losses(self) -> dict[tuple[float, str, float], float]:
        """Return (seed, loss, iteration) -> value, of the first recorded rows."""
        rows = (row for row in self.rows if row["what"] == "loss")
        return {(row["seed"], row["name"], row["at"]): row["value"] for row in rows}


@dataclass(frozen=True)
class Pair:
    """One cell on both sides."""

    key: dict[str, Any]
    name: str
    before: Side
    after: Side

    @property
    def group(self) -> tuple:
        """Key of the variant in a sweep, of which this cell is one setting."""
        return tuple(self.key[name] for name in ("suite", "dataset", "variant", "architecture", "kimg"))

    @property
    def place(self) -> str:
        """Part of the name that the variants of one table share."""
        return _place(self.key)

    def unlike(self, column: str) -> str:
        """Return the difference of the two sides in a column of texts, or "" if they agree."""
        before, after = self.before.texts(column), self.after.texts(column)
        return "" if before == after else f"{before} before, {after} now"

    def differing(self, metric: str) -> str:
        """Return the reason why the values of a metric are not comparable, or "".

        A metric is comparable if it has one version and one protocol, or values on one side only.
        """
        old, new = self.before.scores(metric), self.after.scores(metric)
        for column, word in (("version", "version"), ("measured", "protocol")):
            before, after = (", ".join(sorted({str(row[column]) for row in rows})) for rows in (old, new))
            if old and new and before != after:
                return f"{metric}: its {word} differs: {before} before, {after} now"
        return ""


def pairs(baseline: pd.DataFrame, candidate: pd.DataFrame) -> tuple[list[Pair], list[Finding]]:
    """Return the pairs of cells that agree in dataset, device and protocol, and findings on the others."""
    old, new = _cells(baseline), _cells(candidate)
    names = _names([*old, *(key for key in new if key not in old)])
    comparable = []
    findings, explained = other_budget(old, new, names)
    for key, before in old.items():
        if key not in new:
            if key not in explained:
                findings.append(Finding("pairing", "missing", names[key], "not in the candidate"))
            continue
        pair = Pair(dict(zip(CELL, key, strict=True)), names[key], before, new[key])
        different = [
            f"{word} differs: {values}" for column, word in ALIKE.items() if (values := pair.unlike(column))
        ]
        if different:
            findings.append(Finding("pairing", "incomparable", pair.name, "; ".join(different)))
        else:
            comparable.append(pair)
            findings += _failed(pair)
    added = [key for key in new if key not in old and key not in explained]
    findings += [Finding("pairing", "note", names[key], "new: not in the baseline") for key in added]
    return comparable, findings


def _cells(frame: pd.DataFrame) -> dict[tuple, Side]:
    cells: dict[tuple, Side] = {}
    names = [name for name in frame.columns if name not in (*CELL, *SPEED_COLUMNS)]
    part = frame[frame["what"] != "speed"]
    # As objects first: iterating over columns of Arrow's texts takes five times as long.
    places, values = ([part[name].astype(object).tolist() for name in each] for each in (CELL, names))
    for place, row in zip(zip(*places, strict=True), zip(*values, strict=True), strict=True):
        cells.setdefault(place, Side([])).rows.append(dict(zip(names, row, strict=True)))
    return cells


def _failed(pair: Pair) -> Iterator[Finding]:
    for side, cell in (("baseline", pair.before), ("candidate", pair.after)):
        if count := cell.count("failed"):
            text = f"{count} of {counted(len(cell.trials), 'trial')} failed in the {side}, counted as worst"
            yield Finding("pairing", "failed" if side == "candidate" else "note", pair.name, text)


def _names(cells: list[tuple]) -> dict[tuple, str]:
    """Return a short name per cell, with the hyperparameters that differ among its variant's settings."""
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
    except UsageError:  # of a plug-in that is not loaded: the name has every difference
        return {}


def _place(cell: dict[str, Any]) -> str:
    return f"{cell['suite']} · {cell['dataset']} · {cell['architecture']} · {cell['kimg']:g} kimg"
