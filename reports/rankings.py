"""Ranks of trials and entries of a board, and which of their differences are significant."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gan_bench.reports.frames import ENTRY, Frames
from gan_bench.reports.statistics import MIN_SEEDS, SIGNS, Differences, pooled_differences, ranks

MOST_ENTRIES = 40  # of which pairs are compared and shown: a matrix of more cannot be read, nor letters


def ranking(board: Frames) -> tuple[list[str], list[pd.Series | None], str]:
    """Return the metrics that rank a board, final costs by trial for each, and the first direction."""
    ends = board.finals
    criteria = _primary(board.trials, set(ends["metric"]))
    final = ends[(ends["when"] == "final") & (ends["weights"] == "raw")]
    groups = [final[final["metric"] == metric] for metric in criteria]
    directions = [next((text for text in group["direction"] if text), "") for group in groups]
    costs = [metric_costs(group, way) for group, way in zip(groups, directions, strict=True)]
    return criteria, costs, directions[0] if directions else ""


def _primary(trials: pd.DataFrame, metrics: set[str]) -> list[str]:
    """Return the metrics to rank by: `fid_lenet28`, or `modes,high_quality` where the second breaks ties."""
    named = next((text for text in trials["primary"] if text), "")
    result = []
    for name in (part.strip() for part in named.split(",")):
        versions = sorted(metric for metric in metrics if metric == name or metric.startswith(name + " v"))
        result += versions[-1:]  # where two versions were measured the newer one counts
    return result


def metric_costs(scores: pd.DataFrame, direction: str) -> pd.Series | None:
    """Return scores by trial, smaller is better; None for a metric without a direction."""
    return scores.set_index("trial")["value"] * SIGNS[direction] if direction in SIGNS else None


def measurable(trials: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of the entries that a metric with these `scores` is of.

    Where a finished entry has no row, undefined or not, the metric is one of some games only: entries without
    a row are left out. Where all finished ones have a row, entries of which every seed was lost stay.
    """
    measured = trials["label"].isin(set(scores["label"]))
    return trials if measured[trials["status"] == "finished"].all() else trials[measured]


def mean_ranks(trials: pd.DataFrame, keys: list[pd.Series | None]) -> pd.Series:
    """Return mean, per entry, of its trials' ranks among all trials of the board; ties share their mean rank.

    `keys` holds a Series of scores by trial for each criterion, smaller is better; the later ones break ties.
    A trial without a finite score shares the last place with all like it. NaN where nothing can be ranked.
    """
    by_trial = trial_ranks(trials, keys)
    if by_trial is None:
        return pd.Series(np.nan, index=trials.set_index(ENTRY).index.unique())
    return by_trial.groupby([trials[name].set_axis(by_trial.index) for name in ENTRY]).mean()


def trial_ranks(trials: pd.DataFrame, keys: list[pd.Series | None]) -> pd.Series | None:
    """Return each trial's rank among all of the board, as in `mean_ranks`; None without ranks."""
    usable = [key for key in keys if key is not None and np.isfinite(key).any()]
    index = trials["trial"].to_numpy()
    criteria = pd.DataFrame({str(i): key.reindex(index) for i, key in enumerate(usable)})
    return ranks(criteria) if usable else None


def differences(trials: pd.DataFrame, costs: list[pd.Series | None]) -> Differences | None:
    """Return mean ranks of a board's entries with enough seeds, by label, and the significant differences.

    Kruskal-Wallis over all of these entries, then Nemenyi's test for pairs, 5 % in all. `costs` as from
    `ranking`. None where nothing can be ranked.
    """
    able = trials[trials.groupby("label")["trial"].transform("size") >= MIN_SEEDS]
    by_trial = trial_ranks(able, costs) if len(able) else None
    if by_trial is None:
        return None
    return pooled_differences(by_trial.reset_index(drop=True), able["label"].reset_index(drop=True))


def best_entries(trials: pd.DataFrame, scores: pd.DataFrame, direction: str) -> tuple[frozenset[str], bool]:
    """Return the labels of a board's best entries by one metric, and whether a test found them.

    They are the entry with the best mean rank and those that are not significantly worse (`differences`),
    of the entries that the metric is of (`measurable`) and that have a score. Where that is not tested (few
    seeds, many entries) they are those with the best mean; none where the metric has no direction, or is of
    one entry, which has no competitor. `scores` holds one score per trial.
    """
    means = scores.groupby("label")["value"].mean().dropna()
    costs = metric_costs(scores, direction)
    trials = measurable(trials, scores)
    if costs is None or means.empty or trials["label"].nunique() < 2:
        return frozenset(), True
    tested = int((trials.groupby("label").size() >= MIN_SEEDS).sum())
    result = differences(trials, [costs]) if 1 < tested <= MOST_ENTRIES else None
    if result is None:
        ranked = means * SIGNS[direction]
        return frozenset(map(str, ranked.index[ranked == ranked.min()])), False
    first = result.mean_ranks.idxmin()
    near = {str(first), *map(str, result.apart.index[~result.apart[first]])}
    return frozenset(near & set(map(str, means.index))), True


def tied_with_first(rows: pd.DataFrame) -> tuple[int, int] | None:
    """Return how many other entries of a board are not told apart from its first, of how many compared.

    `rows` are those of `board_rows`, in their order. None where differences from the first were not tested:
    it has too few seeds, no other entry has enough, or there are too many entries.
    """
    letters_of = [set(text) for text in rows["tied"]]
    if not letters_of or not letters_of[0]:
        return None
    first, *others = letters_of
    return sum(bool(first & other) for other in others), sum(map(bool, others))


def seeds_in_order(board: Frames, variant: str) -> list[str]:
    """Return the finished trials of a variant that have a score, best first, by the ranking metrics."""
    costs = [cost for cost in ranking(board)[1] if cost is not None]
    own = board.trials[(board.trials["variant"] == variant) & (board.trials["status"] == "finished")]
    if own.empty or not costs:
        return []
    table = pd.DataFrame({place: own["trial"].map(cost) for place, cost in enumerate(costs)})
    table = table[table[0].notna()]
    return list(own.loc[ranks(table).sort_values(kind="stable").index, "trial"]) if len(table) else []
