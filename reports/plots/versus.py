"""Scores of the same entries in two reports, side by side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from gan_bench.reports.labels import BELOW, clean, most_lines, number, short, stacked
from gan_bench.reports.plots.board import Board, portions
from gan_bench.reports.plots.figure import LINE, Plot, canvas, finish, legend, legend_columns, scale
from gan_bench.reports.style import INK, MUTED

ROWS = 24  # entries in one plot
APART = 0.17  # of the distance of two entries: of either report's marks from the middle


def versus(board: Board, scores: pd.DataFrame, names: tuple[str, str]) -> Iterator[Plot]:
    """Yield plots of the ranking metric: hollow marks for seeds of the first report, full ones of the second.

    `scores` has a row per trial of the entries that both have: `label`, `side` (0, 1), `seed`, `value`.
    """
    for portion in portions([label for label in board.shown if label in set(scores["label"])], ROWS):
        labels = portion.labels
        part = scores[scores["label"].isin(labels)]
        title = portion.titled(f"{clean(board.descriptions.title(board.primary), 50)}: before and after")
        legends = [short(name, 24) for name in names]
        columns, rows = legend_columns(legends)
        pitch = max(0.34, LINE * most_lines(map(stacked, labels)) + 0.1)
        left = 0.3 + 0.062 * min(26, max(len(label) for label in labels))
        direction = str(board.rows["direction"].iloc[0])
        across = board.descriptions.axis(board.primary, direction, BELOW)
        figure, axes = canvas(
            title, board.context, pitch * len(labels), legend_rows=rows, left=left, across=across
        )
        phrases = []
        for place, label in enumerate(labels):
            look, medians = board.look(label), []
            for side, fill in enumerate(("none", "full")):
                entry = part[(part["label"] == label) & (part["side"] == side)]["value"].dropna()
                y = place + (2 * side - 1) * APART
                axes.plot(entry, np.full(len(entry), y), linestyle="none", marker=look.marker, markersize=4.6,
                          color=look.colour, fillstyle=fill, markeredgewidth=0.9, alpha=0.85)  # fmt: skip
                medians.append((float(entry.median()) if len(entry) else np.nan, y))
            axes.plot(*zip(*medians, strict=True), color=MUTED, linewidth=1.0, zorder=0.8)
            phrases.append(f"{label} {' to '.join(number(value, 3) for value, _ in medians)}")
        axes.set_yticks(range(len(labels)), [stacked(label) for label in labels])
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.grid(False, axis="y")
        scale(axes, "x", part["value"].to_numpy(float))
        handles = [
            Line2D([], [], linestyle="none", marker="o", color=INK, fillstyle=fill, markersize=4.5)
            for fill in ("none", "full")
        ]
        legend(figure, handles, legends, columns)
        alt = (
            f"Strip plot of {board.descriptions.title(board.primary)} in two reports, {' and '.join(names)}; "
        )
        alt += f"{board.title}. Medians: {'; '.join(phrases)}."
        stem = board.name("versus", board.primary, portion.words)
        yield finish(figure, name=stem, title=title, alt=alt, data=part, further=portion.further)
