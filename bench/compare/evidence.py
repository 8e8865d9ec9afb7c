"""Statistical tests of the gate, on arrays with any leading shape, so that they can be simulated.

The total false-alarm rate of 5 % is split over the tiers. Each tier controls its part over all its cells
(Holm 1979). The exact tier has no part, because it tests equality.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from gan_bench.reports.statistics.summary import LEVEL, percentiles, resampled

ALPHA = {"cells": 0.03, "suites": 0.005, "stability": 0.01, "speed": 0.005}
"""False-alarm rate of each kind of test, over all its cells, metrics and suites together."""
MIN_SEEDS = 8
"""Fewest seeds on either side for a test of a single cell."""


def worsening(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the increase of the median cost from `before` [..., n] to `after` [..., m].

    The first array [...] has absolute increases, the second relative ones (divided by |before|). Costs of
    lost trials are infinite. An increase is infinite if only the later median is infinite, 0 if both are.
    """
    old, new = np.median(_finite(before), -1), np.median(_finite(after), -1)
    # A median may be the mean of an infinite cost and a finite one.
    was_lost, is_lost = old > _HUGE / 4, new > _HUGE / 4
    absolute = np.where(is_lost, np.where(was_lost, 0.0, np.inf), np.where(was_lost, -np.inf, new - old))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(absolute == 0, 0.0, absolute / np.abs(old))
    return absolute, relative


def interval_of_worsening(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of the relative :func:`worsening` of two cells, costs [n] and [m].

    Percentile bootstrap of the seeds of either side; bounds may be infinite.
    """
    drawn = worsening(resampled([before], seed=1), resampled([after], seed=2))[1]
    return percentiles(drawn)


def p_worse(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return one-sided Mann-Whitney p-values [...] that costs `after` [..., m] exceed `before` [..., n].

    Exact if no two costs are equal, else the normal approximation corrected for ties and continuity.
    """
    ranks = stats.rankdata(np.concatenate([_finite(before), _finite(after)], -1), axis=-1)
    old, new = ranks[..., : before.shape[-1]], ranks[..., before.shape[-1] :]
    exact = stats.mannwhitneyu(new, old, alternative="greater", method="exact", axis=-1).pvalue
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = stats.mannwhitneyu(new, old, alternative="greater", method="asymptotic", axis=-1).pvalue
    tied = (np.diff(np.sort(ranks, -1), axis=-1) == 0).any(-1)
    return np.where(tied, np.nan_to_num(normal, nan=1.0), exact)


def holm(p_values: np.ndarray, alpha: float) -> np.ndarray:
    """Return the rejected hypotheses of the last axis, bool [..., n], with familywise error `alpha`.

    Holm 1979.
    """
    count = p_values.shape[-1]
    order = np.argsort(p_values, -1)
    passed = np.take_along_axis(p_values, order, -1) <= alpha / (count - np.arange(count))
    passed = np.logical_and.accumulate(passed, -1)
    rejected = np.zeros_like(passed)
    np.put_along_axis(rejected, order, passed, -1)
    return rejected


def p_worse_together(pairs: list[tuple[np.ndarray, np.ndarray]], alpha: float) -> tuple[float, float]:
    """Return the mean probability over cells that a run is worse, and its lower bound at 1 - `alpha`.

    For few seeds in many cells. The probability is Mann-Whitney's U divided by n m; the bound is normal, with
    the variance of U under no change, corrected for ties. A bound above 1/2 means that the suite got worse.

    Args:
        pairs: costs [n] before and [m] after, per cell.
        alpha: in (0, 1).
    """
    shares, variances = [], []
    for before, after in pairs:
        n, m = len(before), len(after)
        ranks = stats.rankdata(np.concatenate([_finite(before), _finite(after)]))
        shares.append((ranks[n:].sum() - m * (m + 1) / 2) / (n * m))
        variances.append(np.var(ranks, ddof=1) / (n * m * (n + m)))
    mean, deviation = float(np.mean(shares)), float(np.sqrt(np.sum(variances)) / len(pairs))
    return mean, mean - float(stats.norm.ppf(1 - alpha)) * deviation


def p_fewer_survive(before: tuple[int, int], after: tuple[int, int]) -> float:
    """Return Fisher's exact one-sided p-value that the share of survivors fell, of (survivors, runs)."""
    table = [[before[0], before[1] - before[0]], [after[0], after[1] - after[0]]]
    return float(stats.fisher_exact(table, alternative="greater").pvalue)


def interval_of_shares(before: tuple[int, int], after: tuple[int, int]) -> tuple[float, float]:
    """Return the 95 % interval of the change of a share; sides are (survivors, runs).

    From Wilson's intervals of the two shares (Newcombe 1998, Statistics in Medicine 17, p. 873, method 10).
    """
    old, new = before[0] / before[1], after[0] / after[1]
    (low_old, high_old), (low_new, high_new) = (
        stats.binomtest(*side).proportion_ci(LEVEL, method="wilson") for side in (before, after)
    )
    low = new - old - np.hypot(new - low_new, high_old - old)
    return float(low), float(new - old + np.hypot(high_new - new, old - low_old))


def p_fewer_survive_paired(lost: int, gained: int) -> float:
    """Return McNemar's exact one-sided p-value that more settings were lost than gained (McNemar 1947)."""
    if not lost + gained:
        return 1.0
    return float(stats.binomtest(lost, lost + gained, 0.5, alternative="greater").pvalue)


def change_of_survival(lost: int, gained: int, settings: int) -> tuple[float, float, float]:
    """Return the change of the share of paired settings that survive, and its 95 % interval.

    From the Clopper-Pearson interval of `lost` among the settings that changed.
    """
    if not (changed := lost + gained):
        return 0.0, 0.0, 0.0
    low, high = stats.binomtest(lost, changed).proportion_ci(LEVEL)
    share = changed / settings
    return (gained - lost) / settings, float((1 - 2 * high) * share), float((1 - 2 * low) * share)


_HUGE = 1e300


def _finite(costs: np.ndarray) -> np.ndarray:
    return np.minimum(costs, _HUGE)
