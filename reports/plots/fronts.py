"""Quality against seconds, images and updates, with the Pareto front of all variants."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from gan_bench.reports.labels import clean, number
from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.pareto import COSTS, cost_axis, front, medians
from gan_bench.reports.plots.board import Board, Portion, portions
from gan_bench.reports.plots.figure import Plot, canvas, finish, legend, legend_columns, scale
from gan_bench.reports.style import INK


def fronts(board: Board) -> Iterator[Plot]:
    """Yield a plot per cost of the ranking metric's medians along training."""
    points = medians(board.frames, board.primary, board.shown)
    if points.empty or points["direction"].iloc[0] not in ARROWS:
        return
    for cost in COSTS:
        if points[cost].nunique() > 1:
            for portion in portions(board.shown):
                yield _front(board, points, cost, portion)


def _front(board: Board, points: pd.DataFrame, cost: str, portion: Portion) -> Plot:
    word, axis = COSTS[cost], cost_axis(cost, board.frames.packed)
    direction = points["direction"].iloc[0]
    labels = [*(board.legend_label(label) for label in portion.labels), "Pareto front"]
    columns, rows = legend_columns(labels)
    title = portion.titled(f"{clean(board.descriptions.title(board.primary), 50)} against {word}")
    figure, axes = canvas(title, board.context, 2.5, legend_rows=rows)
    handles = []
    for label in portion.labels:
        look, line = board.look(label), points[points["label"] == label]
        axes.plot(line[cost], line["value"], color=look.colour, linestyle=look.line, marker=look.marker,
                  markersize=4, linewidth=1.1)  # fmt: skip
        handles.append(
            Line2D([], [], color=look.colour, linestyle=look.line, marker=look.marker, markersize=4)
        )
    best = front(points, cost, direction)
    ends = np.append(best[cost], points[cost].max())
    axes.step(ends, np.append(best["value"], best["value"].iloc[-1]), where="post", color=INK, linewidth=3.5,
              alpha=0.3, solid_joinstyle="miter")  # fmt: skip
    handles.append(Line2D([], [], color=INK, linewidth=3.5, alpha=0.3))
    scale(axes, "x", points[cost].to_numpy(float))
    scale(axes, "y", points["value"].to_numpy(float))
    axes.set_xlabel(axis)
    axes.set_ylabel(board.descriptions.axis(board.primary, direction))
    legend(figure, handles, labels, columns)
    data = points.assign(
        on_front=points.set_index(["label", cost]).index.isin(best.set_index(["label", cost]).index)
    )
    phrases = "; ".join(
        f"{row['label']} {number(row['value'], 3)} at {number(row[cost], 3)}"
        for row in best.to_dict("records")
    )
    alt = f"Line plot of {title}, medians along training; {board.title}. On the Pareto front: {phrases}."
    name = board.name("front", cost, portion.words)
    return finish(figure, name=name, title=title, alt=alt, data=data, further=portion.further)
