"""Statistical evidence for a board's ranking: intervals, critical differences and pairwise comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.reports import statistics as stats
from gan_bench.reports.frames import BOARD, ENTRY, Frames, board_title
from gan_bench.reports.labels import clean, number
from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.rankings import MOST_ENTRIES, differences, mean_ranks, ranking
from gan_bench.reports.statistics import MIN_SEEDS, TOO_FEW
from gan_bench.reports.table import Column, Table

STATISTICS = ["count", "seeds", "mean", "std", "sem", "median", "iqm", "iqm_low", "iqm_high"]
ROWS = [*BOARD, *ENTRY, "label", "metric", "metric_title", "direction", *STATISTICS]
ROWS += ["mean_rank", "critical", "apart", "note"]
PAIRS = [*BOARD, "metric", "metric_title", "better", "worse", "probability", "low", "high"]
SIGNIFICANT, INSIGNIFICANT = "significant", "not significant"


@dataclass(frozen=True)
class Evidence:
    """`entries`: one row per board and entry (ROWS); `pairs`: one per ordered pair of entries (PAIRS).

    Entries come in the order of the leaderboard. `critical` is the least significant difference of an entry's
    mean rank from that of the first with enough seeds (Kruskal-Wallis, then Nemenyi, 5 % per board), `apart`
    whether the entry reaches it. Only entries with enough seeds are compared, and their `mean_rank` is among
    these; `note` names the reason for the others.
    """

    entries: pd.DataFrame
    pairs: pd.DataFrame


def evidence(frames: Frames) -> Evidence:
    """Return the evidence on the final scores of every board's ranking metric."""
    entries, pairs = [], []
    for key, board in frames.boards():
        metrics, costs, direction = ranking(board)
        if not metrics or costs[0] is None:
            continue
        values = board.trials["trial"].map(costs[0]) * stats.SIGNS[direction]
        scored = board.trials.assign(value=values)
        rows = stats.summarise(scored, [*ENTRY, "label"], direction)
        named = {"metric": metrics[0], "metric_title": frames.descriptions.title(metrics[0])}
        rows = rows.assign(**named, direction=direction, **key)
        rows["note"] = np.where(rows["seeds"] >= MIN_SEEDS, "", TOO_FEW)
        able = scored[scored["label"].isin(rows.loc[rows["note"] == "", "label"])]
        places = rows.set_index(ENTRY).index.map(mean_ranks(board.trials, costs))
        rows = rows.iloc[np.argsort(places.to_numpy(float), kind="stable")]
        entries.append(_differences(rows, differences(board.trials, costs)))
        if 1 < able["label"].nunique() <= MOST_ENTRIES:
            pairs.append(stats.improvement(able, "label", direction).assign(**named, **key))
    return Evidence(
        pd.concat(entries, ignore_index=True)[ROWS] if entries else pd.DataFrame(columns=ROWS),
        pd.concat(pairs, ignore_index=True)[PAIRS] if pairs else pd.DataFrame(columns=PAIRS),
    )


def _differences(rows: pd.DataFrame, results: stats.Differences | None) -> pd.DataFrame:
    """Add mean ranks of the entries with enough seeds, and their distance from the first of these."""
    rows = rows.assign(mean_rank=np.nan, critical=np.nan, apart=False)
    if results is not None:
        first = next(label for label in rows["label"] if label in results.mean_ranks.index)
        others = rows["label"].where(rows["label"] != first)
        rows["mean_rank"] = rows["label"].map(results.mean_ranks)
        rows["critical"] = others.map(results.critical.loc[first])
        rows["apart"] = others.map(results.apart.loc[first]).eq(True)
    return rows


def evidence_tables(results: Evidence) -> dict[tuple, list[Table]]:
    """Return tables per board (values of its key): statistics of every entry, matrix of improvement."""
    tables: dict[tuple, list[Table]] = {}
    for key, rows in results.entries.groupby(BOARD, sort=False):
        board = dict(zip(BOARD, key, strict=True))
        title = board_title(board, sorted(rows["profile"].unique()))
        board_pairs = results.pairs[(results.pairs[BOARD] == pd.Series(board)).all(axis=1)]
        tables[key] = [_statistics(title, rows)]
        if len(board_pairs):
            tables[key].append(
                _matrix(title, [x for x in rows["label"] if x in set(board_pairs["better"])], board_pairs)
            )
    return tables


def _statistics(title: str, rows: pd.DataFrame) -> Table:
    metric, direction = rows["metric_title"].iloc[0], rows["direction"].iloc[0]
    columns = [Column("Variant", right=False), Column("Finished"), Column("Mean"), Column("Standard error")]
    columns += [Column("Median"), Column("Interquartile mean"), Column("95 % interval"), Column("Mean rank")]
    columns.append(Column("Against the first", right=False))
    cells, keys = [], []
    first = next(iter(rows.loc[rows["note"] == "", "label"]), None)
    for _, row in rows.iterrows():
        verdict = row["note"] or ("–" if row["label"] == first else _verdict(row["apart"]))
        interval = f"{_number(row['iqm_low'])} to {_number(row['iqm_high'])}"
        cells.append(
            [row["label"], f"{row['count']} of {row['seeds']}", number(row["mean"]), number(row["sem"], 2)]
        )
        cells[-1] += [
            number(row["median"]),
            _number(row["iqm"]),
            interval,
            number(row["mean_rank"], 3),
            verdict,
        ]
        keys.append([row["label"], row["count"] / row["seeds"], row["mean"], row["sem"], row["median"]])
        keys[-1] += [row["iqm"], row["iqm_low"], row["mean_rank"], verdict]
    notes = [
        "Against the first: significance of the difference of mean ranks, over all pairs of the board"
        " together. Probability of improvement estimates how often one variant is better."
    ]
    notes.append("Mean, standard error and median are over finished seeds (n of N).")
    notes.append(
        "Interquartile mean and ranks are over all seeds, lost seeds as worst; the interval is a stratified"
        " bootstrap's."
    )
    if (critical := rows["critical"].dropna()).size:
        least, most = f"{critical.min():.3g}", f"{critical.max():.3g}"
        amount = least if least == most else f"{least} to {most} (by the numbers of seeds)"
        notes.append(
            f"A mean rank differs significantly from the first's by {amount} or more"
            " (Kruskal-Wallis, then Nemenyi, 5 % over all pairs)."
        )
    if (rows["note"] != "").any():
        notes.append(f"{TOO_FEW.capitalize()}: entries with fewer than {MIN_SEEDS} are not compared.")
    arrow = ARROWS.get(direction, "")
    heading = f"significance: final {clean(metric, 40)} {arrow}".strip()
    return Table(f"{title} · {heading}", columns, cells, keys, notes, caption=heading)


def _matrix(title: str, names: list[str], pairs: pd.DataFrame) -> Table:
    lookup = {(row["better"], row["worse"]): row for _, row in pairs.iterrows()}
    columns = [Column("Variant", right=False), *(Column(clean(name)) for name in names)]
    cells: list[list[str]] = []
    keys: list[list[float | str]] = []
    for one in names:
        results = [lookup.get((one, other)) for other in names]
        cells.append([one, *("–" if row is None else f"{row['probability']:.2f}" for row in results)])
        keys.append([one, *(np.nan if row is None else float(row["probability"]) for row in results)])
    metric = clean(pairs["metric_title"].iloc[0], 40)
    notes = [
        "Probability that a seed of the row's variant beats a seed of the column's; 0.5: neither is better."
        " Lost seeds lose. It measures the size of a difference, not its significance."
    ]
    notes.append(
        "tables/improvement.csv has the 95 % interval of every pair, not corrected for multiple comparisons."
    )
    heading = f"probability of improvement: {metric}"
    return Table(f"{title} · {heading}", columns, cells, keys, notes, caption=heading)


def _verdict(apart: bool) -> str:
    return SIGNIFICANT if apart else INSIGNIFICANT


def _number(value: float) -> str:
    """Return a score of which lost seeds are part: infinite means that they reach into the middle half."""
    return "lost" if np.isinf(value) else number(value)


def across(results: Evidence) -> Table | None:
    """Return mean ranks of the entries that every board compares; None for fewer than three entries.

    Friedman's test, then Nemenyi's critical difference (Demsar 2006); a board's ranks are of mean ranks.
    """
    able = results.entries[results.entries["mean_rank"].notna()]
    able = able.assign(board=able.groupby(BOARD).ngroup())
    ranks = able.pivot_table(index="board", columns="variant", values="mean_rank", aggfunc="min").dropna(
        axis=1
    )
    if len(ranks) < 2 or ranks.shape[1] < 3:
        return None
    result = stats.blocked_differences(ranks.round(9))  # equal sums may differ in rounding
    order = result.mean_ranks.sort_values()
    apart = result.apart[order.index[0]]
    columns = [Column("Variant", right=False), Column("Mean rank"), Column("Against the first", right=False)]
    cells: list[list[str]] = []
    keys: list[list[float | str]] = []
    for place, (name, rank) in enumerate(order.items()):
        verdict = "–" if place == 0 else _verdict(apart[name])
        cells.append([clean(name), f"{rank:.2f}", verdict])
        keys.append([str(name), float(rank), verdict])
    critical = float(result.critical.iloc[0, 1])
    notes = [
        f"Variants that all of the {len(ranks)} leaderboards with enough seeds compare, ranked within each,"
        " each by its best-ranked setting."
    ]
    few = " With so few leaderboards no difference reaches it." if critical > ranks.shape[1] - 1 else ""
    notes.append(
        f"Friedman's test: p = {result.p_value:.2g}. Critical difference of mean ranks: {critical:.2f} (5 %)."
        f"{few}"
    )
    return Table("Across all datasets and networks", columns, cells, keys, notes)
