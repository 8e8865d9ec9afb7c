"""Mean ranks and their critical differences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench.reports.statistics.costs import costs

ALPHA = 0.05


@dataclass(frozen=True)
class Differences:
    """Mean ranks of k entries with their critical differences at 5 %."""

    mean_ranks: pd.Series
    p_value: float
    """Of the hypothesis that all entries are alike (Kruskal-Wallis or Friedman)."""
    critical: pd.DataFrame
    """[k, k]: the least significant difference of two mean ranks, by Nemenyi's test."""

    @property
    def apart(self) -> pd.DataFrame:
        """Return [k, k]: the significant pairs, none where the test over all entries is not significant."""
        means = self.mean_ranks.to_numpy()
        far = np.abs(means[:, None] - means[None]) >= self.critical.to_numpy()
        names = self.mean_ranks.index
        return pd.DataFrame(far & (self.p_value < ALPHA), index=names, columns=names)


def letters(apart: pd.DataFrame) -> pd.Series:
    """Return letters by entry: two entries share one exactly where `apart` [k, k] does not tell them apart.

    The compact letter display of Piepho 2004, by insertion and absorption; entries come best first, and the
    first has an `a`. Empty texts where more than 52 letters would be needed.
    """
    names = list(apart.index)
    groups = [frozenset(range(len(names)))]
    for i, j in zip(*np.nonzero(np.triu(apart.to_numpy(), 1)), strict=True):
        split = [g - {one} for g in groups if i in g and j in g for one in (int(i), int(j))]
        whole = [g for g in groups if not (i in g and j in g)]
        candidates = list(dict.fromkeys([*whole, *split]))
        groups = [g for g in candidates if not any(g < other for other in candidates)]
    if len(groups) > len(ascii_letters):
        return pd.Series("", index=apart.index, dtype=object)
    signs = list(zip(ascii_letters, sorted(groups, key=sorted), strict=False))
    texts = ["".join(sign for sign, group in signs if position in group) for position in range(len(names))]
    return pd.Series(texts, index=apart.index, dtype=object)


def ranks(criteria: pd.DataFrame) -> pd.Series:
    """Return the rank of each row by its costs, column after column; equal rows share their mean rank.

    A later column breaks ties of the earlier ones. All rows whose first cost is not finite share the last
    rank, whatever their other costs; in other columns a missing cost is worse than any other.
    """
    table = criteria.apply(costs)
    table.loc[~np.isfinite(table.iloc[:, 0])] = np.inf
    return table.groupby(list(table.columns)).ngroup().rank(method="average")


def pooled_differences(trial_ranks: pd.Series, entries: pd.Series) -> Differences:
    """Return Kruskal-Wallis' test of independent seeds ranked together, and Nemenyi's on mean ranks.

    `trial_ranks` as from `ranks`; `entries` holds the entry of each. The critical difference of entries
    i and j is q / sqrt(2) * sqrt(C N (N + 1) / 12 * (1/n_i + 1/n_j)), with q the studentised range's quantile
    and C the correction for ties (Hollander & Wolfe 1999, section 6.3, with Dunn's tied variance).
    """
    groups = trial_ranks.groupby(entries, sort=False)
    means, sizes, total = groups.mean(), groups.size(), len(trial_ranks)
    ties = trial_ranks.value_counts().to_numpy(float)
    spread = total * (total + 1) / 12 * (1 - (ties**3 - ties).sum() / max(total**3 - total, 1))
    if spread > 0 and len(means) > 1:
        statistic = float((sizes * (means - (total + 1) / 2) ** 2).sum() / spread)
        p_value = float(stats.chi2.sf(statistic, len(means) - 1))
    else:
        p_value = 1.0
    inverse = 1 / sizes.to_numpy(float)
    widths = np.sqrt(spread * (inverse[:, None] + inverse[None]))
    critical = pd.DataFrame(_quantile(len(means)) * widths, index=means.index, columns=means.index)
    return Differences(means, p_value, critical)


def blocked_differences(table: pd.DataFrame) -> Differences:
    """Return costs [blocks, entries] ranked within each block (a dataset): Friedman, then Nemenyi's test.

    The critical difference is q / sqrt(2) * sqrt(k (k + 1) / (6 N)) (Demsar 2006, section 3.2.2). Needs two
    blocks and three entries for Friedman's test; with fewer the p-value is 1.
    """
    blocks, entries = table.shape
    within = table.rank(axis=1)
    p_value = 1.0
    if blocks > 1 and entries > 2 and (within.nunique(axis=1) > 1).any():
        p_value = float(stats.friedmanchisquare(*within.to_numpy().T).pvalue)
    width = _quantile(entries) * np.sqrt(entries * (entries + 1) / (6 * blocks))
    names = table.columns
    return Differences(within.mean(), p_value, pd.DataFrame(width, index=names, columns=names))


@lru_cache
def _quantile(entries: int) -> float:
    """Return the 5 % quantile over sqrt(2), infinite degrees of freedom: 1.960 for two entries."""
    return float(stats.studentized_range.ppf(1 - ALPHA, max(entries, 2), np.inf) / np.sqrt(2))
