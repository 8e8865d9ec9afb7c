"""Performance profiles: the share of runs that reach each score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gan_bench.reports.statistics.costs import costs
from gan_bench.reports.statistics.summary import percentiles, resampled

POINTS = 60  # thresholds of a profile, where the runs have more values than that


def performance_profile(
    frame: pd.DataFrame, entry: str, direction: str, *, value: str = "value", strata: Sequence[str] = ()
) -> pd.DataFrame:
    """Return a row per entry and threshold: `threshold`, `share` of runs as good as it, `low`, `high`.

    The score distributions of Agarwal et al. 2021 (section 4.2), Dolan & More's profiles where `value` is a
    ratio to the best. Lost runs reach no threshold, so a profile ends at the share that came through.
    Thresholds are values that were reached (at most 60 of their quantiles), best first; the band is 95 %,
    pointwise, from a bootstrap within `strata`.
    """
    everyone = costs(frame[value], direction)
    reached = np.unique(everyone[np.isfinite(everyone)])
    if len(reached) > POINTS:
        reached = np.unique(np.quantile(reached, np.linspace(0, 1, POINTS), method="inverted_cdf"))
    rows = []
    for name, group in frame.groupby(entry, sort=False):
        parts = [part for _, part in group.groupby(list(strata), sort=False)] if strata else [group]
        groups = [costs(part[value], direction) for part in parts]
        runs, drawn = np.concatenate(groups), resampled(groups)
        for threshold in reached:
            low, high = percentiles((drawn <= threshold).mean(1))
            score = threshold if direction == "min" else -threshold
            rows.append((name, float(score), float((runs <= threshold).mean()), low, high))
    return pd.DataFrame(rows, columns=[entry, "threshold", "share", "low", "high"])
