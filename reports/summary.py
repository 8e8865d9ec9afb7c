"""Summary of trials: one row per entry with means, spreads, counts and ranks.

± is the sample standard deviation (ddof 1) over training seeds, over the finished ones, beside n of N. Ranks
count every trial: one that diverged, failed or has no defined score shares the last place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gan_bench.reports.equal import KIMG
from gan_bench.reports.frames import BOARD, ENTRY, Frames, tidy
from gan_bench.reports.statistics import (
    MIN_SEEDS,
    SIGNS,
    TOO_FEW,
    Differences,
    letters,
    pooled_differences,
    ranks,
)

#: (when, weights) of the scores a leaderboard shows, and the column prefix of each.
VIEWS = {
    ("final", "raw"): "final",
    ("best", "raw"): "best",
    ("final", "ema"): "final_ema",
    ("best", "ema"): "best_ema",
}
#: The share of generated images that are noise or blank, and from where on a score is marked for it.
DEGENERATE, TOO_DEGENERATE = "degenerate", 0.5
SPENT = ["images", "pretraining_images", "generator_updates", "flop"]  # of one finished trial
MOST_LINES = 16  # more entries than this cannot be told apart in one plot, nor compared in one table
MOST_ENTRIES = 40  # of which pairs are compared and shown: a matrix of more cannot be read, nor letters
VIEW_TITLES = {"final": "final", "best": "best", "final_ema": "final, EMA", "best_ema": "best, EMA"}


def leaderboard(
    trials: pd.DataFrame, scores: pd.DataFrame, metrics: pd.DataFrame | None = None, equal: str = KIMG
) -> pd.DataFrame:
    """Return one row per suite, dataset, architecture, budget, variant, profile and setting, best first.

    Columns beside these keys: `primary`, its `primary_title` (from `metrics`) and `direction`;
    `tie_breakers`, titles of the metrics that order trials with equal scores; `finished`,
    `diverged`, `failed` and their sum `seeds`; `mean_rank` (over all trials of the board), `rank` (missing
    under five seeds, `note` says so), `tied` (letters: entries that share one are not told apart, see
    `differences`); `<view>_mean`, `_std`, `_median` and `_count` of the primary metric for the views final,
    best, final_ema and best_ema, and `_degenerate`, the mean share of images that are noise or blank (missing
    where that was not measured); parameter counts and `parameters` (role -> count, as JSON); `images`,
    `pretraining_images`, `generator_updates` and `flop` of a finished seed; `pack_size`, and medians of the
    throughput and of the wall times (s), which are those of a whole pack. With `equal` other than kimg scores
    count up to a cost (`reports.equal`), which `limit` and `limit_note` state.
    """
    return board_rows(tidy(trials, scores, metrics=metrics, equal=equal))


def board_rows(frames: Frames) -> pd.DataFrame:
    """Return `leaderboard` on frames that are tidy already."""
    rows = [_board(key, board) for key, board in frames.boards()]
    return (
        pd.concat(rows, ignore_index=True)
        if rows
        else pd.DataFrame(columns=[*BOARD, *ENTRY, "label", "rank"])
    )


def leading(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `board_rows` to show: all, or of a large sweep the best setting of each variant."""
    if rows.empty:
        return rows
    many = rows.groupby(BOARD)["label"].transform("size") > MOST_LINES
    return rows[~many | ~rows.duplicated([*BOARD, "variant"])]


def of_leading(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a frame that are about the entries of `leading(rows)`, in their own order."""
    if frame.empty:
        return frame
    return frame.merge(leading(rows)[[*BOARD, "label"]], on=[*BOARD, "label"])


def metric_rows(frames: Frames) -> pd.DataFrame:
    """Return one row per entry, metric, when and weights: mean, std, median, counts and mean rank.

    Mean ranks are among the entries that a metric is of (`measurable`). `best` marks the entries of
    `best_entries` where these were tested.
    """
    rows = []
    for _, board in frames.boards():
        counts = _counts(board.trials)
        ends = board.finals
        groups = list(ends.groupby(["metric", "when", "weights"], sort=False))
        for (metric, when, weights), group in sorted(
            groups, key=lambda g: frames.descriptions.place(g[0][0])
        ):
            direction = next((text for text in group["direction"] if text), "")
            values = group.groupby(ENTRY)["value"].agg(mean="mean", std="std", median="median", count="count")
            table = counts.join(values, how="left")
            table["count"] = table["count"].fillna(0).astype(int)
            means = mean_ranks(measurable(board.trials, group), [_costs(group, direction)])
            table["mean_rank"] = means.reindex(table.index) if table["count"].sum() else np.nan
            best, tested = best_entries(board.trials, group, direction)
            table["best"] = table["label"].isin(best) if tested else False
            reasons = group[group["reason"] != ""].groupby(ENTRY)["reason"].first()
            table["reason"] = reasons.reindex(table.index).fillna("")
            labels: dict[str, Any] = {
                "metric": metric,
                "metric_title": frames.descriptions.title(metric),
                "unit": frames.descriptions.unit(metric),
                "when": when,
                "weights": weights,
                "direction": direction,
            }
            labels |= {name: group[name].iloc[0] for name in ("version", "target")}
            rows.append(table.reset_index().assign(**labels))
    columns = [
        *BOARD,
        *ENTRY,
        "label",
        "metric",
        "metric_title",
        "unit",
        "version",
        "direction",
        "target",
        "when",
        "weights",
        "mean",
        "std",
        "median",
    ]
    columns += ["count", "finished", "seeds", "diverged", "failed", "mean_rank", "best", "reason"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def mean_ranks(trials: pd.DataFrame, keys: list[pd.Series | None]) -> pd.Series:
    """Return mean, per entry, of its trials' ranks among all trials of the board; ties share their mean rank.

    `keys` holds a Series of scores by trial for each criterion, smaller is better; the later ones break ties.
    A trial without a finite score shares the last place with all like it. NaN where nothing can be ranked.
    """
    by_trial = trial_ranks(trials, keys)
    if by_trial is None:
        return pd.Series(np.nan, index=trials.set_index(ENTRY).index.unique())
    board = trials.set_index("trial")
    return by_trial.groupby([board[name] for name in ENTRY]).mean()


def measurable(trials: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of the entries that a metric with these `scores` is of.

    Where a finished entry has no row, undefined or not, the metric is one of some games only: entries without
    a row are left out. Where all finished ones have a row, entries of which every seed was lost stay.
    """
    measured = trials["label"].isin(set(scores["label"]))
    return trials if measured[trials["status"] == "finished"].all() else trials[measured]


def trial_ranks(trials: pd.DataFrame, keys: list[pd.Series | None]) -> pd.Series | None:
    """Return each trial's rank among all of the board, as in `mean_ranks`; None without ranks."""
    usable = [key for key in keys if key is not None and np.isfinite(key).any()]
    index = trials["trial"].to_numpy()
    criteria = pd.DataFrame({str(i): key.reindex(index) for i, key in enumerate(usable)})
    return ranks(criteria) if usable else None


def ranking(board: Frames) -> tuple[list[str], list[pd.Series | None], str]:
    """Return the metrics that rank a board, final costs by trial for each, and the first direction."""
    ends = board.finals
    criteria = _primary(board.trials, set(ends["metric"]))
    final = ends[(ends["when"] == "final") & (ends["weights"] == "raw")]
    groups = [final[final["metric"] == metric] for metric in criteria]
    directions = [next((text for text in group["direction"] if text), "") for group in groups]
    costs = [_costs(group, way) for group, way in zip(groups, directions, strict=True)]
    return criteria, costs, directions[0] if directions else ""


def seeds_in_order(board: Frames, variant: str) -> list[str]:
    """Return the finished trials of a variant that have a score, best first, by the ranking metrics."""
    costs = [cost for cost in ranking(board)[1] if cost is not None]
    own = board.trials[(board.trials["variant"] == variant) & (board.trials["status"] == "finished")]
    if own.empty or not costs:
        return []
    table = pd.DataFrame({place: own["trial"].map(cost) for place, cost in enumerate(costs)})
    table = table[table[0].notna()]
    return list(own.loc[ranks(table).sort_values(kind="stable").index, "trial"]) if len(table) else []


def _costs(scores: pd.DataFrame, direction: str) -> pd.Series | None:
    """Return scores by trial, smaller is better; None for a metric without a direction."""
    return scores.set_index("trial")["value"] * SIGNS[direction] if direction in SIGNS else None


def _counts(trials: pd.DataFrame) -> pd.DataFrame:
    """Return per entry: the board's key, label, paper, and how many of its seeds came to which end."""
    groups = trials.groupby(ENTRY, sort=False)
    counts = groups[[*BOARD, "label", "paper", "year", "lacks", "origin"]].first()
    counts["seeds"] = groups.size()
    for status in ("finished", "diverged"):
        counts[status] = (trials["status"] == status).groupby([trials[name] for name in ENTRY]).sum()
    counts["failed"] = counts["seeds"] - counts["finished"] - counts["diverged"]
    return counts


def _primary(trials: pd.DataFrame, metrics: set[str]) -> list[str]:
    """Return the metrics to rank by: `fid_lenet28`, or `modes,high_quality` where the second breaks ties."""
    named = next((text for text in trials["primary"] if text), "")
    result = []
    for name in (part.strip() for part in named.split(",")):
        versions = sorted(metric for metric in metrics if metric == name or metric.startswith(name + " v"))
        result += versions[-1:]  # where two versions were measured the newer one counts
    return result


def _board(key: dict, board: Frames) -> pd.DataFrame:
    ends = board.finals
    criteria, costs, direction = ranking(board)
    table = _counts(board.trials)
    table["primary"] = criteria[0] if criteria else next((t for t in board.trials["primary"] if t), "")
    table["primary_title"] = board.descriptions.title(table["primary"].iloc[0]) if len(table) else ""
    table["direction"] = direction
    breaking = [name for name, cost in zip(criteria, costs, strict=True) if cost is not None][1:]
    table["tie_breakers"] = ", ".join(map(board.descriptions.title, breaking))
    table["mean_rank"] = mean_ranks(board.trials, costs)
    table = table.sort_values("mean_rank", kind="stable", na_position="last")
    _rank(table, differences(board.trials, costs))
    for (when, weights), prefix in VIEWS.items():
        group = ends[
            (ends["when"] == when) & (ends["weights"] == weights) & ends["metric"].isin(criteria[:1])
        ]
        values = group.groupby(ENTRY)["value"].agg(mean="mean", std="std", median="median", count="count")
        for statistic in values.columns:
            table[f"{prefix}_{statistic}"] = values[statistic].reindex(table.index)
        table[f"{prefix}_count"] = table[f"{prefix}_count"].fillna(0).astype(int)
        checked = ends[(ends["when"] == when) & (ends["weights"] == weights) & (ends["metric"] == DEGENERATE)]
        table[f"{prefix}_degenerate"] = checked.groupby(ENTRY)["value"].mean().reindex(table.index)
    sizes = ["critic_parameters", "other_parameters", "frozen_parameters"]
    medians = [
        *sizes,
        "iterations_per_second",
        "images_per_second",
        "train_seconds",
        "eval_seconds",
        "pack_size",
    ]
    finished = board.trials[board.trials["status"] == "finished"]
    spent = finished.groupby(ENTRY)[SPENT].max().reindex(table.index)
    table = table.join(spent).join(board.trials.groupby(ENTRY)[medians].median())
    table["parameters"] = board.trials.groupby(ENTRY)["parameters"].max()
    limit = board.limit
    table["limit"], table["limit_note"] = (str(limit), limit.note) if limit else ("", "")
    return table.reset_index().assign(**key)


def _rank(table: pd.DataFrame, result: Differences | None) -> None:
    """Add ranks, notes and letters of ties to the entries of `table`, which come best first."""
    enough = table["seeds"] >= MIN_SEEDS
    rounded = table["mean_rank"].where(enough).round(9)  # equal sums may differ in rounding
    table["rank"] = rounded.rank(method="min").astype("Int64")
    table["note"] = np.where(enough, "", TOO_FEW)
    table["tied"] = ""
    if result is not None and 1 < len(result.mean_ranks) <= MOST_ENTRIES:
        order = [label for label in table["label"] if label in result.mean_ranks.index]
        table["tied"] = table["label"].map(letters(result.apart.loc[order, order])).fillna("")


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


def best_entries(trials: pd.DataFrame, scores: pd.DataFrame, direction: str) -> tuple[frozenset[str], bool]:
    """Return the labels of a board's best entries by one metric, and whether a test found them.

    They are the entry with the best mean rank and those that are not significantly worse (`differences`),
    of the entries that the metric is of (`measurable`) and that have a score. Where that is not tested (few
    seeds, many entries) they are those with the best mean; none where the metric has no direction, or is of
    one entry, which has no competitor. `scores` holds one score per trial.
    """
    means = scores.groupby("label")["value"].mean().dropna()
    costs = _costs(scores, direction)
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
