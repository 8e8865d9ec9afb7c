"""Outputs beside their inputs and beside what should have been made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gan_bench.names import counted
from gan_bench.reports.labels import clean
from gan_bench.reports.plots.abilities.classes import AXES
from gan_bench.reports.plots.abilities.content import Content, Drawing
from gan_bench.reports.plots.grids import LINE, figure_of, grid
from gan_bench.reports.plots.planes import Plane, errors
from gan_bench.reports.plots.raster import limits
from gan_bench.reports.sheets import as_images

COLUMNS = 8
DRAWS = 4  # outputs of one input
WORDS = {
    "reconstruct": ("Originals and reconstructions", "original", "reconstruction"),
    "translate": ("Inputs and translations", "input", "output"),
    "translate_back": ("Inputs and translations back", "input", "output"),
    "cycle": ("Inputs translated there and back", "input", "there and back"),
    "cycle_back": ("Inputs translated back and there", "input", "back and there"),
    "inpaint": ("Images with a hole and what fills it", "input", "output"),
}


def beside(content: Content) -> Iterator[Drawing]:
    """Yield inputs `given.FIELD`, outputs `made` or `draws`, and `target`, row by row or in the plane.

    `content.part` is the ability's name. Labels among the inputs are written at the columns. Where there is a
    `hole` (n, 1, height, width), 1 within, inputs are shown with it, and whole as the truth.
    """
    arrays, ability = content.arrays, content.part
    usual = f"Inputs and outputs of {clean(ability, 30)}"
    what, given, made = WORDS.get(ability, (usual, "input", "output"))
    title = f"{what}, {content.name}"
    if arrays["made"].ndim == 2:
        yield from _points(content, title, (given, made))
        return
    rows = _rows(arrays, given, made)
    if not rows or any(as_images(images) is None for _, images in rows):
        return
    count = len(arrays["made"])
    sized = _one_size([images[:count] for _, images in rows])
    lines = [images[start : start + COLUMNS] for start in range(0, count, COLUMNS) for images in sized]
    images = grid(lines, together=len(rows))
    if images is None:
        return
    names = [name for name, _ in rows]
    table = pd.DataFrame({"place": range(count)})
    labels = next((a for n, a in arrays.items() if n.startswith("given.") and a.ndim == 1), None)
    table = table if labels is None else table.assign(label=labels[:count])
    columns = [] if labels is None or count > COLUMNS else [str(label) for label in labels[:count]]
    figure = figure_of(
        images, title, content.context, names * -(-count // COLUMNS), columns=columns,
        across="label" if columns else "",
    )  # fmt: skip
    says = f"{counted(count, 'column')} of {', '.join(names)}"
    yield Drawing(figure, title, says, table, ability, images)


def _rows(arrays: Mapping[str, np.ndarray], given: str, made: str) -> list[tuple[str, np.ndarray]]:
    """Return the rows of every input by name: what was given, what was made of it, what it should be."""
    fields = {name.removeprefix("given."): a for name, a in arrays.items() if name.startswith("given.")}
    fields = {name: images for name, images in fields.items() if as_images(images) is not None}
    if not fields:
        return []
    target, hole = arrays.get("target"), arrays.get("hole")
    again = target is not None and any(np.array_equal(target, images) for images in fields.values())
    seen = {name: _full(images) if hole is None else _cut(images, hole) for name, images in fields.items()}
    rows = [(given if len(seen) == 1 else clean(name, 20), images) for name, images in seen.items()]
    draws = arrays.get("draws", arrays["made"][None])
    outputs = draws[: DRAWS if (draws != draws[0]).any() else 1]  # noise may change nothing
    rows += [(f"{made} {n + 1}" if len(outputs) > 1 else made, a) for n, a in enumerate(outputs)]
    return [*rows, ("truth", target)] if target is not None and (hole is not None or not again) else rows


def _points(content: Content, title: str, names: tuple[str, str]) -> Iterator[Drawing]:
    """Yield points of the plane joined to those that they should be; none where that is not known."""
    made, target = content.arrays["made"], content.arrays.get("target")
    if target is None or target.shape != made.shape or made.shape[1] != 2:
        return
    true, found = target.astype(float), made.astype(float)
    table = pd.DataFrame(np.column_stack([true, found]), columns=["x", "y", "made_x", "made_y"])
    behind = true if content.real is None else content.real
    given = (rows for name, rows in content.arrays.items() if name.startswith("given."))
    pair = (names[0] if any(np.array_equal(target, rows) for rows in given) else "truth", names[1])
    figure = errors(true, found, pair, Plane(behind, *AXES), title, content.context, limits(behind))
    yield Drawing(figure, title, f"A line joins each {pair[0]} and its {pair[1]}", table, content.part)


def _cut(images: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Return images that are grey within the hole."""
    return np.where(hole[: len(images)] > 0, np.uint8(LINE), images)


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
