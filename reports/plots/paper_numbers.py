"""Published numbers beside measured ones, one plot per metric."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from gan_bench.reports.labels import BELOW, clean, most_lines, number, spread, stacked
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.figure import LINE, Plot, canvas, finish, legend, legend_columns, scale
from gan_bench.reports.style import INK, MUTED


def paper_numbers(board: Board, compared: pd.DataFrame) -> Iterator[Plot]:
    """Yield a plot per metric from a board's rows of `reports.paper_numbers.compare`."""
    for metric, rows in compared.groupby("metric", sort=False):
        if rows["mean"].notna().any():
            yield _plot(board, str(metric), rows.reset_index(drop=True))


def _plot(board: Board, metric: str, rows: pd.DataFrame) -> Plot:
    title = f"{clean(board.descriptions.title(metric), 50)}: published and measured"
    names = ["published", "measured, mean ± std of seeds"]
    columns, lines = legend_columns(names)
    left = 0.3 + 0.062 * min(26, max(len(label) for label in rows["label"]))
    pitch = max(0.27, LINE * most_lines(map(stacked, rows["label"])))
    height, across = pitch * len(rows) + 0.1, board.descriptions.axis(metric, None, BELOW)
    figure, axes = canvas(
        title, board.context, height, legend_rows=lines, left=left, right=0.2, across=across
    )
    phrases = []
    for place, row in rows.iterrows():
        look = board.look(row["label"]) if row["label"] in board.shown else None
        colour = look.colour if look else INK
        axes.plot([row["published"], row["mean"]], [place, place], color=MUTED, linewidth=0.8)
        reach = row["spread"] if np.isfinite(row["spread"]) else 0.0
        axes.errorbar(row["published"], place, xerr=reach or None, color=INK, marker="D", markersize=5,
                      fillstyle="none", capsize=2, linewidth=0.8)  # fmt: skip
        std = row["std"] if row["count"] > 1 else None
        axes.errorbar(row["mean"], place, xerr=std, color=colour, marker="o", markersize=4.5, linewidth=1.6)
        measured = spread(row["mean"], row["std"], int(np.nan_to_num(row["count"])))
        phrases.append(f"{row['label']} {number(row['published'])} and {measured}, {row['verdict']}")
    axes.set_yticks(range(len(rows)), [stacked(label) for label in rows["label"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(False, axis="y")
    tops = [rows["published"] + rows["spread"].fillna(0), rows["mean"] + rows["std"].fillna(0)]
    scale(axes, "x", rows[["published", "mean"]].to_numpy(float).ravel(), np.concatenate(tops))
    handles = [
        Line2D([], [], linestyle="none", marker="D", color=INK, fillstyle="none", markersize=5),
        Line2D([], [], linestyle="none", marker="o", color=INK, markersize=4.5),
    ]
    legend(figure, handles, names, columns)
    alt = f"Published and measured {board.descriptions.title(metric)}; {board.title}. {'; '.join(phrases)}."
    return finish(figure, name=board.name("published", metric), title=title, alt=alt, data=rows)
