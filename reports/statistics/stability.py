"""Stability of variants across untuned settings: survival, tuning curve and forgiveness.

All functions read one row per setting: its variant, its cost (a positive distance, smaller is better, NaN
where training was lost) and, where the data have modes, how many were captured.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaln

from gan_bench.reports.statistics.costs import costs
from gan_bench.reports.statistics.summary import RESAMPLES, SEED, percentiles

SETTINGS = 8
"""Settings of one variant from which a board is a sweep."""
DISTANCES = ("sliced_wasserstein", "w1", "fid")
"""Metric families whose ratios mean something, the preferred one first."""
TO_TRAINING = "fid_train"
"""Begins like a distance to the truth, but copies of training images lower it."""
FACTOR = 3.0
"""A setting survives within this factor of its variant's own best cost ..."""
MODES = 0.5
"""... if it also captures this share of the modes that any setting of any variant captured."""
DECADE = 10.0
FEW = 5
"""Settings tried of which every tuning curve has the expected best, where there are as many."""


def distance(scores: pd.DataFrame, ranking: str | None = None) -> str | None:
    """Return the metric to use as cost: a distance of the first family that is measured, else `ranking`.

    Of a family measured on several extractors that of `ranking` is chosen, else the first by name. The result
    is None where there is neither.

    `scores` has columns `metric`, `direction` and `value`; a metric with negative values is no distance.
    """
    smaller = scores[(scores["direction"] == "min") & scores["value"].notna()]
    least = smaller.groupby("metric")["value"].min()
    measured = [name for name in least.index[least >= 0] if not _is_of(name, TO_TRAINING)]
    for family in DISTANCES:
        if names := sorted(name for name in measured if _is_of(name, family)):
            return ranking if ranking in names else names[0]
    return ranking if ranking in set(scores.loc[scores["direction"] == "min", "metric"]) else None


def _is_of(name: str, family: str) -> bool:
    """Return whether a metric is of a family, on whichever extractor: `fid`, `fid_lenet28`."""
    return name == family or name.startswith(f"{family}_")


def by_setting(trials: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return one row per setting, from one per trial: medians over seeds of `cost` and `modes`.

    A trial without a cost counts as worst; the cost is NaN where the median is such a trial.
    """
    groups = trials.assign(cost=costs(trials["cost"])).groupby(by, sort=False)
    settings = groups[["cost", "modes"]].median().reset_index()
    return settings.assign(cost=settings["cost"].where(np.isfinite(settings["cost"])))


def bounds(frame: pd.DataFrame, entry: str) -> pd.DataFrame:
    """Return the bounds of survival, one row per entry: the largest `cost` and the fewest `modes`.

    `cost` is NaN for an entry that lost every setting; `modes` is 0 for data without known modes.
    """
    best = frame.groupby(entry, sort=False)["cost"].min()
    most = frame["modes"].max()
    return pd.DataFrame({"cost": FACTOR * best, "modes": MODES * most if most > 0 else 0.0})


def survived(frame: pd.DataFrame, entry: str, limits: pd.DataFrame | None = None) -> pd.Series:
    """Return which settings survive: `cost` finite and within its bound, and `modes` enough.

    `limits` are :func:`bounds`, by default those of the frame itself; settings of an entry without bounds do
    not survive.
    """
    limits = bounds(frame, entry) if limits is None else limits
    cost, modes = (frame[entry].map(limits[name]) for name in ("cost", "modes"))
    near = np.isfinite(frame["cost"]) & (frame["cost"] <= cost)
    return near & ((modes == 0) | (frame["modes"] >= modes))


def forgiveness(cost: np.ndarray) -> float:
    """Return forgiveness in [0, 1]: the mean over settings of 1 - log10(cost / own best), never below 0.

    1: every setting is as good as the best; a setting ten times worse than the best, or lost, adds nothing.
    It is the area under the variant's own performance profile over factors from 1 to 10, on a log scale.
    """
    finite = cost[np.isfinite(cost)]
    if not len(finite):
        return 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(cost == finite.min(), 1.0, cost / finite.min())
        shares = np.clip(1 - np.log(ratios) / np.log(DECADE), 0, 1)
    return float(np.where(np.isfinite(cost), shares, 0.0).mean())


def expected_best(cost: np.ndarray, tried: np.ndarray) -> np.ndarray:
    """Return the expected least of `tried` [t] settings out of `cost` [..., k]; shape [..., t].

    The unbiased estimator: the i-th best is the least of n with chance C(k - i, n - 1) / C(k, n).
    """
    count = cost.shape[-1]
    rank = np.arange(1, count + 1)[:, None]
    with np.errstate(invalid="ignore"):
        logs = _log_choose(count - rank, tried - 1) - _log_choose(np.array(count), tried)
    chances = np.where(count - rank >= tried - 1, np.exp(logs), 0.0)
    return np.sort(cost, axis=-1) @ chances


def tuning_curve(frame: pd.DataFrame, entry: str) -> pd.DataFrame:
    """Return one row per entry and number of settings tried: `tried`, `expected`, `low`, `high`.

    The comparison of Lucic et al. 2018: the best score to be expected after so many tries at random, with its
    95 % interval over the choice of settings (bootstrap). A lost setting has the worst cost that any
    setting of any entry had.
    """
    finite = frame["cost"][np.isfinite(frame["cost"])]
    rows = []
    for name, group in frame.groupby(entry, sort=False) if len(finite) else []:
        # An expectation cannot count infinity: a lost setting is as bad as the worst of the board.
        values = np.minimum(costs(group["cost"]), finite.max())
        count = len(values)
        tried = np.unique(np.append(np.round(np.geomspace(1, count, 16)).astype(int), min(FEW, count)))
        generator = np.random.default_rng(SEED)
        drawn = expected_best(values[generator.integers(count, size=(RESAMPLES, count))], tried)
        expected = expected_best(values, tried)
        for i, number in enumerate(tried):
            low, high = percentiles(drawn[:, i])
            rows.append((name, int(number), float(expected[i]), low, high))
    return pd.DataFrame(rows, columns=[entry, "tried", "expected", "low", "high"])


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Return logarithm of C(n, k); meaningless where k > n."""
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(np.maximum(n - k, 0) + 1)
