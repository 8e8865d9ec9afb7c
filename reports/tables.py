"""Tables of a report: what a board says in cells of text, for the terminal, files and the page alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from reports import markup
from reports.frames import BOARD, ENTRY, Frames, board_title
from reports.labels import ARROWS, clean, metric_title, number, quantity, spread
from reports.summary import MIN_SEEDS, TOO_FEW, VIEW_TITLES, leaderboard, metric_rows

__all__ = ["Column", "Table", "boards", "leaderboard", "metrics", "terminal", "write"]


@dataclass(frozen=True)
class Column:
    """A column's heading, side, and the place in which it gives way on a narrow terminal (0: never)."""

    title: str
    right: bool = True
    gives_way: int = 0


@dataclass(frozen=True)
class Table:
    """Cells of text under a title, with the values to sort by and notes below."""

    title: str
    columns: list[Column]
    cells: list[list[str]]
    keys: list[list[float | str]]  # what each cell sorts by; NaN sorts last either way
    notes: list[str] = field(default_factory=list)


def boards(rows: pd.DataFrame) -> list[Table]:
    """A leaderboard `Table` for each board in `rows` (see `leaderboard`)."""
    groups = rows.groupby(BOARD, sort=False) if len(rows) else []
    return [_leaderboard(dict(zip(BOARD, key, strict=True)), group) for key, group in groups]


def _leaderboard(key: dict, rows: pd.DataFrame) -> Table:
    metric, arrow = metric_title(rows["primary"].iloc[0]), ARROWS.get(rows["direction"].iloc[0], "")
    views = [view for view in VIEW_TITLES if rows[f"{view}_count"].sum()] or ["final"]
    columns = [Column("Rank"), Column("Variant", right=False), Column("Profile", right=False, gives_way=5)]
    for view in views:
        columns.append(
            Column(
                f"{clean(metric, 30)} {arrow} {VIEW_TITLES[view]}".replace("  ", " "),
                gives_way=0 if view == "final" else 6,
            )
        )
    columns += [
        Column("Finished"),
        Column("Lost", right=False, gives_way=7),
        Column("Critic par.", gives_way=3),
    ]
    columns += [
        Column("Generator par.", gives_way=4),
        Column("img/s", gives_way=2),
        Column("Training s", gives_way=1),
    ]
    cells, keys = [], []
    for _, row in rows.iterrows():
        rank = "–" if pd.isna(row["rank"]) else str(row["rank"])
        lost = [f"{row[status]} {status}" for status in ("diverged", "failed") if row[status]]
        cells.append([rank, row["label"], clean(row["profile"])])
        keys.append([math.nan if pd.isna(row["rank"]) else float(row["rank"]), row["label"], row["profile"]])
        for view in views:
            mean, std, count = (row[f"{view}_{name}"] for name in ("mean", "std", "count"))
            # A view with fewer scores than seeds finished says so itself.
            partial = f" ({count} seeds)" if 0 < count < row["finished"] else ""
            cells[-1].append(spread(mean, std, count) + partial)
            keys[-1].append(float(mean))
        cells[-1] += [f"{row['finished']} of {row['seeds']}", ", ".join(lost)]
        keys[-1] += [row["finished"] / row["seeds"], float(row["diverged"] + row["failed"])]
        for name in ("critic_parameters", "generator_parameters", "images_per_second"):
            cells[-1].append(quantity(row[name]))
            keys[-1].append(float(row[name]))
        cells[-1].append(number(row["train_seconds"], 3))
        keys[-1].append(float(row["train_seconds"]))
    profiles = sorted(rows["profile"].unique())
    return Table(board_title(key, profiles), columns, cells, keys, _notes(rows, views))


def _notes(rows: pd.DataFrame, views: Sequence[str]) -> list[str]:
    notes = ["± is the standard deviation over training seeds, over the finished ones (n of N)."]
    unranked = rows[rows["rank"].isna()]
    if rows["mean_rank"].isna().all():
        notes.append("No ranks: no finished trial has a score that could be ranked.")
    elif len(unranked) == len(rows):
        notes.append(
            f"{TOO_FEW.capitalize()} (fewer than {MIN_SEEDS}): the order of the rows names no winner."
        )
    elif len(unranked):
        names = ", ".join(unranked["label"])
        notes.append(f"{TOO_FEW.capitalize()} (fewer than {MIN_SEEDS}): {names}.")
    if rows["mean_rank"].notna().any():
        notes.append("Order: mean rank of all seeds; diverged and failed ones share the last place.")
    if any(view.startswith("best") for view in views):
        notes.append("Best: the point chosen on the validation split, reported on test.")
    notes.append("Speed and time were taken while training side by side: provenance, no comparison of speed.")
    return notes


def metrics(rows: pd.DataFrame) -> list[Table]:
    """For each board and each of final, best and EMA, all metrics side by side (see `summary.metric_rows`)."""
    tables = []
    for (key), group in rows.groupby([*BOARD, "when", "weights"], sort=False) if len(rows) else []:
        board = dict(zip(BOARD, key, strict=False))
        weights = "EMA weights" if key[-1] == "ema" else "raw weights"
        tables.append(_metrics(board, f"{key[-2]} scores, {clean(weights)}", group))
    return tables


def _metrics(board: dict, what: str, rows: pd.DataFrame) -> Table:
    names = list(rows["metric"].unique())
    directions = rows.drop_duplicates("metric").set_index("metric")["direction"]
    columns = [Column("Variant", right=False), Column("Profile", right=False), Column("Finished")]
    columns += [
        Column(f"{clean(metric_title(name), 40)} {ARROWS.get(directions[name], '')}".strip())
        for name in names
    ]
    cells, keys, reasons = [], [], {}
    for label, entry in rows.groupby("label", sort=False):
        first = entry.iloc[0]
        cells.append([label, clean(first["profile"]), f"{first['finished']} of {first['seeds']}"])
        keys.append([label, first["profile"], first["finished"] / first["seeds"]])
        by_metric = entry.drop_duplicates("metric").set_index("metric")
        for name in names:
            row = by_metric.loc[name] if name in by_metric.index else None
            cells[-1].append("–" if row is None else spread(row["mean"], row["std"], row["count"]))
            keys[-1].append(math.nan if row is None else float(row["mean"]))
            if row is not None and row["reason"]:
                reasons[name] = row["reason"]
    notes = ["± is the standard deviation over training seeds, over the finished ones (n of N)."]
    notes += [
        f"{clean(metric_title(name))} is undefined in places: {clean(why, 200)}"
        for name, why in reasons.items()
    ]
    profiles = sorted(rows["profile"].unique())
    return Table(f"{board_title(board, profiles)} · {what}", columns, cells, keys, notes)


def terminal(rows: pd.DataFrame, *, width: int = 80) -> RenderableType:
    """The leaderboards (see `leaderboard`) for a terminal of `width` columns; details give way before names do."""
    parts: list[RenderableType] = []
    for table in boards(rows):
        shown = _fitting(table, width)
        parts.append(Padding(Text(table.title, style="bold"), (1, 0, 0, 0)))
        drawn = RichTable(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
        for index in shown:
            column = table.columns[index]
            drawn.add_column(
                Text(column.title), justify="right" if column.right else "left", overflow="ellipsis",
                no_wrap=False, min_width=min(6, max((len(c[index]) for c in table.cells), default=1)),
            )  # fmt: skip
        for line in table.cells:
            drawn.add_row(*(Text(line[index], no_wrap=True, overflow="ellipsis") for index in shown))
        parts += [drawn, *(Text(note, style="dim") for note in table.notes)]
    return Group(*parts) if parts else Text("No trials to show.")


def _fitting(table: Table, width: int) -> list[int]:
    """Indices of the columns that fit, the first to give way left out first; empty columns are not shown."""
    shown = [
        i
        for i in range(len(table.columns))
        if table.columns[i].title != "Lost" or any(c[i] for c in table.cells)
    ]

    def needed(index: int) -> int:
        words = max(len(word) for word in table.columns[index].title.split())
        longest = max((len(line[index]) for line in table.cells), default=0)
        return max(words, min(longest, 24 if table.columns[index].title == "Variant" else longest)) + 1

    while sum(map(needed, shown)) > width:
        loose = [index for index in shown if table.columns[index].gives_way]
        if not loose:
            break
        shown.remove(min(loose, key=lambda index: table.columns[index].gives_way))
    return shown


def write(frames: Frames, rows: pd.DataFrame, per_metric: pd.DataFrame, folder: Path) -> list[Path]:
    """Write the tables as CSV and Parquet (numbers), Markdown and LaTeX (text); returns the files.

    `leaderboard.*` holds one row per entry, `metrics.*` one per entry and metric, `trials.*` one per trial.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trials = frames.trials.drop(columns=["samples", "label"])
    files = []
    for name, frame in (
        ("leaderboard", rows),
        ("metrics", per_metric),
        ("trials", trials),
        ("scores", _scores(frames)),
    ):
        frame.to_csv(folder / f"{name}.csv", index=False)
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        files += [folder / f"{name}.csv", folder / f"{name}.parquet"]
    for name, tables in (("leaderboard", boards(rows)), ("metrics", metrics(per_metric))):
        for suffix, render in (("md", markup.markdown), ("tex", markup.latex)):
            path = folder / f"{name}.{suffix}"
            path.write_text(render([_plain(table) for table in tables]), encoding="utf-8")
            files.append(path)
    return files


def _scores(frames: Frames) -> pd.DataFrame:
    keys = ["trial", *BOARD, *ENTRY, "seed", "status"]
    rest = [name for name in frames.scores.columns if name not in (*keys, "label")]
    return frames.scores[[*keys, *rest]]


def _plain(table: Table) -> markup.Plain:
    return markup.Plain(
        table.title,
        [c.title for c in table.columns],
        [c.right for c in table.columns],
        table.cells,
        table.notes,
    )
