"""Real and generated samples of a watched game along training: scatter plots, or histograms of numbers."""

from __future__ import annotations

import math

from matplotlib.lines import Line2D

from gan_bench.reports.labels import clean
from gan_bench.reports.plots.explain import DOTS, HEAD, REAL, Explained, Picture, box_of
from gan_bench.reports.plots.figure import frame, legend
from gan_bench.reports.plots.panels import Panel, Panels, histograms
from gan_bench.reports.plots.raster import limits
from gan_bench.reports.style import INK

SMALL, COLUMNS = 1.32, 4  # inches of a panel, and panels in a line


def sample_plot(seen: Explained) -> Picture:
    """Return real and generated samples in a panel for each watched iteration."""
    return _planes(seen) if "y" in seen.scatters else _numbers(seen)


def _numbers(seen: Explained) -> Picture:
    title = "Real and generated samples along training"
    table = seen.scatters
    real = table[table["source"] == "real"][["x"]].to_numpy(float)
    drawn = table.dropna(subset=["iteration"]).groupby("iteration")
    panels = [Panel(f"iteration {at:,}", rows[["x"]].to_numpy(float), "") for at, rows in drawn]
    shown = Panels([panels], real, limits(real), seen.look.colour, title, clean(seen.context))
    figure = histograms(shown)
    at = ", ".join(panel.head for panel in panels)
    return seen.done(
        figure, "samples", title, f"Histograms of real and generated samples at {at}; {seen.context}.", table
    )


def _planes(seen: Explained) -> Picture:
    title = "Real and generated samples along training"
    real = seen.scatters[seen.scatters["source"] == "real"]
    drawn = list(seen.scatters.dropna(subset=["iteration"]).groupby("iteration"))
    lines, width = math.ceil(len(drawn) / COLUMNS), 0.75 + COLUMNS * (SMALL + 0.3)
    figure, (bottom, height) = frame(
        title, clean(seen.context), lines * (SMALL + HEAD), below=0.45, legend_rows=1, width=width
    )
    box = box_of(real[["x", "y"]].to_numpy(float), margin=0.25)
    for place, (iteration, of) in enumerate(drawn):
        line, column = divmod(place, COLUMNS)
        axes = figure.add_axes((
            (0.65 + column * (SMALL + 0.3)) / width,
            bottom + height * (1 - (line + 1) / lines),
            SMALL / width,
            SMALL / figure.get_figheight(),
        ))  # fmt: skip
        axes.set_title(f"iteration {iteration:,}", size=7.5, loc="left", pad=3)
        axes.grid(False)
        axes.plot(real["x"], real["y"], color=REAL, markersize=1.9, **DOTS)
        axes.plot(of["x"], of["y"], color=seen.look.colour, alpha=0.6, markersize=1.6, **DOTS)
        axes.set(xlim=box[0], ylim=box[1])
        axes.locator_params(nbins=3)
        axes.tick_params(labelsize=6.5, labelleft=column == 0)
        if column == 0:
            axes.set_ylabel("y (data units)", size=7, labelpad=1)
        if place + COLUMNS >= len(drawn):
            axes.set_xlabel("x (data units)", size=7, labelpad=1)
        else:
            axes.tick_params(labelbottom=False)
        inside = of["x"].between(*box[0]) & of["y"].between(*box[1])
        if not inside.all():
            axes.annotate(f"{(~inside).sum():,} of {len(of):,} outside", (0.98, 0.98),
                          xycoords="axes fraction", ha="right", va="top", size=6, color=INK)  # fmt: skip
    handles = [
        Line2D([], [], linestyle="none", marker="o", markersize=4, color=colour)
        for colour in (REAL, seen.look.colour)
    ]
    legend(figure, handles, ["real", "generated"], 2)
    alt = (
        f"Scatter plots of real and generated samples at iterations {', '.join(f'{i:,}' for i, _ in drawn)}; "
    )
    return seen.done(figure, "samples", title, f"{alt}{seen.context}.", seen.scatters)
