"""Small panels of samples, one per seed, on one scale with its numbers: planes of points and histograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gan_bench.reports.labels import number, quantity
from gan_bench.reports.plots.figure import WIDTH, frame, legend, number_axes
from gan_bench.reports.plots.raster import Box, ceiling, density, on_no_ground, outside, scatter
from gan_bench.reports.plots.targets import DASHES
from gan_bench.reports.style import GRID, INK, MUTED, PAPER

PIXELS, DOT = 300, 3  # of a plane and of its dots, across
SIDE, GAP, LEFT, HEAD, FOOT = 1.36, 0.1, 0.6, 0.2, 0.24  # inches: a plane, and what is around it
SEEDS, HISTOGRAMS = 5, 3  # panels in a line
WIDE, TALL = 2.5, 1.45  # inches of a histogram
TEXT: dict[str, Any] = {"size": 7.5, "color": INK}


@dataclass(frozen=True)
class Panel:
    """Samples [count, dimensions] under a heading, or the reason why there are none."""

    head: str
    samples: np.ndarray | None
    why: str


@dataclass(frozen=True)
class Panels:
    """Samples of one entry beside the real data, on one scale.

    Attributes:
        kinds: panels of each kind of weights; each kind begins a line.
        real: real data, [count, dimensions].
        box: range of each axis.
        colour: of the generated samples.
        title, context: of the figure.
    """

    kinds: Sequence[Sequence[Panel]]
    real: np.ndarray
    box: Box
    colour: str
    title: str
    context: str

    def lines(self, longest: int) -> list[Sequence[Panel]]:
        """Return the panels in lines of at most `longest`."""
        return [
            panels[start : start + longest]
            for panels in self.kinds
            for start in range(0, len(panels), longest)
        ]


def planes_of_samples(shown: Panels) -> Figure:
    """Return a figure of the real data alone and of every panel before them, five seeds in a line."""
    real, box = shown.real, shown.box
    lines = shown.lines(SEEDS)
    width = max(WIDTH, LEFT + (1 + max(map(len, lines))) * (SIDE + GAP) + 0.1)
    pitch = SIDE + HEAD + FOOT
    figure, (bottom, height) = frame(shown.title, shown.context, len(lines) * pitch, below=0.22, width=width)
    for place, line in enumerate(lines):
        drawn = [Panel("real", None, ""), *line] if place == 0 else line
        first = 0 if place == 0 else 1
        inches = len(drawn) * (SIDE + GAP) - GAP
        # One pair of axes for a whole line: many pairs take long to draw.
        axes = figure.add_axes((
            (LEFT + first * (SIDE + GAP)) / width,
            bottom + height * (1 - (place * pitch + HEAD + SIDE) / (len(lines) * pitch)),
            inches / width,
            height * SIDE / (len(lines) * pitch),
        ))  # fmt: skip
        axes.set(xlim=(0, inches), ylim=(0, SIDE))
        _numbers(axes, len(drawn), box)
        for column, panel in enumerate(drawn):
            _plane(axes, column * (SIDE + GAP), panel, real, box, shown.colour)
        axes.set_ylabel("y (data units)", size=7)
        if place == len(lines) - 1:
            axes.set_xlabel("x (data units)", size=7, labelpad=1)
    return figure


def _numbers(axes: Axes, panels: int, box: Box) -> None:
    """Write the numbers of the data's axes below every panel and left of the first; frame the panels."""
    ticks = []
    for low, high in box[:2]:
        values = MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(low, high)
        ticks.append(
            [(value, (value - low) / (high - low) * SIDE) for value in values if low <= value <= high]
        )
    lefts = [place * (SIDE + GAP) for place in range(panels)]
    across = [(left + place, value) for left in lefts for value, place in ticks[0]]
    axes.set_xticks([place for place, _ in across], [quantity(value) for _, value in across])
    axes.set_yticks([place for _, place in ticks[1]], [quantity(value) for value, _ in ticks[1]])
    axes.tick_params(labelsize=6.5, length=2, pad=2)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    frames = [[(x, 0), (x + SIDE, 0), (x + SIDE, SIDE), (x, SIDE), (x, 0)] for x in lefts]
    axes.add_collection(LineCollection(frames, colors=MUTED, linewidths=0.6, clip_on=False))
    lines = [[(x, y), (x + SIDE, y)] for x in lefts for _, y in ticks[1]]
    lines += [[(place, 0), (place, SIDE)] for place, _ in across]
    axes.add_collection(LineCollection(lines, colors=GRID, linewidths=0.5, zorder=0.5))


def _plane(axes: Axes, left: float, panel: Panel, real: np.ndarray, box: Box, colour: str) -> None:
    picture = on_no_ground(scatter(real, panel.samples, box, colour, PIXELS, DOT))
    axes.imshow(picture, extent=(left, left + SIDE, 0, SIDE), aspect="auto", interpolation="none", zorder=2)
    axes.annotate(panel.head, (left, SIDE), (0, 3), textcoords="offset points", size=7.5)
    axes.set(xlim=axes.get_xlim(), ylim=(0, SIDE))
    if panel.samples is None:
        axes.annotate(panel.why, (left + SIDE / 2, 0.97 * SIDE), ha="center", va="top", **TEXT)
    elif count := outside(panel.samples, box):
        note = f"{count:,} of {len(panel.samples):,} outside"
        ground = {"boxstyle": "square,pad=0.1", "facecolor": PAPER, "edgecolor": "none"}
        place = (left + SIDE - 0.03, 0.98 * SIDE)
        axes.annotate(note, place, ha="right", va="top", size=6, color=INK, bbox=ground, zorder=3)


def histograms(shown: Panels) -> Figure:
    """Return a figure of a histogram per panel over that of the real data, with means and spreads of both."""
    real, box, colour = shown.real, shown.box, shown.colour
    lines = shown.lines(HISTOGRAMS)
    columns = max(map(len, lines))
    width = max(WIDTH, LEFT + columns * (WIDE + GAP) + 0.1)
    pitch = TALL + HEAD + FOOT
    says = f"{shown.context} · data: {_moments(real)}"
    figure, (bottom, height) = frame(
        shown.title, says, len(lines) * pitch, below=0.2, legend_rows=1, width=width
    )
    top = ceiling(real, box)
    for place, line in enumerate(lines):
        for column, panel in enumerate(line):
            axes = figure.add_axes((
                (LEFT + column * (WIDE + GAP)) / width,
                bottom + height * (1 - (place * pitch + HEAD + TALL) / (len(lines) * pitch)),
                WIDE / width,
                height * TALL / (len(lines) * pitch),
            ))  # fmt: skip
            axes.set(xlim=box[0], ylim=(0, top))  # one scale of density, so that panels can be compared
            axes.annotate(panel.head, (0, 1), (0, 3), "axes fraction", "offset points", size=7.5)
            _histogram(axes, panel, real, box, colour)
            number_axes(axes)
            axes.tick_params(labelsize=6.5, length=2, pad=2, labelleft=column == 0)
            if column == 0:
                axes.set_ylabel("density (per data unit)", size=7)
            if place == len(lines) - 1:
                axes.set_xlabel("x (data units)", size=7, labelpad=1)
    handles = [
        Line2D([], [], color=colour, linewidth=5, alpha=0.5),
        Line2D([], [], color=MUTED, linewidth=1.3),
        Line2D([], [], color=colour, linewidth=1.2),
        Line2D([], [], color=INK, linewidth=1.0, linestyle=DASHES),
    ]
    legend(figure, handles, ["generated", "real", "mean of generated", "mean of real"], 4)
    return figure


def _histogram(axes: Axes, panel: Panel, real: np.ndarray, box: Box, colour: str) -> None:
    heights, edges = density(real, box)
    if panel.samples is not None:
        axes.stairs(density(panel.samples, box)[0], edges, color=colour, alpha=0.5, fill=True)
        axes.axvline(float(panel.samples.mean()), color=colour, linewidth=1.2)
        _write(axes, _moments(panel.samples), 0.97)
        if count := outside(panel.samples, box):
            _write(axes, f"{count:,} of {len(panel.samples):,} outside", 0.87)
    else:
        _write(axes, panel.why, 0.97)
    axes.stairs(heights, edges, color=MUTED, linewidth=1.3)
    axes.axvline(float(real.mean()), color=INK, linewidth=1.0, linestyle=DASHES)


def _moments(samples: np.ndarray) -> str:
    """Return mean and standard deviation of the samples that are finite."""
    finite = samples[np.isfinite(samples)]
    return f"mean {number(finite.mean(), 3)}, std {number(finite.std(), 3)}" if len(finite) else "no number"


def _write(axes: Axes, text: str, height: float) -> None:
    axes.annotate(text, (0.98, height), xycoords="axes fraction", ha="right", va="top", size=7, color=INK)
