"""Codes and clusters of test samples in the plane, clusters in rows, and confusion matrices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gan_bench.reports.plots.abilities.classes import AXES
from gan_bench.reports.plots.abilities.content import Content, Drawing
from gan_bench.reports.plots.figure import WIDTH, canvas
from gan_bench.reports.plots.grids import figure_of, grid
from gan_bench.reports.plots.planes import WRITTEN, Plane, numbers, plane
from gan_bench.reports.plots.raster import limits
from gan_bench.reports.style import INK, PAPER

CELL = 0.3  # inches
WRITTEN_CELLS = 20  # classes up to which the counts of a confusion matrix are written


def codes(content: Content) -> Iterator[Drawing]:
    """Yield the plane of `codes` (n, d) of test samples, by `label` (n,), before draws of the `prior`."""
    arrays = content.arrays
    label, prior = arrays.get("label"), arrays.get("prior")
    shown = plane(arrays["codes"], prior)
    title = f"Codes of test samples by {content.name}"
    notes = [] if label is None else [f"Number: class of the sample{_some(len(label))}"]
    notes += [] if prior is None else ["grey: draws of the prior"]
    figure = numbers(shown, label, title, ". ".join([content.context, "; ".join(notes)]).rstrip(". "))
    yield Drawing(figure, title, "; ".join(notes) or "A dot per sample", _table(shown, label))


def clusters(content: Content) -> Iterator[Drawing]:
    """Yield a row of images per cluster, the most confident first, and the clusters in the plane.

    The plane is that of the points, or of `codes` (n, d), or `plane` (n, 2): principal components of pixels.
    """
    arrays = content.arrays
    cluster, label = arrays["cluster"].astype(int), arrays.get("label")
    if "rows" in arrays:
        yield from _rows_of_clusters(content, cluster, label)
    title = f"Test samples by cluster of {content.name}"
    box = None
    if "points" in arrays and arrays["points"].shape[1] == 2:
        shown = Plane(arrays["points"].astype(float), *AXES)
        box = limits(arrays["points"].astype(float))
    elif "codes" in arrays and len(arrays["codes"]) >= len(cluster):
        shown = plane(arrays["codes"][: len(cluster)])
    elif "plane" in arrays:
        first, second = (
            f"principal component {place + 1} of the pixels ({share:.0%} of the variance)"
            for place, share in enumerate(arrays["explained"])
        )
        shown = Plane(arrays["plane"].astype(float), first, second)
    else:
        return
    note = f"Number: cluster of the sample{_some(len(cluster))}"
    figure = numbers(shown, cluster, title, f"{content.context}. {note}", box)
    table = _table(shown, label).assign(cluster=cluster)
    yield Drawing(figure, title, note, table, "plane")


def _rows_of_clusters(content: Content, cluster: np.ndarray, label: np.ndarray | None) -> Iterator[Drawing]:
    rows, shown = content.arrays["rows"], content.arrays["shown"]
    images = grid([row[:count] for row, count in zip(rows, shown, strict=True)])
    if images is None:
        return
    title = f"Test images in each cluster of {content.name}"
    sizes = np.bincount(cluster, minlength=len(rows))
    names, table = [], []
    for place, size in enumerate(sizes):
        name, most, share = f"{place}: {size:,}", None, None
        if label is not None and size:
            counts = np.bincount(label[cluster == place])
            most, share = int(counts.argmax()), float(counts.max() / size)
            name += f", {share:.0%} class {most}"
        names.append(name)
        table.append(
            {"cluster": place, "samples": int(size), "most_frequent_class": most, "its_share": share}
        )
    figure = figure_of(
        images, title, content.context, names, down="cluster: test samples, most frequent class",
        across="most confident from left to right",
    )  # fmt: skip
    yield Drawing(
        figure, title, f"A row per cluster. {'; '.join(names)}", pd.DataFrame(table), "rows", images
    )


def confusion(content: Content) -> Iterator[Drawing]:
    """Yield the matrix `counts` (classes, given classes) with its numbers; shades are shares of each row."""
    counts = content.arrays["counts"]
    title = f"Classes that {content.name} gives to test samples"
    total, right = int(counts.sum()), int(np.trace(counts))
    context = f"{content.context}. {right:,} of {total:,} right. Shade: share of the class's samples"
    table = pd.DataFrame([*np.ndindex(counts.shape)], columns=["class", "given"])
    table["samples"] = counts.ravel()
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    says = f"{right:,} of {total:,} right; by class " + ", ".join(
        f"{place}: {share:.0%}" for place, share in enumerate(np.diagonal(shares))
    )
    yield Drawing(_matrix(counts, shares, title, context), title, says, table)


def _matrix(counts: np.ndarray, shares: np.ndarray, title: str, context: str) -> Figure:
    rows, columns = counts.shape
    side = min(CELL, (WIDTH - 0.75) / columns)
    width = max(WIDTH, 0.75 + columns * side)
    figure, axes = canvas(
        title, context, rows * side, width=width, left=0.55, right=width - 0.55 - columns * side,
        across="class given",
    )  # fmt: skip
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="none")
    axes.set_ylabel("true class")
    axes.set_xticks(range(columns))
    axes.set_yticks(range(rows))
    axes.tick_params(length=0, labelsize=6.5)
    axes.grid(False)
    if max(rows, columns) <= WRITTEN_CELLS:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = PAPER if shares[row, column] > 0.55 else INK
                axes.text(column, row, f"{count:,}", ha="center", va="center", size=5.5, color=colour)
    return figure


def _some(count: int) -> str:
    return f" ({WRITTEN} of {count:,})" if count > WRITTEN else ""


def _table(shown: Plane, label: np.ndarray | None) -> pd.DataFrame:
    data = pd.DataFrame(shown.points.astype(np.float32), columns=["x", "y"])
    return data if label is None else data.assign(label=label[: len(data)])
