"""Points of classes or clusters in the plane: each is written as its number, since colours are too few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.textpath import TextPath

from gan_bench.reports.colours import LINES, PALETTE
from gan_bench.reports.plots.figure import canvas, legend, legend_columns, number_axes
from gan_bench.reports.plots.raster import REAL, Box
from gan_bench.reports.style import INK, PAPER

WRITTEN = 500  # points at most that are drawn as numbers
SMALL, LARGE = 4.0, 9.0  # points: size of numbers
HEIGHT = 3.3  # inches
INNER = (0.5, 99.5)  # percentiles between which the axes reach at least


@dataclass(frozen=True)
class Plane:
    """Coordinates [n, 2] and what the axes are; `behind` [m, 2] in the same plane."""

    points: np.ndarray
    across: str
    up: str
    behind: np.ndarray | None = None


def plane(codes: np.ndarray, prior: np.ndarray | None = None, what: str = "code") -> Plane:
    """Return codes [n, d] in the plane: both coordinates, or the two principal components of more.

    One coordinate is put beside the place of its row, which says nothing. The components are those of the
    codes, by a singular value decomposition of the centred codes; the prior is projected onto them.
    """
    codes = codes.astype(np.float64)
    prior = None if prior is None else prior.astype(np.float64)
    if codes.shape[1] == 1:
        return Plane(np.column_stack([codes[:, 0], np.arange(len(codes))]), f"{what} 1", "test sample")
    if codes.shape[1] == 2:
        return Plane(codes, f"{what} 1", f"{what} 2", prior)
    centre = codes.mean(0)
    _, values, axes = np.linalg.svd(codes - centre, full_matrices=False)
    shares = values**2 / max(float((values**2).sum()), 1e-300)
    first, second = (
        f"principal component {place + 1} of {codes.shape[1]} {what}s ({share:.0%} of the variance)"
        for place, share in enumerate(shares[:2])
    )
    return Plane(
        (codes - centre) @ axes[:2].T,
        first,
        second,
        None if prior is None else (prior - centre) @ axes[:2].T,
    )


def numbers(
    shown: Plane, labels: np.ndarray | None, title: str, context: str, box: Box | None = None
) -> Figure:
    """Return a plot of points, each written as its label (a dot without labels), before grey points."""
    figure, axes = canvas(title, context, HEIGHT, left=0.65, across=shown.across)
    axes.set_ylabel(shown.up)
    both = shown.points if shown.behind is None else np.concatenate([shown.points, shown.behind])
    if shown.behind is not None:
        _dots(axes, shown.behind, REAL, "grey", 0.6)
    chosen = written(len(shown.points))
    if labels is None:
        _dots(axes, shown.points[chosen], PALETTE[0][0], "dots", 0.8)
    else:
        for label in np.unique(labels[chosen]):
            write(axes, shown.points[chosen][labels[chosen] == label], int(label))
    low, high = np.percentile(both, INNER[0], 0), np.percentile(both, INNER[1], 0)
    ends = [
        (a - 0.08 * max(b - a, 1e-9), b + 0.08 * max(b - a, 1e-9)) for a, b in zip(low, high, strict=True)
    ]
    axes.set(xlim=(box or ends)[0], ylim=(box or ends)[1])
    number_axes(axes)
    return figure


def written(count: int) -> np.ndarray:
    """Return which of `count` points are drawn: all, or evenly spread ones."""
    few = min(count, WRITTEN)
    return np.arange(few) * count // max(few, 1)


def write(axes: Axes, places: np.ndarray, label: int) -> None:
    """Write a label at every place in the label's colour, and large at their median."""
    colour = PALETTE[label % len(PALETTE)][0]
    axes.plot(
        *places.T, linestyle="none", marker=_numeral(label), color=colour, gid=f"label-{label}",
        markersize=SMALL * (1 if label < 10 else 1.5), markeredgewidth=0.1,
    )  # fmt: skip
    across, up = np.median(places, axis=0)
    axes.text(
        across, up, str(label), color=colour, size=LARGE, weight="bold", ha="center", va="center", zorder=3,
        clip_on=True, path_effects=[withStroke(linewidth=2, foreground=PAPER)],
    )  # fmt: skip


@cache
def _numeral(label: int) -> Path:
    """Return the outline of a number, its middle at 0."""
    outline = TextPath((0, 0), str(label), size=10)
    vertices = np.asarray(outline.vertices)
    return Path(vertices - (vertices.min(0) + vertices.max(0)) / 2, outline.codes)


def _dots(axes: Axes, places: np.ndarray, colour: str, name: str, alpha: float) -> None:
    axes.plot(
        *places.T, linestyle="none", marker="o", markersize=1.6, markeredgewidth=0, color=colour,
        alpha=alpha, gid=name, rasterized=True,
    )  # fmt: skip


def paths(lines: Mapping[str, np.ndarray], shown: Plane, title: str, context: str, box: Box) -> Figure:
    """Return lines of samples [lines, steps, 2] by name, from square to triangle, before grey points."""
    columns, rows = legend_columns([*lines])
    figure, axes = canvas(title, context, HEIGHT, left=0.65, across=shown.across, legend_rows=rows)
    axes.set_ylabel(shown.up)
    _dots(axes, shown.points, REAL, "grey", 0.6)
    handles = []
    for place, several in enumerate(lines.values()):
        colour, style = PALETTE[place % len(PALETTE)][0], LINES[place % len(LINES)]
        for line in several:
            (handle,) = axes.plot(*line.T, linewidth=1.2, color=colour, linestyle=style)
            axes.plot(*line[0], marker="s", markersize=4, linestyle="none", color=colour)
            axes.plot(*line[-1], marker="^", markersize=4.5, linestyle="none", color=colour)
        handles.append(handle)
    axes.set(xlim=box[0], ylim=box[1])
    number_axes(axes)
    legend(figure, handles, [*lines], columns)
    return figure


def errors(
    true: np.ndarray, made: np.ndarray, names: tuple[str, str], shown: Plane, title: str, context: str,
    box: Box,
) -> Figure:  # fmt: skip
    """Return points [n, 2] and what was made in their place, joined by lines, before grey points."""
    labels = [*names, "real data"]
    columns, rows = legend_columns(labels)
    figure, axes = canvas(title, context, HEIGHT, left=0.65, across=shown.across, legend_rows=rows)
    axes.set_ylabel(shown.up)
    _dots(axes, shown.points, REAL, "grey", 0.6)
    axes.plot(*np.stack([true, made]).transpose(2, 0, 1), color=INK, linewidth=0.4, alpha=0.5)
    handles = [
        axes.plot(*places.T, linestyle="none", marker=marker, markersize=3, markeredgewidth=0, color=colour)[
            0
        ]
        for places, marker, colour in ((true, "o", PALETTE[0][0]), (made, "^", PALETTE[1][0]))
    ]
    handles += axes.plot([], [], linestyle="none", marker="o", markersize=3, markeredgewidth=0, color=REAL)
    axes.set(xlim=box[0], ylim=box[1])
    number_axes(axes)
    legend(figure, handles, labels, columns)
    return figure
