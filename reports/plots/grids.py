"""Grids of images with a name at every row, as plots: every pixel is one of the images'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from gan_bench.reports.labels import most_lines, stacked
from gan_bench.reports.plots.figure import WIDTH, frame
from gan_bench.reports.sheets import as_images

LINE = 128  # grey of the lines between images
BLANK = 160  # grey of a place without an image
LEFT, RIGHT = 0.42, 0.1  # inches beside the widest row name, and right of the grid
LETTER = 0.058  # inches
SMALLEST, LARGEST, PER_INCH = 0.24, 0.8, 160  # inches of an image's width, and most pixels in each


@dataclass(frozen=True)
class Grid:
    """Images in rows, with grey lines between them.

    Attributes:
        picture: [height, width, 3] uint8.
        rows: middle of each row, in pixels from above.
        columns: middle of each column, in pixels from the left.
        side: width of one image in pixels.
    """

    picture: np.ndarray
    rows: list[float]
    columns: list[float]
    side: int


def grid(rows: Sequence[np.ndarray], together: int = 1) -> Grid | None:
    """Return rows of images one below the other.

    Args:
        rows: images of each row, (n, channels, height, width) or (n, height, width); a row with fewer
            than others, or none, ends in blanks.
        together: rows that belong together; the line after them is thicker.

    Returns:
        None where the rows hold no images of one size.
    """
    images = [as_images(row) if len(row) else row for row in rows]
    sizes = {None if row is None else row.shape[2:] for row in images if row is None or len(row)}
    if len(sizes) != 1 or None in sizes:
        return None
    ((height, width),) = (size for size in sizes if size is not None)
    count = max(len(row) for row in images if row is not None)
    lines: list[np.ndarray] = []
    middles: list[float] = []
    top = 0
    for index, row in enumerate(images):
        assert row is not None
        last = together > 1 and (index + 1) % together == 0
        line = np.full(
            (height + (max(4, height // 5) if last else 1), count * (width + 1), 3), LINE, np.uint8
        )
        for place in range(count):
            left = place * (width + 1)
            cell = row[place].transpose(1, 2, 0) if place < len(row) else BLANK
            line[:height, left : left + width] = cell
        lines.append(line)
        middles.append(top + (height - 1) / 2)
        top += len(line)
    picture = np.concatenate(lines)[: int(middles[-1] + height / 2 + 0.5), :-1]
    return Grid(picture, middles, [place * (width + 1) + (width - 1) / 2 for place in range(count)], width)


def figure_of(
    images: Grid,
    title: str,
    context: str,
    names: Sequence[str],
    *,
    down: str = "",
    across: str = "",
    columns: Sequence[str] = (),
) -> Figure:
    """Return a figure of a grid: `names` at its rows and `columns` above what `across` says of them."""
    height, width = images.picture.shape[:2]
    left = LEFT + LETTER * max((len(line) for name in names for line in name.split("\n")), default=0)
    count = len(images.columns)
    side = min(max((WIDTH - left - RIGHT) / count, SMALLEST, images.side / PER_INCH), LARGEST)
    inches = side * width / (images.side + 1)
    total = max(WIDTH, left + inches + RIGHT)
    tall = inches * height / width
    across = stacked(across, int(inches / LETTER)) if across else ""
    below = 0.1 + 0.17 * bool(columns) + (0.08 + 0.13 * most_lines([across])) * bool(across)
    figure, (bottom, share) = frame(title, context, tall, below=below, width=total)
    axes = figure.add_axes((left / total, bottom, inches / total, share))
    axes.imshow(images.picture, aspect="auto", interpolation="none")
    axes.set_xticks(images.columns[: len(columns)], columns)
    axes.set_yticks(images.rows[: len(names)], names)
    axes.tick_params(length=0, labelsize=6.5, pad=2)
    axes.set_xlabel(across, size=7.5, labelpad=2)
    axes.set_ylabel(down, size=7.5, labelpad=3)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
