"""Samples of given classes and along codes: rows of images, or points in the plane."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gan_bench.reports.labels import clean, quantity
from gan_bench.reports.plots.abilities.content import Content, Drawing
from gan_bench.reports.plots.grids import figure_of, grid
from gan_bench.reports.plots.planes import Plane, numbers, paths
from gan_bench.reports.plots.raster import limits

AXES = ("x (data units)", "y (data units)")
DRAWS = 3  # whose paths a plane shows


def classes(content: Content) -> Iterator[Drawing]:
    """Yield samples `rows` (classes, columns, *shape) of given classes `class` (classes,)."""
    rows, labels = content.arrays["rows"], content.arrays["class"]
    title = f"Samples of {content.name} by class"
    table = pd.DataFrame([*np.ndindex(rows.shape[:2])], columns=["class", "column"])
    table["class"] = labels[table["class"]]
    if (images := grid([*rows])) is not None:
        figure = figure_of(
            images, title, content.context, [*map(str, labels)], down="class",
            across="images of a column share their latents",
        )  # fmt: skip
        yield Drawing(
            figure, title, f"{len(rows)} rows, one per class, of {rows.shape[1]} images", table, images=images
        )
    elif rows.ndim == 3 and rows.shape[2] == 2 and content.real is not None:
        table[["x", "y"]] = points = rows.reshape(-1, 2).astype(float)
        shown = Plane(points, *AXES, content.real)
        figure = numbers(shown, table["class"].to_numpy(), title, content.context, limits(content.real))
        yield Drawing(
            figure, title, "Each sample is written as the number of its class; grey: real data", table
        )


def traversals(content: Content) -> Iterator[Drawing]:
    """Yield samples `CODE.rows` (components, held draws, values, *shape) along the values `CODE.values`."""
    for name in content.arrays:
        code, _, array = name.rpartition(".")
        if array == "rows" and f"{code}.values" in content.arrays:
            yield from _traversal(content, code, content.arrays[name], content.arrays[f"{code}.values"])


def _traversal(content: Content, code: str, rows: np.ndarray, values: np.ndarray) -> Iterator[Drawing]:
    words = clean(code, 30)
    whole = np.issubdtype(values.dtype, np.integer)
    components, held = rows.shape[:2]
    title = f"Samples of {content.name} along {words}"
    table = pd.DataFrame([*np.ndindex(rows.shape[:3])], columns=["component", "draw", "value"])
    table["value"] = values[table["value"]]
    if (images := grid([row for part in rows for row in part], together=held)) is not None:
        heads = [f"{words} {place + 1}" for place in range(components)] if components > 1 else [words]
        names = [f"{heads[place // held]}, draw {place % held + 1}" for place in range(components * held)]
        figure = figure_of(
            images, title, content.context, names, columns=[quantity(float(value)) for value in values],
            across=f"value of {words}; all other draws of a row are held",
        )  # fmt: skip
        says = f"{components * held} rows in which {words} takes {len(values)} values from left to right"
        yield Drawing(figure, title, says, table, code, images)
    elif rows.ndim == 4 and rows.shape[3] == 2 and content.real is not None:
        table[["x", "y"]] = points = rows.reshape(-1, 2).astype(float)
        if whole:
            shown = Plane(points, *AXES, content.real)
            figure = numbers(shown, table["value"].to_numpy(), title, content.context, limits(content.real))
            says = f"Each sample is written as its value of {words}; grey: real data"
        else:
            lines = {f"{words} {place + 1}": part[:DRAWS].astype(float) for place, part in enumerate(rows)}
            figure = paths(lines, Plane(content.real, *AXES), title, content.context, limits(content.real))
            says = f"Lines join samples from the lowest value of {words} (square) to the highest (triangle)"
        yield Drawing(figure, title, says, table, code)
