"""Summary of trials: one row per entry with means, spreads, counts and ranks.

± is the sample standard deviation (ddof 1) over training seeds, over the finished ones, beside n of N. Ranks
count every trial: one that diverged, failed or has no defined score shares the last place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gan_bench.reports.equal import KIMG
from gan_bench.reports.frames import BOARD, ENTRY, Frames, tidy
from gan_bench.reports.rankings import (
    MOST_ENTRIES,
    best_entries,
    differences,
    mean_ranks,
    measurable,
    metric_costs,
    ranking,
)
from gan_bench.reports.statistics import MIN_SEEDS, TOO_FEW, Differences, letters

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
GROUP = ["metric", "when", "weights"]  # of the scores that are compared with each other
METRIC = [*BOARD, *ENTRY, "label", "metric", "metric_title", "unit", "version", "direction", "target"]
METRIC += ["when", "weights", "mean", "std", "median", "count", "finished", "seeds", "diverged", "failed"]
METRIC += ["mean_rank", "best", "reason"]  # columns of `metric_rows`
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
    tables = []
    for _, board in frames.boards():
        counts, ends = _counts(board.trials), board.finals
        groups = [(*key, group) for key, group in ends.groupby(GROUP, sort=False)]
        groups.sort(key=lambda group: frames.descriptions.place(group[0]))
        described, mean_rank, marked = [], [], []
        for metric, when, weights, group in groups:
            direction = next((text for text in group["direction"] if text), "")
            described.append({
                "metric": metric, "when": when, "weights": weights, "direction": direction,
                "metric_title": frames.descriptions.title(metric), "unit": frames.descriptions.unit(metric),
                **{name: group[name].iloc[0] for name in ("version", "target")},
            })  # fmt: skip
            costs = metric_costs(group, direction) if group["value"].notna().any() else None
            mean_rank.append(mean_ranks(measurable(board.trials, group), [costs]).reindex(counts.index))
            best, tested = best_entries(board.trials, group, direction)
            marked.append(counts["label"].isin(best) & tested)
        if groups:
            table = pd.DataFrame(described).merge(counts.reset_index(), how="cross")
            table = table.assign(mean_rank=np.concatenate(mean_rank), best=np.concatenate(marked))
            tables.append(table.merge(_statistics(ends), how="left", on=[*GROUP, *ENTRY]))
    if not tables:
        return pd.DataFrame(columns=METRIC)
    rows = pd.concat(tables, ignore_index=True)
    return rows.assign(count=rows["count"].fillna(0).astype(int), reason=rows["reason"].fillna(""))[METRIC]


def _statistics(ends: pd.DataFrame) -> pd.DataFrame:
    """Return per metric, when, weights and entry: mean, std, median and count of values, first reason."""
    values = ends.groupby([*GROUP, *ENTRY])["value"]
    statistics = values.agg(mean="mean", std="std", median="median", count="count")
    reasons = ends[ends["reason"] != ""].groupby([*GROUP, *ENTRY])["reason"].first()
    return statistics.join(reasons).reset_index()


def _counts(trials: pd.DataFrame) -> pd.DataFrame:
    """Return per entry: the board's key, label, paper, and how many of its seeds came to which end."""
    groups = trials.groupby(ENTRY, sort=False)
    counts = groups[[*BOARD, "label", "paper", "year", "lacks", "origin"]].first()
    counts["seeds"] = groups.size()
    for status in ("finished", "diverged"):
        counts[status] = (trials["status"] == status).groupby([trials[name] for name in ENTRY]).sum()
    counts["failed"] = counts["seeds"] - counts["finished"] - counts["diverged"]
    return counts


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
