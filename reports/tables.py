"""Tables of boards: leaderboards, and all metrics."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd

from gan_bench.reports import references
from gan_bench.reports.frames import BOARD, board_title, trained
from gan_bench.reports.labels import clean, quantity, spread
from gan_bench.reports.leaderboard_columns import SCORED, cells, columns, keys
from gan_bench.reports.metrics import BETTER, pointer
from gan_bench.reports.rankings import tied_with_first
from gan_bench.reports.summary import MIN_SEEDS, TOO_FEW, VIEW_TITLES, leading, of_leading
from gan_bench.reports.table import Column, Table, compact

SEEDS_NOTE = "±: standard deviation over the seeds that finished (n of N)."
ONE_SEED = "One seed of each entry, so none has a spread."
BESIDE_NOTE = (
    "({}): trials from a file of results, of the same data, networks, budget and protocol, ranked with this "
    "folder's. Seconds and rates are those of the machine that trained them."
)
BEST_TESTED = (
    "Bold: the best mean rank, and those that do not differ from it significantly (Kruskal-Wallis, then"
    " Nemenyi, 5 %)."
)
UNCOMPARED = f"Fewer than {MIN_SEEDS} seeds, so not compared: {{}}."
BOLD_NOTE = "Bold: the first entry, and entries whose difference from it is not significant."


def boards(rows: pd.DataFrame, apart: pd.DataFrame | None = None) -> list[Table]:
    """Return a leaderboard for each board in `rows` (see `leaderboard`); of a large sweep the best settings.

    `apart` holds the boards' reference rows (see `reports.references`).
    """
    groups = rows.groupby(BOARD, sort=False) if len(rows) else []
    apart = references.reference_rows() if apart is None else apart
    return [_leaderboard(dict(zip(BOARD, key, strict=True)), group, apart) for key, group in groups]


def _needless(rows: pd.DataFrame) -> list[str]:
    """Return columns that would say in every row what the title says."""
    return ["Profile"] if rows["profile"].nunique() == 1 else []


def _leaderboard(key: dict, everything: pd.DataFrame, beside: pd.DataFrame) -> Table:
    rows = leading(everything)
    views = [view for view in VIEW_TITLES if rows[f"{view}_count"].sum()] or ["final"]
    shown = columns(rows, views)
    used = trained(key["kimg"], rows["images"])
    beside = references.of_board(beside, key)
    metric, heading = rows[["primary", "primary_title"]].iloc[0]
    scores = references.of_metric(beside, metric)
    scored = scores[scores["count"] > 0]
    titles = [column.title for column in shown]
    apart = references.lines(scores, titles, {SCORED: metric}, beside)
    bold = frozenset((line, SCORED) for line in _first(rows))
    notes = [
        *filter(None, [rows["limit_note"].iloc[0]]), *_notes(rows), *_roles(rows),
        *_counts(key, rows, everything, used),
        *references.degenerate_notes(rows, views, beside[beside["reference"].isin(scored["reference"])]),
        *references.notes(scores), *filter(None, [references.undefined(scores, metric, clean(heading))]),
        *([BOLD_NOTE] if bold else []),
    ]  # fmt: skip
    title = board_title(key, sorted(everything["profile"].unique()), rows["images"])
    texts, sorted_by = cells(rows, views, bool(used)), keys(rows, views)
    whole = Table(title, shown, texts, sorted_by, notes, subtitle=_subtitle(rows), apart=apart, bold=bold)
    return compact(whole, _needless(rows))


def _subtitle(rows: pd.DataFrame) -> str:
    """Return the ranking metric, the direction that is better, and the limit of cost."""
    better = BETTER.get(rows["direction"].iloc[0])
    limit = rows["limit"].iloc[0]
    metric = clean(rows["primary_title"].iloc[0])
    values = "mean ± std over seeds" if several(rows) else "one seed"
    return "; ".join(filter(None, [f"{metric}{f', {better}' if better else ''}", values, limit]))


def several(rows: pd.DataFrame) -> bool:
    """Return whether any entry has more than one seed; otherwise nothing in a table has a spread."""
    return bool(rows["seeds"].max() > 1)


def of_seeds(rows: pd.DataFrame) -> str:
    """Return the note that says what ± is, or that there is none."""
    return SEEDS_NOTE if several(rows) else ONE_SEED


def _counts(key: dict, rows: pd.DataFrame, everything: pd.DataFrame, used: str) -> list[str]:
    """Return the notes on a budget that was rounded up, and on settings that are not shown."""
    notes = []
    if used:
        notes.append(
            f"The budget of {key['kimg']:g} kimg is rounded up to whole iterations:"
            f" training used {used} kimg."
        )
    if len(rows) < len(everything):
        notes.append(
            f"Only the best-ranked setting of each variant, of {len(everything):,} in all; the best of many"
            " scores is biased upwards. Stability compares all settings; leaderboard.csv lists them."
        )
    return notes


def _first(rows: pd.DataFrame) -> list[int]:
    """Return the places of the first entry and of those that share a letter with it.

    None where differences from the first were not tested, or where it is the only entry.
    """
    if tied_with_first(rows) is None:
        return []
    best = set(rows["tied"].iloc[0])
    return [place for place, tied in enumerate(rows["tied"]) if best & set(tied)]


def _roles(rows: pd.DataFrame) -> list[str]:
    """Return the weights by role of entries with other roles than critic and generator, a line each."""
    lines: dict[str, list[str]] = {}
    for _, row in rows.iterrows():
        counts = json.loads(row["parameters"] or "{}")
        if set(counts) - {"critic", "generator"}:
            text = ", ".join(f"{role} {quantity(count)}" for role, count in counts.items())
            lines.setdefault(text, []).append(row["label"])
    return [f"Weights of {', '.join(labels)}: {text}." for text, labels in lines.items()]


def _notes(rows: pd.DataFrame) -> list[str]:
    notes = [of_seeds(rows), *(BESIDE_NOTE.format(origin) for origin in rows["origin"].unique() if origin)]
    notes += _replaced(rows)
    unranked = rows[rows["rank"].isna()]
    if rows["mean_rank"].isna().all():
        notes.append("No ranks: no finished trial has a score that can be ranked.")
    elif len(unranked) == len(rows):
        notes.append(
            f"{TOO_FEW.capitalize()} (fewer than {MIN_SEEDS}): the order of the rows is not a ranking."
        )
    elif len(unranked):
        names = ", ".join(unranked["label"])
        notes.append(f"{TOO_FEW.capitalize()} (fewer than {MIN_SEEDS}): {names}.")
    if rows["mean_rank"].notna().any():
        equal = " 1=: several entries have the same mean rank."
        ties = equal if rows["rank"].dropna().duplicated().any() else ""
        breaking = rows["tie_breakers"].iloc[0]
        by = f", seeds with equal scores by {breaking}" if breaking else ""
        notes.append(f"Order: mean rank over all seeds{by}; lost seeds share the last rank.{ties}")
    return notes


def _replaced(rows: pd.DataFrame) -> list[str]:
    """Return a sentence on the entries for which another profile replaces one that they do not have."""
    lacking = rows[rows["lacks"] != ""]
    used = lacking["profile"].map(lambda label: label.partition(" (")[0])
    return [
        f"No profile {clean(lacks)} for these data: {', '.join(entries['label'])}. The profile {clean(name)}"
        " is used."
        for (lacks, name), entries in lacking.groupby(["lacks", used], sort=False)
    ]


def metrics(
    rows: pd.DataFrame, order: pd.DataFrame, *, beyond: str | None = None, apart: pd.DataFrame | None = None
) -> list[Table]:
    """Return a table of all metrics for each board and each of final, best and EMA (see `metric_rows`).

    Of the entries and in the order of the leaderboard `order`, or what `summary.leading` leaves of it; the
    metric that ranks has the first column of scores. With `beyond`, groups that hold nothing but this metric
    are left out: the leaderboard has them. Reference rows (`apart`) stand beside final scores of raw weights.
    """
    apart = references.reference_rows() if apart is None else apart
    places = {entry: place for place, entry in enumerate(_entries(order))}
    rows = of_leading(rows, order)
    if rows.empty:
        return []
    rows = rows.iloc[np.argsort(~rows["metric"].isin(order["primary"]), kind="stable")]
    rows = rows.iloc[np.argsort([places[entry] for entry in _entries(rows)], kind="stable")]
    tables = []
    for key, group in rows.groupby([*BOARD, "when", "weights"], sort=False):
        if set(group["metric"]) == {beyond}:
            continue
        board = dict(zip(BOARD, key, strict=False))
        weights = "EMA weights" if key[-1] == "ema" else "raw weights"
        beside = references.of_board(apart, board) if key[-2:] == ("final", "raw") else apart[:0]
        tables.append(_metrics(board, f"{key[-2]} scores, {clean(weights)}", group, beside))
    return tables


def best_tested(rows: pd.DataFrame) -> list[str]:
    """Return the notes on bold scores that a test found; `rows` have the columns `label` and `seeds`."""
    few = rows.loc[rows["seeds"] < MIN_SEEDS, "label"].unique()
    return [BEST_TESTED, *([UNCOMPARED.format(", ".join(few))] if len(few) else [])]


def _entries(rows: pd.DataFrame) -> list[tuple]:
    return list(rows[[*BOARD, "label"]].itertuples(index=False, name=None)) if len(rows) else []


def _metrics(board: dict, what: str, rows: pd.DataFrame, beside: pd.DataFrame) -> Table:
    names = list(rows["metric"].unique())
    known = rows.drop_duplicates("metric").set_index("metric")
    columns = [Column("Variant", right=False), Column("Profile", right=False), Column("Finished")]
    columns += [
        Column(f"{clean(row['metric_title'], 60)} {pointer(row['direction'], row['target'])}".strip())
        for _, row in known.iterrows()
    ]
    cells, keys, reasons = [], [], {}
    bold: set[tuple[int, int]] = set()
    entries: dict[str, dict[str, dict]] = {}  # label -> metric -> row
    for row in rows.to_dict("records"):
        entries.setdefault(row["label"], {}).setdefault(row["metric"], row)
    for label, by_metric in entries.items():
        first = next(iter(by_metric.values()))
        cells.append([label, clean(first["profile"]), f"{first['finished']} of {first['seeds']}"])
        keys.append([label, first["profile"], first["finished"] / first["seeds"]])
        for name in names:
            row = by_metric.get(name)
            cells[-1].append("–" if row is None else spread(row["mean"], row["std"], row["count"]))
            keys[-1].append(math.nan if row is None else float(row["mean"]))
            if row is not None and row["best"]:
                bold.add((len(cells) - 1, len(cells[-1]) - 1))
            if row is not None and row["reason"]:
                reasons[name] = row["reason"]
    start = len(columns) - len(names)
    for place, name in enumerate(names, start):
        title = clean(known.at[name, "metric_title"])
        why = f"{title} is undefined for some entries: {clean(reasons[name], 200)}" if name in reasons else ""
        note = " ".join(filter(None, [why, references.undefined(beside, name, title)]))
        columns[place] = replace(columns[place], note=note)
    notes = [of_seeds(rows), *(best_tested(rows) if bold else [])]
    titles = [column.title for column in columns]
    named = dict(enumerate(names, start))
    apart = references.lines(beside, titles, named, beside)
    notes += references.notes(beside)
    profiles = sorted(rows["profile"].unique())
    title = f"{board_title(board, profiles)} · {what}"
    whole = Table(title, columns, cells, keys, notes, caption=what, apart=apart, bold=frozenset(bold))
    return compact(whole, _needless(rows))
