"""Scores at the end: every seed of every entry, and quality against speed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from gan_bench.reports.frames import ENTRY
from gan_bench.reports.labels import BELOW, clean, most_lines, number, spread, stacked
from gan_bench.reports.plots.board import Board, Portion, portions
from gan_bench.reports.plots.figure import LINE, Plot, canvas, finish, legend, legend_columns, scale
from gan_bench.reports.plots.references import reference_lines
from gan_bench.reports.plots.targets import draw_target, target, target_labels
from gan_bench.reports.style import INK, MUTED
from gan_bench.reports.summary import VIEW_TITLES, VIEWS

Fill = Literal["full", "left", "none", "bottom"]
#: How a marker is filled says which score it is.
STRIP = ["trial", *ENTRY, "seed", "status", "metric", "when", "weights", "value", "direction", "target"]
"""Columns of the numbers of a strip plot."""
ROWS = 24  # entries in one strip plot
FILLS: dict[str, Fill] = {"final": "full", "best": "left", "final_ema": "none", "best_ema": "bottom"}


def strips(board: Board) -> Iterator[Plot]:
    """Yield a strip plot per metric: one mark per seed, mean ± std over them, lost seeds counted beside."""
    ends = board.frames.finals
    ends = ends[ends["label"].isin(board.shown)]
    ends = ends.assign(view=[VIEWS.get(pair, "") for pair in zip(ends["when"], ends["weights"], strict=True)])
    for metric in board.metrics(ends["metric"].unique()):
        chosen = ends[(ends["metric"] == metric) & (ends["view"] != "")]
        if chosen["value"].notna().any():
            for portion in board.portions_of(chosen, ROWS):
                yield _strip(board, metric, chosen[chosen["label"].isin(portion.labels)], portion)


def _strip(board: Board, metric: str, chosen: pd.DataFrame, portion: Portion) -> Plot:
    direction = next((text for text in chosen["direction"] if text), "")
    scores = chosen[["label", "view", "value"]].groupby(["label", "view"], sort=False)["value"]
    values_of = {place: values.dropna().to_numpy(float) for place, values in scores}
    views = [view for view in FILLS if any(shown == view for _, shown in values_of)]
    lane = 0.145 if len(views) > 1 else 0.2  # inches
    pitch = max(lane * len(views), LINE * most_lines(map(stacked, portion.labels))) + 0.1
    several = any(len(values) > 1 for values in values_of.values())
    spreads = ["mean ± std of seeds"] if several else []
    names = [*(VIEW_TITLES[view] for view in views), *spreads, *target_labels(chosen)]
    title = portion.titled(f"{clean(board.descriptions.title(metric), 60)}, every seed")
    columns, rows = legend_columns(names)
    left = 0.3 + 0.062 * min(26, max(len(label) for label in portion.labels))
    lost = any(board.row(label)["finished"] < board.seeds(label) for label in portion.labels)
    right = 0.85 if lost else 0.15
    across = board.descriptions.axis(metric, direction, BELOW)
    height = pitch * len(portion.labels)
    figure, axes = canvas(
        title, board.context, height, legend_rows=rows, left=left, right=right, across=across
    )
    phrases, bars, means = [], [], []
    for place, label in enumerate(portion.labels):
        look = board.look(label)
        for index, view in enumerate(views):
            values = values_of.get((label, view), np.empty(0))
            y = place + ((index + 0.5) / len(views) - 0.5) * lane * len(views) / pitch
            if len(values) > 1:
                mean, std = values.mean(), values.std(ddof=1)
                bars.append(([(mean - std, y), (mean + std, y)], look.colour))
                means.append(([(mean, y - 0.05 / pitch), (mean, y + 0.05 / pitch)], look.colour))
            axes.plot(values, np.full(len(values), y), linestyle="none", marker=look.marker, markersize=4.6,
                      color=look.colour, fillstyle=FILLS[view], markeredgewidth=0.8, alpha=0.85)  # fmt: skip
            if view == "final":
                phrases.append(_say(label, values, board.seeds(label)))
        _lost(axes, place, board.row(label))
    _lines(axes, bars, 4.5, 0.22)
    _lines(axes, means, 1.6, 1.0)
    _categories(axes, portion.labels)
    goal = target(chosen)
    tops = np.array([line[1][0] for line, _ in bars])
    scale(axes, "x", np.append(chosen["value"].to_numpy(float), goal), tops)
    beside = reference_lines(axes, "x", board, metric)
    mark: dict[str, Any] = {"linestyle": "none", "marker": "o", "color": INK, "markersize": 4.5}
    handles = [Line2D([], [], fillstyle=FILLS[view], **mark) for view in views]
    handles += [Line2D([], [], color=MUTED, linewidth=4.5, alpha=0.4) for _ in spreads]
    handles += draw_target(axes, "x", goal)
    legend(figure, handles, names, columns)
    alt = (
        f"Strip plot of {board.descriptions.title(metric)} per variant and seed; {board.title}. "
        f"Final: {'; '.join(phrases)}.{beside}"
    )
    alt += "".join(f" {text.capitalize()}." for text in target_labels(chosen))
    name = board.name("strip", metric, portion.words)
    return finish(figure, name=name, title=title, alt=alt, data=chosen[STRIP], further=portion.further)


def _lines(
    axes: Axes, lines: list[tuple[list[tuple[float, float]], str]], width: float, alpha: float
) -> None:
    """Draw lines, pairs of the places of their ends and a colour."""
    segments, colours = [line for line, _ in lines], [colour for _, colour in lines]
    axes.add_collection(LineCollection(segments, colors=colours, linewidths=width, alpha=alpha))


def _say(label: str, values: np.ndarray, seeds: int) -> str:
    std = values.std(ddof=1) if len(values) > 1 else np.nan
    score = spread(values.mean(), std, len(values)) if len(values) else "no score"
    return f"{label} {score} ({len(values)} of {seeds})"


def _lost(axes: Axes, place: int, row: dict) -> None:
    lost = [f"{row[status]} {status}" for status in ("diverged", "failed") if row[status]]
    if lost:
        place_in: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "ha": "left", "va": "center"}
        axes.annotate("× " + "\n× ".join(lost), (1.02, place), **place_in, size=6.5, color=INK, weight="bold")


def _categories(axes: Axes, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), [stacked(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)


def cost(board: Board) -> Iterator[Plot]:
    """Yield the primary metric against training time: a mark per seed, large ones the medians."""
    ends = board.frames.finals
    final = ends[(ends["when"] == "final") & (ends["weights"] == "raw") & (ends["metric"] == board.primary)]
    columns = ["images_per_second", "iterations_per_second", "train_seconds", "pack_size"]
    final = final[final["label"].isin(board.shown)].merge(
        board.frames.trials[["trial", *columns]], on="trial"
    )
    points = final[np.isfinite(final["value"]) & np.isfinite(final["train_seconds"])]
    if len(points):
        for portion in portions(board.shown):
            part = points[points["label"].isin(portion.labels)]
            if len(part):
                yield _cost(board, "train_seconds", board.time, part, portion)


def _cost(board: Board, column: str, axis_label: str, points: pd.DataFrame, portion: Portion) -> Plot:
    labels = [board.legend_label(label) for label in portion.labels]
    columns, rows = legend_columns(labels)
    title = f"{clean(board.descriptions.title(board.primary), 50)} against {axis_label.split(' (')[0]}"
    title = portion.titled(title)
    figure, axes = canvas(title, board.context, 2.3, legend_rows=rows)
    phrases, handles = [], []
    for label in portion.labels:
        look = board.look(label)
        entry = points[points["label"] == label]
        axes.plot(entry[column], entry["value"], linestyle="none", marker=look.marker, markersize=3.5,
                  color=look.colour, alpha=0.5, markeredgewidth=0)  # fmt: skip
        if len(entry):
            x, y = entry[column].median(), entry["value"].median()
            axes.plot(
                [x],
                [y],
                marker=look.marker,
                markersize=8,
                color=look.colour,
                markeredgecolor=INK,
                markeredgewidth=0.6,
            )
            phrases.append(f"{label} {number(y, 3)} at {number(x, 3)}")
        handles.append(Line2D([], [], linestyle="none", marker=look.marker, markersize=6, color=look.colour))
    scale(axes, "x", points[column].to_numpy(float))
    scale(axes, "y", points["value"].to_numpy(float))
    axes.set_xlabel(axis_label)
    axes.set_ylabel(board.descriptions.axis(board.primary, points["direction"].iloc[0]))
    legend(figure, handles, labels, columns)
    data = points[
        [
            "trial",
            *ENTRY,
            "seed",
            "metric",
            "value",
            "images_per_second",
            "iterations_per_second",
            "train_seconds",
            "pack_size",
        ]
    ]
    alt = f"Scatter plot of {title}, medians over finished seeds; {board.title}. {'; '.join(phrases)}."
    name = board.name("cost", column, portion.words)
    return finish(figure, name=name, title=title, alt=alt, data=data, further=portion.further)
