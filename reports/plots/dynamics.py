"""Traced parameters of small networks: against iterations, and one player's against the other's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from gan_bench.reports.colours import LINES, LineStyle
from gan_bench.reports.frames import ENTRY
from gan_bench.reports.labels import clean, most_lines, number, stacked
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.figure import LINE, Plot, finish, frame, legend, number_axes
from gan_bench.reports.plots.raster import together
from gan_bench.reports.style import INK, MUTED

SYMBOLS = {"theta": "θ", "psi": "ψ"}
ACROSS, WIDTH = 3, 8.6  # panels in a row, and inches of all
LEFT, RIGHT, HEAD, FOOT = 0.75, 0.22, 0.28, 0.42  # inches around a panel: numbers, title, label below
MOST = 4  # parameters in one panel


def dynamics(board: Board) -> Iterator[Plot]:
    """Yield a panel per entry: parameters against iterations; and, of two parameters, the phase plane."""
    history = board.frames.history[board.frames.history["kind"] == "parameter"]
    history = history.merge(board.frames.trials[["trial", *ENTRY, "label", "seed", "status"]], on="trial")
    history = history[history["label"].isin(board.shown)]
    # The generator's before the critic's, as points of the plane are written.
    names = sorted(history["name"].unique(), key=lambda name: name.partition(".")[0], reverse=True)
    if not names or len(names) > MOST:
        return
    wide = history.pivot(index=["label", "seed", "trial", "iteration"], columns="name", values="value")
    wide = wide[names].dropna().reset_index().sort_values(["seed", "iteration"])
    symbols = [_symbol(name) for name in names]
    reaches = {str(label): _reach(rows[names]) for label, rows in wide.groupby("label", sort=False)}
    common = together(reaches)
    data = history[["trial", *ENTRY, "seed", "status", "iteration", "kimg", "name", "value"]]

    def against_time(axes: Axes, label: str, rows: pd.DataFrame) -> None:
        for name, line in zip(names, LINES, strict=False):
            _draw(axes, rows, "iteration", name, board.look(label).colour, line)
        axes.set_xlim(0, wide["iteration"].max())

    def against_each_other(axes: Axes, label: str, rows: pd.DataFrame) -> None:
        _draw(axes, rows, names[0], names[1], board.look(label).colour, LINES[0])
        first = rows[rows["seed"] == rows["seed"].min()]
        for place, fill in ((0, "none"), (-1, "full")):
            axes.plot(
                *first[names].iloc[place], marker="o", markersize=5, fillstyle=fill, color=INK, zorder=4
            )

    ends = [
        Line2D([], [], linestyle="none", marker="o", markersize=5, fillstyle=fill, color=INK)
        for fill in ("none", "full")
    ]
    lines = [Line2D([], [], color=INK, linestyle=line) for _, line in zip(names, LINES, strict=False)]
    title = f"{' and '.join(symbols)} against iterations"
    panels = _Panels(board, wide, reaches, common)
    legend_entries = list(zip(lines, symbols, strict=True))
    yield panels.plot(
        title, "parameters", against_time, "iterations (count)", ", ".join(symbols), legend_entries, data
    )
    if len(names) == 2:
        plane, legend_entries = (
            f"Phase plane of {' and '.join(symbols)}",
            list(zip(ends, ("start", "end"), strict=True)),
        )
        yield panels.plot(
            plane, "phase-plane", against_each_other, symbols[0], symbols[1], legend_entries, data
        )


class _Panels:
    """A grid of panels, one per entry, on one scale; what is far beyond it has a scale of its own."""

    def __init__(
        self,
        board: Board,
        rows: pd.DataFrame,
        reaches: dict[str, tuple[float, float]],
        common: tuple[float, float],
    ) -> None:
        self.board, self.rows, self.reaches, self.common = board, rows, reaches, common
        self.labels = [label for label in board.shown if label in reaches]

    def plot(
        self, title: str, stem: str, draw: Callable[[Axes, str, pd.DataFrame], None], across: str, up: str,
        handles: list[tuple[Line2D, str]], data: pd.DataFrame,
    ) -> Plot:  # fmt: skip
        square = stem == "phase-plane"
        columns = min(ACROSS, len(self.labels))
        width = max(4.2, WIDTH * columns / ACROSS)
        side = width / columns - LEFT - RIGHT
        tall = side if square else 0.62 * side
        names = [stacked(label, 34) for label in self.labels]
        head = HEAD + LINE * (most_lines(names) - 1)
        pitch = tall + head + FOOT
        down = math.ceil(len(self.labels) / columns)
        figure, (bottom, height) = frame(
            title, self.board.context, down * pitch, below=0.05, legend_rows=1, width=width
        )
        phrases = []
        for place, label in enumerate(self.labels):
            column, row = place % columns, place // columns
            box = bottom + height * (1 - (row * pitch + head + tall) / (down * pitch))
            left = (column * width / columns + LEFT) / width
            axes = figure.add_axes((left, box, side / width, height * tall / (down * pitch)))
            limits, own = self._limits(label)
            axes.axhline(0, color=MUTED, linewidth=0.6)
            if square:
                axes.axvline(0, color=MUTED, linewidth=0.6)
                axes.set_xlim(*limits)
            axes.set_ylim(*limits)
            draw(axes, label, self.rows[self.rows["label"] == label])
            number_axes(axes)
            axes.set_title(names[place] + (", own scale" if own else ""), size=7.5, loc="left", pad=3)
            axes.set_xlabel(across, size=7, labelpad=1)
            axes.set_ylabel(up, size=7, labelpad=1)
            phrases.append(f"{label} within {number(max(map(abs, self.reaches[label])), 2)}")
        legend(figure, [handle for handle, _ in handles], [text for _, text in handles], len(handles))
        alt = f"A panel per variant: {title}, every seed; {self.board.title}. {'; '.join(phrases)} of 0."
        return finish(figure, name=self.board.name(stem), title=title, alt=alt, data=data)

    def _limits(self, label: str) -> tuple[tuple[float, float], bool]:
        """Return limits of an entry's axes with a margin, and whether they are its own."""
        low, high = self.reaches[label]
        own = low < self.common[0] or high > self.common[1]
        low, high = (low, high) if own else self.common
        margin = 0.06 * (high - low)
        return (low - margin, high + margin), own


def _draw(axes: Axes, rows: pd.DataFrame, x: str, y: str, colour: str, line: LineStyle) -> None:
    """Every seed's line, the lowest seed's thick."""
    seeds = [seed[[x, y]].to_numpy(float) for _, seed in rows.groupby("seed")]
    axes.add_collection(
        LineCollection(seeds[1:], colors=colour, linewidths=0.5, alpha=0.3, linestyles=[line])
    )
    axes.plot(*seeds[0].T, color=colour, linestyle=line, linewidth=1.2)


def _reach(values: pd.DataFrame) -> tuple[float, float]:
    """Return an interval around 0 that holds all values, as far below as above."""
    most = float(np.abs(values.to_numpy()).max())
    return -most, most


def _symbol(name: str) -> str:
    """Return `generator.theta` -> `θ`; of a vector `θ[0]`."""
    symbol, bracket, place = name.partition(".")[2].partition("[")
    return SYMBOLS.get(symbol, clean(symbol)) + bracket + place
