"""Rooflines: the rate of every variant beside the most that the machine's two rates allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gan_bench.reports.colours import Look
from gan_bench.reports.labels import LEGEND, number, quantity, stacked
from gan_bench.reports.plots.figure import Plot, canvas, finish, legend, legend_columns
from gan_bench.reports.plots.ticks import log_ticks, room
from gan_bench.reports.style import INK, MUTED

INTENSITY = "FLOP per byte of all operations"
FILLS: dict[bool, Literal["none", "full"]] = {False: "none", True: "full"}
"""Fill of the mark of a single replica, and of a pack."""
COLUMNS = [
    "variant", "replicas", "round", "flop_per_iteration", "bytes_per_iteration", "flop_per_second",
    "matrix_product_flop_per_second", "memory_copy_bytes_per_second",
]  # fmt: skip
"""Columns of the numbers of the plot."""
MARGIN = 1.6
"""Factor of room on either side of what is drawn."""


def roofline(rows: pd.DataFrame, looks: Mapping[str, Look], context: str, name: str, title: str) -> Plot:
    """Return the plot of one workload: one replica hollow, the largest pack filled.

    The roof is the smaller of the rate of matrix products, and of the rate of copying times the intensity
    (Williams et al. 2009). The intensity is FLOP per byte that operations read and write.

    Args:
        rows: of the workload, as `python -m bench speed` writes them.
        looks: variant -> look.
        context: device, host, date.
        name: of the file.
        title: of the plot.
    """
    rows = rows.assign(intensity=rows["flop_per_iteration"] / rows["bytes_per_iteration"])
    of = rows.groupby(["variant", "replicas"], sort=False)
    points = of[["intensity", "flop_per_second"]].median().reset_index()
    product = float(rows["matrix_product_flop_per_second"].median())
    copy = float(rows["memory_copy_bytes_per_second"].median())
    sizes = [1] if rows["replicas"].nunique() == 1 else [1, int(rows["replicas"].max())]
    points = points[points["replicas"].isin(sizes)]
    variants = list(rows["variant"].unique())
    labels = [*(stacked(variant, LEGEND) for variant in variants), *(f"K = {size}" for size in sizes)]
    columns, legend_rows = legend_columns(labels)
    figure, axes = canvas(title, context, 2.6, legend_rows=legend_rows, across=INTENSITY)
    _roof(axes, points, product, copy)
    handles, phrases = [], []
    for variant in variants:
        look = looks[variant]
        for size in sizes:
            point = points[(points["variant"] == variant) & (points["replicas"] == size)]
            where, rate = (float(point[column].iloc[0]) for column in ("intensity", "flop_per_second"))
            axes.plot(
                [where], [rate], color=look.colour, marker=look.marker, markersize=5.5, linestyle="none",
                fillstyle=FILLS[size > 1],
            )  # fmt: skip
            share = rate / min(product, copy * where)
            phrases.append(f"{variant}, K = {size}: {number(100 * share, 2)} %")
        handles.append(Line2D([], [], color=look.colour, marker=look.marker, markersize=5, linestyle="none"))
    for size in sizes:
        handles.append(Line2D([], [], color=INK, marker="o", markersize=5, linestyle="none"))
        handles[-1].set_fillstyle(FILLS[size > 1])
    axes.set_ylabel("FLOP/s of all replicas")
    legend(figure, handles, labels, columns)
    alt = (
        f"Roofline plot; {context}. Matrix products {quantity(product)} FLOP/s, copying {quantity(copy)} "
        f"bytes/s. Share of the roof: {'; '.join(phrases)}."
    )
    return finish(figure, name=name, title=title, alt=alt, data=rows[COLUMNS])


def _roof(axes: Axes, points: pd.DataFrame, product: float, copy: float) -> None:
    """Draw the roof, and set logarithmic axes that hold it and the points."""
    ridge = product / copy
    across = np.append(points["intensity"].to_numpy(float), ridge)
    low, high = across.min() / MARGIN, across.max() * MARGIN**2
    middle = float(np.sqrt(low * ridge))
    up = np.append(points["flop_per_second"].to_numpy(float), [product, copy * low])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(up.min() / MARGIN, up.max() * MARGIN**2)  # caches may bring marks above the roof
    axes.plot([low, ridge, high], [copy * low, product, product], color=MUTED, linewidth=1.4)
    axes.annotate(
        f"matrix product, {quantity(product)} FLOP/s", (high, product), (-3, 3), "data", "offset points",
        ha="right", va="bottom", size=7, color=MUTED,
    )  # fmt: skip
    axes.annotate(
        f"memory copy, {quantity(copy)} bytes/s", (middle, copy * middle), (6, -4), "data", "offset points",
        ha="left", va="top", size=7, color=MUTED,
    )  # fmt: skip
    for which, axis, (start, end) in (
        ("x", axes.xaxis, axes.get_xlim()),
        ("y", axes.yaxis, axes.get_ylim()),
    ):
        ticks = log_ticks(start, end, which, room(axes, which))
        axis.set_ticks(ticks, [quantity(tick) for tick in ticks])
        axis.set_ticks([], minor=True)
