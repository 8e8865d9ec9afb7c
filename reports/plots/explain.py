"""Plots of a critic's two features before and after updates, their centroids, losses and samples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gan_bench.reports.colours import LINES, MARKERS, Look
from gan_bench.reports.labels import FileNames, clean, number, short
from gan_bench.reports.plots.figure import Plot, canvas, finish, frame, legend, png, scale
from gan_bench.reports.plots.raster import INK as DARK
from gan_bench.reports.plots.raster import REAL
from gan_bench.reports.style import INK

SIDE, GAP, HEAD = 1.75, 0.62, 0.3  # inches: panels of features, between them, above them


DOTS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markeredgewidth": 0, "rasterized": True}


@dataclass(frozen=True)
class Picture:
    """A plot, and the same as PNG."""

    plot: Plot
    png: bytes


@dataclass(frozen=True)
class Explained:
    """The tables of `bench.explain.frames`, and how the variant looks."""

    features: pd.DataFrame
    centroids: pd.DataFrame
    scatters: pd.DataFrame
    losses: pd.DataFrame
    look: Look
    context: str
    names: FileNames

    def tone(self, source: str) -> str:
        """Return grey for what is real."""
        return REAL if source == "real" else self.look.colour

    def done(self, figure: Figure, name: str, title: str, alt: str, data: pd.DataFrame) -> Picture:
        """Return both forms of a finished figure."""
        pixels = png(figure)
        plot = finish(figure, name=self.names([name]), title=title, alt=alt, data=data, points=True)
        return Picture(plot, pixels)


def feature_plots(seen: Explained) -> Iterator[Picture]:
    """Yield a plot per watched iteration: features before and after each player's updates, and centroids."""
    for iteration, features in seen.features.groupby("iteration", sort=False):
        centroids = seen.centroids[seen.centroids["iteration"] == iteration]
        updates = list(features["update"].unique())
        title = (
            f"Iteration {iteration:,}: the critic's features around the updates of {' and '.join(updates)}"
        )
        width = 0.75 + 3 * (SIDE + GAP)
        figure, (bottom, height) = frame(
            title,
            clean(seen.context),
            len(updates) * (SIDE + HEAD + 0.3),
            below=0.12,
            legend_rows=1,
            width=width,
        )
        box = box_of(features[["feature_1", "feature_2"]].to_numpy(float))
        phrases = []
        for line, update in enumerate(updates):
            of, moved = features[features["update"] == update], centroids[centroids["update"] == update]
            steps = int(of["steps"].iloc[0])
            times = f"{steps} {update} updates" if steps > 1 else f"one {update} update"
            heads = (f"before {times}", f"after {times}", "centroids, before and after")
            for column, head in enumerate(heads):
                axes = figure.add_axes((
                    (0.6 + column * (SIDE + GAP)) / width,
                    bottom + height * (1 - line / len(updates)) - (SIDE + HEAD) / figure.get_figheight(),
                    SIDE / width,
                    SIDE / figure.get_figheight(),
                ))  # fmt: skip
                axes.set_title(head, size=7.5, loc="left", pad=3)
                axes.set_xlabel("feature 1", size=7, labelpad=1)
                axes.set_ylabel("feature 2", size=7, labelpad=1)
                if column < 2:
                    _features(axes, of[of["moment"] == ("before", "after")[column]], seen, box)
                else:
                    phrases.append(f"{update}: {_centroids(axes, moved, seen)}")
        handles = [
            Line2D([], [], linestyle="none", marker="o", markersize=4, color=seen.tone(source))
            for source in ("real", "fake")
        ]
        legend(figure, handles, ["real", "generated"], 2)
        alt = f"Scatter plots of the critic's two features at iteration {iteration:,}; {seen.context}. "
        alt += f"Shift of the centroids by {'; '.join(phrases)}."
        yield seen.done(figure, f"features-{iteration}", title, alt, features)


def _features(axes: Axes, rows: pd.DataFrame, seen: Explained, box: np.ndarray) -> None:
    axes.grid(False)
    for source, of in rows.groupby("source", sort=False):
        x, y = of["feature_1"], of["feature_2"]
        axes.plot(x, y, color=seen.tone(str(source)), alpha=0.55, markersize=1.9, **DOTS)
        axes.plot(x.mean(), y.mean(), color=seen.tone(str(source)), marker="P", markersize=8,
                  markeredgecolor=DARK, markeredgewidth=0.9, linestyle="none", zorder=4,
                  rasterized=True)  # fmt: skip
    axes.set(xlim=box[0], ylim=box[1])
    axes.locator_params(nbins=4)


def _centroids(axes: Axes, rows: pd.DataFrame, seen: Explained) -> str:
    """Return arrows from before to after, on a scale of their own; what they say in words."""
    phrases = []
    for _, row in rows.iterrows():
        colour, name = seen.tone(row["source"]), {"fake": "generated"}.get(row["source"], row["source"])
        start, end = (row["before_1"], row["before_2"]), (row["after_1"], row["after_2"])
        axes.plot(*start, marker="o", markersize=5, fillstyle="none", color=colour, linestyle="none")
        axes.plot(*end, marker="P", markersize=7, color=colour, markeredgecolor=INK, linestyle="none")
        if row["shift"] > 0:
            arrow: dict[str, Any] = {"arrowstyle": "->", "color": colour, "shrinkA": 3, "shrinkB": 3}
            axes.annotate("", end, start, arrowprops=arrow)
        phrases.append(f"{name} {number(row['shift'], 3)}")
    axes.margins(0.3)
    axes.locator_params(nbins=4)
    text = "shift: " + ", ".join(phrases)
    axes.annotate(text, (0.02, 0.98), xycoords="axes fraction", va="top", size=6.5, color=INK)
    return " and ".join(phrases)


def shift_plots(seen: Explained) -> Iterator[Picture]:
    """Yield plots of the distance that updates move the centroids, and of the distance between centroids."""
    rows = seen.centroids
    title = "How far updates move the centroids"
    moving = rows[rows.groupby(["update", "source"])["shift"].transform("max") > 0]
    series = list(moving.groupby(["update", "source"], sort=False))
    labels = [f"{_shown(source)}, by {update} updates" for (update, source), _ in series]
    figure, axes = canvas(title, clean(seen.context), 2.1, legend_rows=math.ceil(len(series) / 2))
    handles = []
    for place, ((_, source), of) in enumerate(series):
        style: dict[str, Any] = {
            "color": seen.tone(source),
            "marker": MARKERS[place],
            "linestyle": LINES[place % len(LINES)],
            "markersize": 4,
            "linewidth": 1.2,
        }
        axes.plot(of["iteration"], of["shift"], **style)
        handles.append(Line2D([], [], **style))
    scale(axes, "y", moving["shift"].to_numpy(float))
    axes.set(xlabel="iteration", ylabel="length of the shift (feature units)")
    legend(figure, handles, labels, 2)
    alt = f"Line plot of the centroids' shifts against iterations; {seen.context}."
    yield seen.done(figure, "shifts", title, alt, rows)

    apart = _apart(rows)
    title = "Distance between the centroids of real and generated"
    figure, axes = canvas(title, clean(seen.context), 2.1, legend_rows=1)
    handles = []
    for place, (_, of) in enumerate(apart.groupby("update", sort=False)):
        style = {"color": seen.look.colour, "marker": MARKERS[place], "linestyle": LINES[place % len(LINES)]}
        axes.plot(of["iteration"], of["after"], markersize=4, linewidth=1.2, **style)
        handles.append(Line2D([], [], markersize=4, **style))
    axes.set_ylim(bottom=0)
    axes.set(xlabel="iteration", ylabel="distance (feature units)")
    legend(figure, handles, [f"after {update} updates" for update in apart["update"].unique()], 2)
    alt = f"Line plot of the distance between the centroids against iterations; {seen.context}."
    yield seen.done(figure, "distance", title, alt, apart)


def _apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Return per iteration and update: the distance between the two centroids before and after."""
    table = rows.set_index(["iteration", "update", "source"])
    real, fake = table.xs("real", level="source"), table.xs("fake", level="source")
    gaps = {
        moment: np.hypot(real[f"{moment}_1"] - fake[f"{moment}_1"], real[f"{moment}_2"] - fake[f"{moment}_2"])
        for moment in ("before", "after")
    }
    return pd.DataFrame(gaps).reset_index()


def loss_plot(seen: Explained) -> Picture:
    """Return every loss against iterations."""
    title = "Losses"
    names = list(seen.losses["name"].unique())
    figure, axes = canvas(title, clean(seen.context), 2.1, legend_rows=math.ceil(len(names) / 2))
    handles = []
    for place, (_, of) in enumerate(seen.losses.groupby("name", sort=False)):
        style: dict[str, Any] = {"color": seen.look.colour, "linestyle": LINES[place % len(LINES)]}
        axes.plot(of["iteration"], of["value"], linewidth=1.1, **style)
        handles.append(Line2D([], [], **style))
    axes.set(xlabel="iteration", ylabel="loss (the variant's own scale)")
    legend(figure, handles, [short(name, 24) for name in names], 2)
    alt = f"Line plot of {', '.join(map(str, names))} against iterations; {seen.context}."
    return seen.done(figure, "losses", title, alt, seen.losses)


def _shown(source: str) -> str:
    return "generated" if source == "fake" else source


def box_of(points: np.ndarray, margin: float = 0.06) -> np.ndarray:
    """Return low and high of each dimension, [2, 2], with a margin; of what is finite."""
    points = points[np.isfinite(points).all(1)]
    low, high = (points.min(0), points.max(0)) if len(points) else (np.zeros(2), np.ones(2))
    rim = margin * np.maximum(high - low, 1e-6)
    return np.stack([low - rim, high + rim], axis=1)
