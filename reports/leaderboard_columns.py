"""Columns of a leaderboard: headings, texts of the cells, and what the cells sort by."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from gan_bench.reports import references
from gan_bench.reports.labels import clean, count, number, quantity, spread
from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.summary import TOO_DEGENERATE, VIEW_TITLES
from gan_bench.reports.table import Column

BEST_NOTE = "Best: test score at the evaluation point with the best validation score."
SPEED_NOTE = "Not a speed benchmark: trials ran in parallel."
PACK_NOTE = "Pack: number of trials trained together; images/s and seconds are those of the whole pack."
FROZEN_NOTE = "Frozen weights: those that no player trains."
PRETRAINING_NOTE = "Pre-training: samples used before a critic first trained; they are part of the budget."
FLOP_NOTE = "FLOP: of one trial's training, in matrix products and convolutions."
VIEWS_GIVE_WAY = {"final": 0, "best": 8, "final_ema": 7, "best_ema": 5}
COSTS = (
    "critic_parameters", "other_parameters", "frozen_parameters", "images", "pretraining_images",
    "generator_updates", "flop", "images_per_second", "train_seconds", "pack_size",
)  # fmt: skip
TIED_NOTE = (
    "Tied: the mean ranks of entries that share a letter do not differ significantly (Kruskal-Wallis, then"
    " Nemenyi, 5 % over all pairs of the board)."
)
SCORED = 4
"""The place of the first column of scores."""


def columns(rows: pd.DataFrame, views: list[str]) -> list[Column]:
    """Return the columns of a leaderboard, with the scores of `views` from place `SCORED` on."""
    return [*_places(), *_scores(rows, views), *_costs()]


def _places() -> list[Column]:
    """Return the columns before the scores."""
    return [
        Column("Rank"),
        Column("Tied", right=False, gives_way=11, note=TIED_NOTE),
        Column("Variant", right=False),
        Column("Profile", right=False, gives_way=6),
    ]


def _scores(rows: pd.DataFrame, views: list[str]) -> list[Column]:
    """Return a column for each view of the ranking metric, and those of seeds that finished or did not."""
    metric, arrow = rows["primary_title"].iloc[0], ARROWS.get(rows["direction"].iloc[0], "")
    columns = []
    for view in views:
        heading = " ".join(f"{clean(metric, 40)} {arrow} {VIEW_TITLES[view]}".split())
        note = BEST_NOTE if view.startswith("best") else ""
        columns.append(Column(heading, gives_way=VIEWS_GIVE_WAY[view], short=VIEW_TITLES[view], note=note))
    return [*columns, Column("Finished"), Column("Lost", right=False, gives_way=9)]


def _costs() -> list[Column]:
    """Return the columns of `COSTS`."""
    return [
        Column("Critic weights", gives_way=4),
        Column("Other weights", gives_way=4),
        Column("Frozen weights", gives_way=4, note=FROZEN_NOTE),
        Column("Trained (kimg)", gives_way=5),
        Column("Pre-training (kimg)", gives_way=5, note=PRETRAINING_NOTE),
        Column("Generator updates", gives_way=3, short="Gen. updates"),
        Column("FLOP", gives_way=2, note=FLOP_NOTE),
        Column("Images / s", gives_way=1, note=SPEED_NOTE),
        Column("Training (s)", gives_way=1, note=SPEED_NOTE),
        Column("Pack", gives_way=1, note=PACK_NOTE),
    ]


def cells(rows: pd.DataFrame, views: list[str], used: bool) -> list[list[str]]:
    """Return the texts of all columns; `used` says that trials trained more than the budget."""
    shared = set(rows["rank"][rows["rank"].duplicated(keep=False)].dropna())
    packed = bool((rows["pack_size"] > 1).any())
    lines = []
    for _, row in rows.iterrows():
        rank = "–" if pd.isna(row["rank"]) else f"{row['rank']}{'=' if row['rank'] in shared else ''}"
        lost = [f"{row[status]} {status}" for status in ("diverged", "failed") if row[status]]
        lines.append([
            rank, row["tied"], row["label"], clean(row["profile"]),
            *(_score(row, view) for view in views),
            f"{row['finished']} of {row['seeds']}", ", ".join(lost),
            quantity(row["critic_parameters"]), quantity(row["other_parameters"]),
            quantity(row["frozen_parameters"]) if row["frozen_parameters"] > 0 else "",
            f"{row['images'] / 1000:,.10g}" if used and np.isfinite(row["images"]) else "",
            _kimg(row["pretraining_images"]), count(row["generator_updates"]), quantity(row["flop"]),
            quantity(row["images_per_second"]), number(row["train_seconds"], 3),
            number(row["pack_size"], 3) if packed else "",
        ])  # fmt: skip
    return lines


def _score(row: pd.Series, view: str) -> str:
    mean, std, scored = (row[f"{view}_{name}"] for name in ("mean", "std", "count"))
    # A view with fewer scores than seeds finished says so itself.
    partial = f" ({scored} scored)" if 0 < scored < row["finished"] else ""
    warning = references.WARNING if scored and row[f"{view}_degenerate"] > TOO_DEGENERATE else ""
    return spread(mean, std, scored) + partial + warning


def keys(rows: pd.DataFrame, views: list[str]) -> list[list[float | str]]:
    """Return what the cells of `cells` sort by."""
    return [
        [
            math.nan if pd.isna(row["rank"]) else float(row["rank"]),
            row["tied"], row["label"], row["profile"],
            *(float(row[f"{view}_mean"]) for view in views),
            row["finished"] / row["seeds"], float(row["diverged"] + row["failed"]),
            *(float(row[name]) for name in COSTS),
        ]
        for _, row in rows.iterrows()
    ]  # fmt: skip


def _kimg(images: float) -> str:
    return f"{images / 1000:,.10g}" if images > 0 else ""
