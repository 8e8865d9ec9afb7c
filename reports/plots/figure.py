"""Figures without pyplot's global state: made, drawn on, and turned into a `Plot`."""

from __future__ import annotations

import io
import math
import re
import textwrap
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from gan_bench.reports import style
from gan_bench.reports.labels import most_lines, quantity
from gan_bench.reports.plots.ticks import MOST, STEPS, linear_count, log_ticks, room

WIDTH = 4.2  # inches: one wide column in print, 400 px on screen
LINE = 0.165  # inches per line of small text
MARGIN = 0.04  # of a logarithmic axis's length, beyond what is drawn on it


@dataclass(frozen=True)
class Plot:
    """A finished drawing and the numbers it shows."""

    name: str  # file stem, without folder
    title: str  # heading on the page
    alt: str  # what a reader who cannot see it should know
    image: bytes
    data: pd.DataFrame
    format: str = "svg"  # or "png"
    inches: float = WIDTH  # broader ones have the page's width, and scroll in their own frame on a phone
    label: str = ""  # of the entry that it is about, where it is about one
    further: bool = False  # one of many figures, folded on the page

    @property
    def wide(self) -> bool:
        """Return whether the plot is broader than a column."""
        return self.inches > WIDTH


def canvas(
    title: str,
    context: str,
    plot_height: float,
    *,
    legend_rows: int = 0,
    width: float = WIDTH,
    left: float = 0.8,
    right: float = 0.15,
    across: str = "",
) -> tuple[Figure, Axes]:
    """Return a figure with one axes of `plot_height` inches below a title and its context line(s).

    There is room for the label `across` below the axes, which it gets, and for `legend_rows` below that.
    """
    below = 0.45 + 0.14 * across.count("\n")
    figure, box = frame(title, context, plot_height, below=below, legend_rows=legend_rows, width=width)
    axes = figure.add_axes((left / width, box[0], 1 - (left + right) / width, box[1]))
    axes.set_xlabel(across)
    return figure, axes


def frame(
    title: str, context: str, plot_height: float, *, below: float, legend_rows: int = 0, width: float = WIDTH
) -> tuple[Figure, tuple[float, float]]:
    """Return a titled figure, and bottom and height (fractions) of the `plot_height` inches for axes."""
    characters = int(width * 17)
    titles = textwrap.wrap(title, int(width * 12.5)) or [""]
    contexts = textwrap.wrap(context, characters)
    top = 0.1 + 0.19 * len(titles) + LINE * len(contexts) + 0.08
    bottom = below + LINE * legend_rows + (0.06 if legend_rows else 0)
    height = top + plot_height + bottom
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    y = height - 0.1
    for lines, size, weight, colour, step in (
        (titles, 9.0, "bold", style.INK, 0.19),
        (contexts, 7.0, "normal", style.MUTED, LINE),
    ):
        for line in lines:
            figure.text(0.08 / width, y / height, line, size=size, weight=weight, color=colour, va="top")
            y -= step
    return figure, (bottom / height, plot_height / height)


def legend_columns(labels: Sequence[str], width: float = WIDTH) -> tuple[int, int]:
    """Return columns and lines of text of a legend that fits below a figure of `width` inches.

    It is filled column by column, and each column is as wide as its longest label.
    """
    lengths = [max(map(len, label.split("\n"))) for label in labels]
    columns = next(
        (
            count
            for count in range(len(labels), 1, -1)
            if sum(0.06 * part.max() + 0.47 for part in np.array_split(lengths, count)) <= width - 0.2
        ),
        1,
    )
    return columns, math.ceil(len(labels) / columns) * most_lines(labels)


def legend(figure: Figure, handles: list, labels: Sequence[str], columns: int) -> None:
    """Put a legend at the foot of the figure."""
    spaces: dict[str, Any] = {
        "borderaxespad": 0.1,
        "columnspacing": 1.1,
        "handletextpad": 0.5,
        "labelspacing": 0.25,
    }
    figure.legend(
        handles,
        labels,
        ncols=columns,
        handlelength=2.6,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.0),
        **spaces,
    )


def finish(
    figure: Figure, *, name: str, title: str, alt: str, data: pd.DataFrame, label: str = "",
    dpi: int = 110, points: bool = False, further: bool = False,
) -> Plot:  # fmt: skip
    """Write the figure as SVG without date, metadata or document type, for light and for dark paper.

    `alt` is the description inside the drawing, too. `points` says that its pixels are drawn points, on no
    ground, and not photographs: dark paper inverts their lightness.
    """
    buffer = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with warnings.catch_warnings():
        # A name in a script that this font lacks: the reader's browser has it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", metadata=nothing, dpi=dpi)
    svg = buffer.getvalue()
    svg = re.sub(r"\s*\n\s*", "\n", svg[svg.index("<svg") :])
    # Places to a hundredth of a point: a quarter of the size. Only inside tags, as texts have numbers too.
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\.\d\d)\d+", r"\1", tag[0]), svg)
    image = style.themed(svg, alt, points).encode()
    return Plot(name, title, alt, image, data, inches=figure.get_figwidth(), label=label, further=further)


def png(figure: Figure, dpi: int = 160) -> bytes:
    """Return the figure as pixels, on light paper."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def rc() -> AbstractContextManager[None]:
    """Return context in which every figure is drawn."""
    return matplotlib.rc_context(cast(Any, style.RC))


def wants_log(values: np.ndarray) -> bool:
    """Return whether positive values span so many decades that a linear axis would hide most of them."""
    values = values[np.isfinite(values)]
    return len(values) > 1 and values.min() > 0 and bool(values.max() / values.min() > 10)


def scale(axes: Axes, which: str, values: np.ndarray, tops: np.ndarray | None = None) -> None:
    """Linear or logarithmic ticks for `values` on the axis `which` ("x" or "y"), in plain numbers.

    A logarithmic axis reaches from the smallest of `values` to the largest of them and of `tops`, the upper
    ends of error bars. Lower ends do not count: mean - std may be next to 0 or below it, which is nowhere on
    such an axis, and the bar is cut at its edge.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    finite = values[np.isfinite(values)]
    inches = room(axes, which)
    if wants_log(values):
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        ends = finite if tops is None else np.append(finite, tops[np.isfinite(tops)])
        low, high = float(finite.min()), float(ends.max())
        margin = (high / low) ** MARGIN
        (axes.set_xlim if which == "x" else axes.set_ylim)(low / margin, high * margin)
        axis.set_major_locator(FixedLocator(log_ticks(low / margin, high * margin, which, inches)))
        axis.set_major_formatter(_PLAIN)
        axis.set_minor_locator(LogLocator(subs=(1.0,), numticks=20))
        axis.set_minor_formatter(NullFormatter())
    else:
        count = linear_count(finite.min(), finite.max(), which, inches) if len(finite) else MOST
        axis.set_major_locator(MaxNLocator(count, steps=STEPS))
        plain(axis, float(np.nanmax(np.abs(values), initial=0)))


def number_axes(axes: Axes) -> None:
    """Linear ticks on both axes as they are now, as many as there is room for, in plain numbers."""
    for which, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        axis.set_major_locator(MaxNLocator(linear_count(low, high, which, room(axes, which)), steps=STEPS))
        plain(axis, max(abs(low), abs(high)))


def plain(axis: Axis, largest: float) -> None:
    """Write every number at its tick, where matplotlib would put a factor of all into the corner."""
    if largest >= 1e4 or 0 < largest < 1e-3:
        axis.set_major_formatter(_PLAIN)


_PLAIN = FuncFormatter(lambda value, _: quantity(value))
