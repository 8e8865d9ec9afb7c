"""Power of the quality tier: the share of changes of a given size that the gate would report.

Simulated with the gate's own tests and tolerances, and with the spread over seeds that a baseline has. The
spread is that of all its cells of a suite together, each score relative to the median of its cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.bench.compare.cells import pairs
from gan_bench.bench.compare.evidence import ALPHA, holm, p_worse, worsening
from gan_bench.bench.compare.quality import ABSOLUTE, RELATIVE, judgeable

SEEDS = (8, 12, 20)
CHANGES = (0.2, 0.4, 1.0)
"""Relative worsenings of a median."""
ROUNDS = 500
FEWEST = 3
"""Seeds of a cell from which its spread is used."""


@dataclass(frozen=True)
class Spread:
    """Spread of a metric over seeds in the cells of one suite.

    Attributes:
        suite, metric: of the scores.
        cells: their number.
        tests: of all cells and ranking metrics of the suite, which the gate adjusts together.
        sign: 1 for costs, -1 for metrics of which more is better; the median of a cell, scaled.
        residuals: scores as costs, minus the median of their cell, divided by its size; [n].
        absolute: the absolute tolerance on this scale, the median over cells.
    """

    suite: str
    metric: str
    cells: int
    tests: int
    sign: int
    residuals: np.ndarray
    absolute: float

    @property
    def deviation(self) -> float:
        """Standard deviation of the residuals."""
        return float(np.std(self.residuals))


def spreads(frame: pd.DataFrame) -> Iterator[Spread]:
    """Yield the spreads of the metrics that rank, by suite, of a frame of `bench.compare.baseline`.

    Cells with fewer than three finite scores, or with a median of 0, are left out.
    """
    found: dict[tuple[str, str], list[tuple[np.ndarray, int, float]]] = defaultdict(list)
    tests: dict[str, int] = defaultdict(int)
    for pair in pairs(frame, frame)[0]:
        for name, row in judgeable(pair, ()):
            tests[pair.key["suite"]] += 1
            costs = pair.before.costs(name, row["direction"])
            costs = costs[np.isfinite(costs)]
            if len(costs) < FEWEST or not (size := abs(float(np.median(costs)))):
                continue
            # The deviations from a mean of n are smaller than those from the truth, by this factor.
            scale = np.sqrt(len(costs) / (len(costs) - 1)) / size
            span = row["high"] - row["low"]
            absolute = ABSOLUTE * span / size if np.isfinite(span) else 0.0
            sign = 1 if row["direction"] == "min" else -1
            found[pair.key["suite"], name].append(((costs - np.median(costs)) * scale, sign, absolute))
    for (suite, metric), cells in found.items():
        residuals, signs, absolutes = zip(*cells, strict=True)
        middle = float(np.median(absolutes))
        residual = np.concatenate(residuals)
        yield Spread(suite, metric, len(cells), tests[suite], signs[0], residual, middle)


def power(spread: Spread, change: float, seeds: int, tests: int, rounds: int = ROUNDS) -> float:
    """Return the share of simulated comparisons that report a cell whose median is worse by `change`.

    Args:
        spread: of the scores over seeds.
        change: of the median, as a share of it; 0 gives the false alarms of one cell.
        seeds: on either side.
        tests: that the gate adjusts together, of this cell and of unchanged ones.
        rounds: comparisons that are simulated.
    """
    rng = np.random.default_rng(0)
    before, after = spread.sign + rng.choice(spread.residuals, (2, rounds, tests, seeds))
    after[:, 0] += change
    significant = holm(p_worse(before, after), ALPHA["cells"])[:, 0]
    absolute, relative = worsening(before[:, 0], after[:, 0])
    return float(np.mean(significant & (relative > RELATIVE) & (absolute > spread.absolute)))


def power_table(
    frame: pd.DataFrame, seeds: Sequence[int] = SEEDS, changes: Sequence[float] = CHANGES
) -> pd.DataFrame:
    """Return a row per suite, metric and number of seeds, with a column for each change.

    Columns: suite, metric, cells, tests (of all cells and ranking metrics of the suite, adjusted together),
    spread (standard deviation over seeds, relative to the median), seeds, and one per change, `+40%` for
    instance. Each suite is taken by itself.
    """
    rows = [
        {
            "suite": spread.suite,
            "metric": spread.metric,
            "cells": spread.cells,
            "tests": spread.tests,
            "spread": spread.deviation,
            "seeds": count,
            **{f"{change:+.0%}": power(spread, change, count, spread.tests) for change in changes},
        }
        for spread in spreads(frame)
        for count in seeds
    ]
    return pd.DataFrame(rows)
