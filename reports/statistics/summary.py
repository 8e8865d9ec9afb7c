"""Summaries of groups of trials: counts, mean, spread, interquartile mean with interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from gan_bench.reports.statistics.costs import SIGNS, costs, lost_as_worst

RESAMPLES = 2_000
SEED = 20260101
LEVEL = 0.95
QUARTILES = (0.25, 0.5, 0.75)
Statistic = Callable[[np.ndarray], np.ndarray]
"""Values [..., n] -> one number for each leading index."""


def interquartile_mean(values: np.ndarray) -> np.ndarray:
    """Return mean of the middle half along the last axis: a quarter, rounded down, is cut from either end.

    The aggregate of Agarwal et al. 2021 (section 4.3). Infinite where a lost value is in the middle half.
    """
    cut = values.shape[-1] // 4
    return np.sort(values, axis=-1)[..., cut : values.shape[-1] - cut].mean(-1)


def resampled(strata: Sequence[np.ndarray], resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """Return bootstrap samples [resamples, sum of n_i]: each stratum [n_i] resampled with replacement."""
    generator = np.random.default_rng(seed)
    parts = [part[generator.integers(len(part), size=(resamples, len(part)))] for part in strata]
    return np.concatenate(parts, axis=1)


def interval(
    strata: Sequence[np.ndarray], statistic: Statistic = interquartile_mean, level: float = LEVEL
) -> tuple[float, float]:
    """Return percentile interval of `statistic` over values pooled from `strata`; bounds may be infinite."""
    return percentiles(statistic(resampled(strata)), level)


def percentiles(drawn: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Return the central `level` of `drawn`, at values that occur: infinite ones cannot be interpolated."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return float(low), float(high)


def summarise(
    frame: pd.DataFrame, by: list[str], direction: str, *, value: str = "value", strata: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row per group of `by`, in order of appearance; lost trials have a row with NaN in `frame`.

    Columns: `count` (finite values), `seeds` (all rows), `mean`, `std` (ddof 1), `sem` and `median` over the
    finite ones; `iqm`, `iqm_low`, `iqm_high` (95 %, bootstrap within `strata`) over all, lost ones as worst:
    infinite, with the sign that is worse, where they reach into the middle half. Without a direction ("min",
    "max") nothing is worse and the last three are NaN.
    """
    rows = []
    for key, group in frame.groupby(by, sort=False):
        values = group[value].to_numpy(float)
        finite = pd.Series(values[np.isfinite(values)])
        row: dict = dict(zip(by, key, strict=True))
        row |= {"count": len(finite), "seeds": len(values), "mean": finite.mean(), "std": finite.std()}
        row |= {"sem": finite.sem(), "median": finite.median()}
        rows.append(
            row
            | dict(zip(("iqm", "iqm_low", "iqm_high"), _iqm(group, direction, value, strata), strict=True))
        )
    columns = [*by, "count", "seeds", "mean", "std", "sem", "median", "iqm", "iqm_low", "iqm_high"]
    return pd.DataFrame(rows, columns=columns)


def _iqm(group: pd.DataFrame, direction: str, value: str, strata: Sequence[str]) -> tuple[float, ...]:
    if direction not in SIGNS:
        return (np.nan,) * 3
    parts = [part for _, part in group.groupby(list(strata), sort=False)] if strata else [group]
    groups = [costs(part[value], direction) for part in parts]
    estimates = (float(interquartile_mean(np.concatenate(groups))), *interval(groups))
    return estimates if direction == "min" else (-estimates[0], -estimates[2], -estimates[1])


def quartiles(values: np.ndarray, seeds: int, direction: str) -> np.ndarray:
    """Return quartiles and median, [3, points], of scores [points, trials], NaN where a trial has none.

    All `seeds` count, those without a score as worst; a quantile that falls on one of these is NaN. Without a
    direction ("min", "max") no score is worse, and only those that are there count.
    """
    if direction not in SIGNS:
        return np.array(
            [
                [np.nanquantile(row, q) if np.isfinite(row).any() else np.nan for row in values]
                for q in QUARTILES
            ]
        )
    missing = np.full((len(values), max(0, seeds - values.shape[1])), np.nan)
    ordered = np.sort(lost_as_worst(np.concatenate([values, missing], axis=1), direction), axis=1)
    results = []
    for q in QUARTILES:
        position = q * (ordered.shape[1] - 1)
        low, high = ordered[:, math.floor(position)], ordered[:, math.ceil(position)]
        known = np.isfinite(low) & np.isfinite(high)
        width = np.where(known, high, 0) - np.where(known, low, 0)
        results.append(np.where(known, low + (position % 1) * width, np.nan))
    return np.array(results)
