"""Outputs beside their inputs and beside what should have been made of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gan_bench.reports.labels import clean
from gan_bench.reports.plots.abilities.classes import AXES
from gan_bench.reports.plots.abilities.content import Content, Drawing
from gan_bench.reports.plots.grids import figure_of, grid
from gan_bench.reports.plots.planes import Plane, errors
from gan_bench.reports.plots.raster import limits
from gan_bench.reports.sheets import as_images

COLUMNS = 8
DRAWS = 4  # outputs of one input
WORDS = {
    "reconstruct": ("Originals and reconstructions", "original", "reconstruction"),
    "translate": ("Inputs and translations", "input", "output"),
    "inpaint": ("Images with a hole and what fills it", "input", "output"),
}


def beside(content: Content) -> Iterator[Drawing]:
    """Yield inputs `given.FIELD`, outputs `made` or `draws`, and `target`, row by row or in the plane.

    `content.part` is the ability's name. Labels among the inputs are written at the columns.
    """
    arrays, ability = content.arrays, content.part
    what, original, made = WORDS.get(
        ability, (f"Inputs and outputs of {clean(ability, 30)}", "input", "output")
    )
    title = f"{what}, {content.name}"
    given = {name.removeprefix("given."): a for name, a in arrays.items() if name.startswith("given.")}
    target = arrays.get("target")
    again = target is not None and any(np.array_equal(target, rows) for rows in given.values())
    draws = arrays.get("draws", arrays["made"][None])
    outputs = [*draws[: DRAWS if (draws != draws[0]).any() else 1]]  # noise may change nothing
    points = arrays["made"].ndim == 2 and arrays["made"].shape[1] == 2
    if points and target is not None and target.shape == arrays["made"].shape:
        true, found = target.astype(float), arrays["made"].astype(float)
        table = pd.DataFrame(np.column_stack([true, found]), columns=["x", "y", "made_x", "made_y"])
        behind = content.real if content.real is not None else true
        pair = (original if again else "truth", made)
        figure = errors(true, found, pair, Plane(behind, *AXES), title, content.context, limits(behind))
        yield Drawing(figure, title, f"A line joins each {pair[0]} and its {pair[1]}", table, ability)
        return
    fields = {name: rows for name, rows in given.items() if as_images(rows) is not None}
    rows = [(original if len(fields) == 1 else clean(name, 20), _full(a)) for name, a in fields.items()]
    several = len(outputs) > 1
    rows += [(f"{made} {place + 1}" if several else made, a) for place, a in enumerate(outputs)]
    rows += [("truth", target)] if target is not None and not again else []
    if not fields or any(as_images(images) is None for _, images in rows):
        return
    count = len(arrays["made"])
    labels = next((a for a in given.values() if a.ndim == 1), None)
    sized = _one_size([images[:count] for _, images in rows])
    lines = [images[start : start + COLUMNS] for start in range(0, count, COLUMNS) for images in sized]
    images = grid(lines, together=len(rows))
    if images is None:
        return
    names = [name for name, _ in rows] * -(-count // COLUMNS)
    columns = [] if labels is None or count > COLUMNS else [str(label) for label in labels[:count]]
    figure = figure_of(
        images, title, content.context, names, columns=columns, across="label" if columns else ""
    )
    says = f"{count} columns of {', '.join(name for name, _ in rows)}"
    table = pd.DataFrame({"place": range(count)})
    table = table if labels is None else table.assign(label=labels[:count])
    yield Drawing(figure, title, says, table, ability, images)


def _full(rows: np.ndarray) -> np.ndarray:
    """Return a mask of zeros and ones as black and white, other images as they are."""
    return rows * 255 if rows.size and rows.max() <= 1 else rows


def _one_size(rows: list[np.ndarray]) -> list[np.ndarray]:
    """Return images in the size of the largest, where that is a multiple: every pixel becomes a block."""
    largest = max(images.shape[-1] for images in rows)
    return [
        np.repeat(np.repeat(images, largest // images.shape[-1], -1), largest // images.shape[-1], -2)
        for images in rows
    ]
