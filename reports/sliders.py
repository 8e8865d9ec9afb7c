"""Pairs of pictures before and after, which a slider of the page uncovers."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from gan_bench.reports.folder import Folder
from gan_bench.reports.labels import clean, short
from gan_bench.reports.plots.abilities.stored import Stored, of_kind
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.samples import WEIGHTS
from gan_bench.reports.sheets import as_images

KIND = "enlarged"
GIVEN = re.compile(r"(.+)\.(\d+)\.given")


@dataclass(frozen=True)
class Picture:
    """A picture beside the page: what it shows in one word and in a sentence, and its file."""

    word: str
    alt: str
    file: str


@dataclass(frozen=True)
class Slider:
    """Two pictures of one size, the truth where it is known, and what is said below them; sizes in pixels."""

    label: str
    caption: str
    before: Picture
    after: Picture
    truth: Picture | None
    width: int
    height: int


def sliders(board: Board, folder: Folder) -> list[Slider]:
    """Write images in low resolution and what was made of them, of every entry's lowest seed with some.

    Images in low resolution are enlarged bicubically to the size of the output.
    """
    return [made for of in of_kind(board, KIND) for made in _of_entry(board, folder, of)]


def _of_entry(board: Board, folder: Folder, of: Stored) -> list[Slider]:
    found = []
    for match in filter(None, map(GIVEN.fullmatch, of.content.arrays)):
        ability, place = match.groups()
        start = f"{ability}.{place}."
        arrays = {n.removeprefix(start): a for n, a in of.content.arrays.items() if n.startswith(start)}
        if "made" in arrays and (slider := _slider(board, folder, of, ability, int(place), arrays)):
            found.append(slider)
    return found


def _slider(
    board: Board, folder: Folder, of: Stored, ability: str, place: int, arrays: Mapping[str, np.ndarray]
) -> Slider | None:
    pictures = {name: as_images(image[None]) for name, image in arrays.items()}
    if any(found is None for found in pictures.values()):
        return None
    images = {name: _image(found[0]) for name, found in pictures.items() if found is not None}
    size = images["made"].size
    low = images["given"].size
    images["given"] = images["given"].resize(size, Image.Resampling.BICUBIC)
    weights = "" if of.weights == "final" else of.weights
    words = {
        "given": ("input", f"in {low[0]}×{low[1]} pixels, enlarged bicubically"),
        "made": ("output", f"as {short(of.trial['label'], 40)} makes it from the input"),
        "target": ("truth", "as it is"),
    }
    written = {}
    for name, (word, says) in words.items():
        if name not in images:
            continue
        file = f"samples/{board.name(KIND, ability, of.trial['label'], weights, str(place), word)}.png"
        folder.put(file, _png(images[name]))
        written[name] = Picture(word, f"Test image {place + 1} {says}; {board.title}", file)
    seed = f"seed {of.trial['seed']:.0f}, {WEIGHTS[of.weights]} weights"
    caption = f"{clean(ability, 30)}, test image {place + 1}, {seed}"
    return Slider(of.trial["label"], caption, written["given"], written["made"], written.get("target"), *size)


def _image(pixels: np.ndarray) -> Image.Image:
    """Return an image of pixels (channels, height, width), uint8."""
    return Image.fromarray(pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "png", compress_level=4)
    return buffer.getvalue()
