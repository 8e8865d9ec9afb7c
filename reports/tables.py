"""Tables of boards: leaderboards, and all metrics."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd

from gan_bench.reports import references
from gan_bench.reports.frames import BOARD, board_title, trained
from gan_bench.reports.labels import clean, number, quantity, spread
from gan_bench.reports.metrics import ARROWS, BETTER, pointer
from gan_bench.reports.summary import (
    MIN_SEEDS,
    TOO_DEGENERATE,
    TOO_FEW,
    VIEW_TITLES,
    leading,
    of_leading,
)
from gan_bench.reports.table import Column, Table, compact

SEEDS_NOTE = "±: standard deviation over the seeds that finished (n of N)."
BEST_NOTE = "Best: test score at the evaluation point with the best validation score."
BESIDE_NOTE = (
    "({}): trials from a file of results, of the same data, networks, budget and protocol, ranked with this "
    "folder's. Seconds and rates are those of the machine that trained them."
)
SPEED_NOTE = "Not a speed benchmark: trials ran in parallel."
PACK_NOTE = "Pack: number of trials trained together; images/s and seconds are those of the whole pack."
FROZEN_NOTE = "Frozen weights: those that no player trains."
PRETRAINING_NOTE = "Pre-training: samples used before a critic first trained; they are part of the budget."
FLOP_NOTE = "FLOP: of one trial's training, in matrix products and convolutions."
COSTS = (
    "critic_parameters", "other_parameters", "frozen_parameters", "images", "pretraining_images",
    "generator_updates", "flop", "images_per_second", "train_seconds", "pack_size",
)  # fmt: skip
TIED_NOTE = (
    "Tied: the mean ranks of entries that share a letter do not differ significantly (Kruskal-Wallis, then"
    " Nemenyi, 5 % over all pairs of the board)."
)
BEST_TESTED = (
    "Bold: the best mean rank, and those that do not differ from it significantly (Kruskal-Wallis, then"
    " Nemenyi, 5 %)."
)
BOLD_NOTE = "Bold: the first entry, and entries whose difference from it is not significant."
VIEWS_GIVE_WAY = {"final": 0, "best": 8, "final_ema": 7, "best_ema": 5}


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
    metric, direction = rows["primary_title"].iloc[0], rows["direction"].iloc[0]
    views = [view for view in VIEW_TITLES if rows[f"{view}_count"].sum()] or ["final"]
    columns = [Column("Rank"), Column("Tied", right=False, gives_way=11, note=TIED_NOTE)]
    columns += [Column("Variant", right=False), Column("Profile", right=False, gives_way=6)]
    shared = rows["rank"][rows["rank"].duplicated(keep=False)]
    scored = len(columns)
    for view in views:
        heading = " ".join(f"{clean(metric, 40)} {ARROWS.get(direction, '')} {VIEW_TITLES[view]}".split())
        note = BEST_NOTE if view.startswith("best") else ""
        columns.append(Column(heading, gives_way=VIEWS_GIVE_WAY[view], short=VIEW_TITLES[view], note=note))
    columns += [Column("Finished"), Column("Lost", right=False, gives_way=9)]
    columns += [
        Column("Critic weights", gives_way=4),
        Column("Other weights", gives_way=4),
        Column("Frozen weights", gives_way=4, note=FROZEN_NOTE),
    ]
    used, packed = trained(key["kimg"], rows["images"]), bool((rows["pack_size"] > 1).any())
    columns.append(Column("Trained (kimg)", gives_way=5))
    columns.append(Column("Pre-training (kimg)", gives_way=5, note=PRETRAINING_NOTE))
    columns.append(Column("Generator updates", gives_way=3, short="Gen. updates"))
    columns.append(Column("FLOP", gives_way=2, note=FLOP_NOTE))
    columns.append(Column("Images / s", gives_way=1, note=SPEED_NOTE))
    columns.append(Column("Training (s)", gives_way=1, note=SPEED_NOTE))
    columns.append(Column("Pack", gives_way=1, note=PACK_NOTE))
    cells, keys = [], []
    for _, row in rows.iterrows():
        equal = "=" if row["rank"] in set(shared.dropna()) else ""
        rank = "–" if pd.isna(row["rank"]) else f"{row['rank']}{equal}"
        lost = [f"{row[status]} {status}" for status in ("diverged", "failed") if row[status]]
        cells.append([rank, row["tied"], row["label"], clean(row["profile"])])
        place = math.nan if pd.isna(row["rank"]) else float(row["rank"])
        keys.append([place, row["tied"], row["label"], row["profile"]])
        for view in views:
            mean, std, count = (row[f"{view}_{name}"] for name in ("mean", "std", "count"))
            # A view with fewer scores than seeds finished says so itself.
            partial = f" ({count} scored)" if 0 < count < row["finished"] else ""
            warning = references.WARNING if row[f"{view}_degenerate"] > TOO_DEGENERATE else ""
            cells[-1].append(spread(mean, std, count) + partial + warning)
            keys[-1].append(float(mean))
        cells[-1] += [f"{row['finished']} of {row['seeds']}", ", ".join(lost)]
        keys[-1] += [row["finished"] / row["seeds"], float(row["diverged"] + row["failed"])]
        cells[-1] += [quantity(row["critic_parameters"]), quantity(row["other_parameters"])]
        cells[-1].append(quantity(row["frozen_parameters"]) if row["frozen_parameters"] > 0 else "")
        cells[-1].append(f"{row['images'] / 1000:,.10g}" if used and np.isfinite(row["images"]) else "")
        cells[-1].append(_kimg(row["pretraining_images"]))
        cells[-1] += [number(row["generator_updates"], 9), quantity(row["flop"])]
        cells[-1] += [quantity(row["images_per_second"]), number(row["train_seconds"], 3)]
        cells[-1] += [number(row["pack_size"], 3) if packed else ""]
        keys[-1] += [float(row[name]) for name in COSTS]
    profiles = sorted(everything["profile"].unique())
    subtitle = (
        f"{clean(metric)}{', ' + BETTER[direction] if direction in BETTER else ''}; mean ± std over seeds"
        f"{'; ' + rows['limit'].iloc[0] if rows['limit'].iloc[0] else ''}"
    )
    notes = [*filter(None, [rows["limit_note"].iloc[0]]), *_notes(rows), *_roles(rows)]
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
    beside = references.of_board(beside, key)
    scores = references.of_metric(beside, rows["primary"].iloc[0])
    notes += references.degenerate_notes(rows, views, beside[beside["reference"].isin(scores["reference"])])
    titles = [column.title for column in columns]
    apart = references.lines(scores, titles, {scored: rows["primary"].iloc[0]}, beside)
    notes += references.notes(scores)
    bold = frozenset((line, scored) for line in _first(rows))
    notes += [BOLD_NOTE] if len(bold) > 1 else []
    title = board_title(key, profiles, rows["images"])
    whole = Table(title, columns, cells, keys, notes, subtitle=subtitle, apart=apart, bold=bold)
    return compact(whole, _needless(rows))


def _first(rows: pd.DataFrame) -> list[int]:
    """Return the places of the first entry and of those that share a letter with it; none without ranks."""
    if rows.empty or pd.isna(rows["rank"].iloc[0]):
        return []
    best = set(rows["tied"].iloc[0])
    return [place for place, tied in enumerate(rows["tied"]) if place == 0 or best & set(tied)]


def _kimg(images: float) -> str:
    return f"{images / 1000:,.10g}" if images > 0 else ""


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
    notes = [SEEDS_NOTE, *(BESIDE_NOTE.format(origin) for origin in rows["origin"].unique() if origin)]
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
        notes.append(f"Order: mean rank over all seeds; lost seeds share the last rank.{ties}")
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
    for label, entry in rows.groupby("label", sort=False):
        first = entry.iloc[0]
        cells.append([label, clean(first["profile"]), f"{first['finished']} of {first['seeds']}"])
        keys.append([label, first["profile"], first["finished"] / first["seeds"]])
        by_metric = entry.drop_duplicates("metric").set_index("metric")
        for name in names:
            row = by_metric.loc[name] if name in by_metric.index else None
            cells[-1].append("–" if row is None else spread(row["mean"], row["std"], row["count"]))
            keys[-1].append(math.nan if row is None else float(row["mean"]))
            if row is not None and row["best"]:
                bold.add((len(cells) - 1, len(cells[-1]) - 1))
            if row is not None and row["reason"]:
                reasons[name] = row["reason"]
    notes = [SEEDS_NOTE, *([BEST_TESTED] if bold else [])]
    notes += [
        f"{clean(known.at[name, 'metric_title'])} is undefined for some entries: {clean(why, 200)}"
        for name, why in reasons.items()
    ]
    titles = [column.title for column in columns]
    named = dict(enumerate(names, start=len(titles) - len(names)))
    apart = references.lines(beside, titles, named, beside)
    notes += references.notes(beside)
    profiles = sorted(rows["profile"].unique())
    title = f"{board_title(board, profiles)} · {what}"
    whole = Table(title, columns, cells, keys, notes, caption=what, apart=apart, bold=frozenset(bold))
    return compact(whole, _needless(rows))
