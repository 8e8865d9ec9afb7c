"""Pairs of entries: the probability that a run of one is better than a run of the other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gan_bench.reports.statistics.costs import costs
from gan_bench.reports.statistics.summary import percentiles, resampled


def probability_of_improvement(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the probability that a run of `first` costs less than one of `second`; ties count half.

    Costs [..., n] and [..., m] with the same leading shape; Mann and Whitney's U over n m.
    """
    better = (first[..., :, None] < second[..., None, :]).mean((-2, -1))
    return better + 0.5 * (first[..., :, None] == second[..., None, :]).mean((-2, -1))


def improvement(
    frame: pd.DataFrame, entry: str, direction: str, *, value: str = "value", strata: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row per ordered pair of entries: `better`, `worse`, `probability`, `low`, `high`.

    `probability` that a run of `better` beats one of `worse`, averaged over `strata` (datasets) that both
    have, with its 95 % interval from a bootstrap of the runs of both within each stratum (Agarwal et al.
    2021, section 4.3). Every trial has a row in `frame`; one without a finite value loses to any that has.
    """
    names = list(frame[entry].unique())
    groups = frame.groupby(list(strata), sort=False) if strata else [((), frame)]
    runs: list[dict[str, np.ndarray]] = [
        {name: costs(part[value], direction) for name, part in group.groupby(entry, sort=False)}
        for _, group in groups
    ]
    rows = []
    for one, other in itertools.combinations(names, 2):
        shared = [(block[one], block[other]) for block in runs if one in block and other in block]
        if not shared:
            continue
        point = float(np.mean([probability_of_improvement(a, b) for a, b in shared]))
        drawn = np.mean(
            [
                probability_of_improvement(resampled([a], seed=2 * i), resampled([b], seed=2 * i + 1))
                for i, (a, b) in enumerate(shared)
            ],
            axis=0,
        )
        low, high = percentiles(drawn)
        rows.append((one, other, point, low, high))
        rows.append((other, one, 1 - point, 1 - high, 1 - low))
    return pd.DataFrame(rows, columns=["better", "worse", "probability", "low", "high"])
