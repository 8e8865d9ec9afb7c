"""How sure a board's order is: intervals, critical differences and comparisons of pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.reports import statistics as stats
from gan_bench.reports.frames import BOARD, ENTRY, Frames, board_title
from gan_bench.reports.labels import clean, number
from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.statistics import MIN_SEEDS, TOO_FEW
from gan_bench.reports.summary import MOST_ENTRIES, differences, ranking
from gan_bench.reports.tables import Column, Table

STATISTICS = ["count", "seeds", "mean", "std", "sem", "median", "iqm", "iqm_low", "iqm_high"]
ROWS = [
    *BOARD,
    *ENTRY,
    "label",
    "metric",
    "metric_title",
    "direction",
    *STATISTICS,
    "mean_rank",
    "critical",
    "apart",
    "note",
]
PAIRS = [*BOARD, "metric", "metric_title", "better", "worse", "probability", "low", "high"]


@dataclass(frozen=True)
class Evidence:
    """`entries`: one row per board and entry (ROWS); `pairs`: one per ordered pair of entries (PAIRS).

    `critical` and `apart` are of an entry's mean rank against the first's: the least difference that is told
    apart from chance (Kruskal-Wallis, then Nemenyi, 5 % per board), and whether it is. Only entries with
    enough seeds are compared; `note` says so of the others.
    """

    entries: pd.DataFrame
    pairs: pd.DataFrame


def evidence(frames: Frames) -> Evidence:
    """The evidence on the final scores of every board's ranking metric."""
    entries, pairs = [], []
    for key, board in frames.boards():
        metrics, signed, direction = ranking(board)
        if not metrics or signed[0] is None:
            continue
        costs = board.trials["trial"].map(signed[0])
        scored = board.trials.assign(value=costs if direction == "min" else -costs)
        rows = stats.summarise(scored, [*ENTRY, "label"], direction)
        named = {"metric": metrics[0], "metric_title": frames.descriptions.title(metrics[0])}
        rows = rows.assign(**named, direction=direction, **key)
        rows["note"] = np.where(rows["seeds"] >= MIN_SEEDS, "", TOO_FEW)
        able = scored[scored["label"].isin(rows.loc[rows["note"] == "", "label"])]
        entries.append(_differences(rows, differences(board.trials, signed)))
        if 1 < able["label"].nunique() <= MOST_ENTRIES:
            pairs.append(stats.improvement(able, "label", direction).assign(**named, **key))
    return Evidence(
        pd.concat(entries, ignore_index=True)[ROWS] if entries else pd.DataFrame(columns=ROWS),
        pd.concat(pairs, ignore_index=True)[PAIRS] if pairs else pd.DataFrame(columns=PAIRS),
    )


def _differences(rows: pd.DataFrame, found: stats.Differences | None) -> pd.DataFrame:
    """Mean ranks among the entries with seeds enough, and their distance from the first; in this order."""
    rows = rows.assign(mean_rank=np.nan, critical=np.nan, apart=False)
    if found is not None:
        first = found.mean_ranks.idxmin()
        rows["mean_rank"] = rows["label"].map(found.mean_ranks)
        rows["critical"] = rows["label"].map(found.critical.loc[first])
        rows["apart"] = rows["label"].map(found.apart.loc[first]).eq(True)
    better = rows["median"] * (1 if rows["direction"].iloc[0] == "min" else -1)
    order = rows.assign(better=better).sort_values(["mean_rank", "better"], na_position="last").index
    return rows.loc[order]


def evidence_tables(found: Evidence) -> dict[tuple, list[Table]]:
    """Tables per board (its key's values): statistics of every entry, then the matrix of improvement."""
    tables: dict[tuple, list[Table]] = {}
    for key, rows in found.entries.groupby(BOARD, sort=False):
        board = dict(zip(BOARD, key, strict=True))
        title = board_title(board, sorted(rows["profile"].unique()))
        mine = found.pairs[(found.pairs[BOARD] == pd.Series(board)).all(axis=1)]
        tables[key] = [_statistics(title, rows)]
        if len(mine):
            tables[key].append(_matrix(title, [x for x in rows["label"] if x in set(mine["better"])], mine))
    return tables


def _statistics(title: str, rows: pd.DataFrame) -> Table:
    metric, direction = rows["metric_title"].iloc[0], rows["direction"].iloc[0]
    columns = [Column("Variant", right=False), Column("Finished"), Column("Mean"), Column("Standard error")]
    columns += [Column("Median"), Column("Interquartile mean"), Column("95 % interval"), Column("Mean rank")]
    columns.append(Column("Against the first", right=False))
    cells, keys = [], []
    for place, (_, row) in enumerate(rows.iterrows()):
        verdict = row["note"] or ("told apart" if row["apart"] else "–" if place == 0 else "not told apart")
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
        "Against the first answers one question: is the difference of mean ranks more than chance, all pairs"
        " of the board tested together? How often one variant is better is the next table's question."
    ]
    notes.append("Mean, standard error and median: over finished seeds (n of N).")
    notes.append(
        "Interquartile mean and ranks: over all, lost ones as worst; interval by stratified bootstrap."
    )
    critical = rows["critical"].dropna()
    if len(critical) > 1:
        notes.append(
            f"Mean ranks are told apart from the first's by a difference of {critical.max():.3g} or more"
            " (Kruskal-Wallis, then Nemenyi, 5 % over all pairs)."
        )
    if (rows["note"] != "").any():
        notes.append(f"{TOO_FEW.capitalize()}: entries with fewer than {MIN_SEEDS} are not compared.")
    arrow = ARROWS.get(direction, "")
    heading = f"{title} · more than chance? Final {clean(metric, 40)} {arrow}".strip()
    return Table(heading, columns, cells, keys, notes)


def _matrix(title: str, names: list[str], pairs: pd.DataFrame) -> Table:
    lookup = {(row["better"], row["worse"]): row for _, row in pairs.iterrows()}
    columns = [Column("Variant", right=False), *(Column(clean(name)) for name in names)]
    cells: list[list[str]] = []
    keys: list[list[float | str]] = []
    for one in names:
        found = [lookup.get((one, other)) for other in names]
        cells.append([one, *("–" if row is None else f"{row['probability']:.2f}" for row in found)])
        keys.append([one, *(np.nan if row is None else float(row["probability"]) for row in found)])
    metric = clean(pairs["metric_title"].iloc[0], 40)
    notes = [
        "Probability of improvement answers one question: how often does a seed of the row's variant beat one"
        " of the column's? 0.5: neither is better; a lost seed loses. It is a size of difference, no test:"
        " whether the difference is more than chance is the table above's question."
    ]
    notes.append(
        "tables/improvement.csv has the 95 % interval of every pair, each as if it were the only one."
    )
    return Table(
        f"{title} · how often better? {metric}, probability of improvement", columns, cells, keys, notes
    )


def _number(value: float) -> str:
    """A score of which lost seeds are part: infinite means that they reach into the middle half."""
    return "lost" if np.isinf(value) else number(value)


def across(found: Evidence) -> Table | None:
    """Mean ranks over boards as blocks, of the entries that every board compares; None for fewer than three.

    Friedman's test, then Nemenyi's critical difference (Demsar 2006); a board's ranks are of mean ranks.
    """
    able = found.entries[found.entries["mean_rank"].notna()]
    able = able.assign(board=able.groupby(BOARD).ngroup())
    ranks = able.pivot_table(index="board", columns="variant", values="mean_rank", aggfunc="min").dropna(
        axis=1
    )
    if len(ranks) < 2 or ranks.shape[1] < 3:
        return None
    result = stats.blocked_differences(ranks)
    order = result.mean_ranks.sort_values()
    apart = result.apart[order.index[0]]
    columns = [Column("Variant", right=False), Column("Mean rank"), Column("Against the first", right=False)]
    cells: list[list[str]] = []
    keys: list[list[float | str]] = []
    for place, (name, rank) in enumerate(order.items()):
        verdict = "–" if place == 0 else "told apart" if apart[name] else "not told apart"
        cells.append([clean(name), f"{rank:.2f}", verdict])
        keys.append([str(name), float(rank), verdict])
    critical = float(result.critical.iloc[0, 1])
    notes = [
        f"Variants ranked within each of {len(ranks)} boards; of several settings the best-ranked counts."
    ]
    notes.append(
        f"Friedman's test: p = {result.p_value:.2g}. Critical difference of mean ranks: {critical:.2f} (5 %)."
    )
    return Table("Across all datasets and networks", columns, cells, keys, notes)
