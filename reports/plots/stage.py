"""Axes with numbers that the frames of films are put into: drawn once, the same for every film of a board."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from gan_bench.reports.labels import short
from gan_bench.reports.plots.figure import number_axes, rc
from gan_bench.reports.plots.raster import INK, PAPER, Box, bars, ceiling, outside, scatter

SIDE = 200  # pixels of the data's plane, or of a histogram's width
LEFT, RIGHT, BELOW, ABOVE = 54, 12, 36, 30  # pixels around it: numbers, and two lines of text above
DPI, SIZE = 100, 6.5
LETTERS = 11  # pixels


class Stage:
    """One scale for all films of a board.

    Args:
        real: the real data, [count, 1 or 2].
        box: range of each axis, see `raster.limits`.
    """

    def __init__(self, real: np.ndarray, box: Box) -> None:
        self.real, self.box = real, box
        self.planar = real.shape[1] == 2
        self.height = SIDE if self.planar else 3 * SIDE // 5
        self._page = self._draw()

    def frame(self, samples: np.ndarray, colour: str, title: str, moment: str) -> np.ndarray:
        """Return a picture [height, width, 3] uint8 of `samples` [count, 1 or 2] under two lines of text."""
        picture = scatter if self.planar else bars
        page = self._page.copy()
        page[ABOVE : ABOVE + self.height, LEFT : LEFT + SIDE] = picture(
            self.real, samples, self.box, colour, SIDE
        )
        if beyond := outside(samples, self.box):
            moment += f" · {beyond:,} of {len(samples):,} outside"
        page[:ABOVE] = _text(page.shape[1], short(title, 40), moment)
        return page

    def _draw(self) -> np.ndarray:
        width, height = LEFT + SIDE + RIGHT, ABOVE + self.height + BELOW
        with rc():
            figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
            canvas = FigureCanvasAgg(figure)
            axes = figure.add_axes((LEFT / width, BELOW / height, SIDE / width, self.height / height))
            ends = [self.box[0], self.box[1] if self.planar else (0.0, ceiling(self.real, self.box))]
            names = ("x (data units)", "y (data units)" if self.planar else "density (per data unit)")
            for which, axis, (low, high), name in zip(
                "xy", (axes.xaxis, axes.yaxis), ends, names, strict=True
            ):
                (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
                axis.set_label_text(name, size=SIZE)
            number_axes(axes)
            axes.tick_params(labelsize=SIZE, pad=2, length=2.5)
            axes.grid(False)
            for side in ("left", "bottom"):  # beside the pixels of a frame, which are put over it
                axes.spines[side].set_position(("outward", 0.8))
            canvas.draw()
            return np.asarray(canvas.buffer_rgba())[..., :3].copy()


@lru_cache(maxsize=512)
def _text(width: int, title: str, moment: str) -> np.ndarray:
    strip = Image.new("RGB", (width, ABOVE), PAPER)
    for place, line in enumerate((title, moment)):
        ImageDraw.Draw(strip).text((4, 2 + place * (LETTERS + 2)), line, fill=INK, font=label_font(LETTERS))
    return np.asarray(strip)


@lru_cache
def label_font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font of all plots, which matplotlib brings along, `size` pixels high."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), size)
