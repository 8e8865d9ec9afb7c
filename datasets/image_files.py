"""Image files in folders, decoded by Pillow; errors name the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from gan_bench.datasets.base import DatasetError

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
GREY = ("1", "L", "LA")


def image_files(folder: Path) -> list[Path]:
    """Return the image files of a folder, in natural order (2.jpg before 10.jpg).

    Raises:
        DatasetError: if there is no such folder, it cannot be read, or it holds no image.
    """
    try:
        files = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
    except OSError as error:
        raise DatasetError(f"cannot look into {folder}: {error.strerror or error}") from error
    if not files:
        raise DatasetError(f"{folder} holds no image; expected files that end in {', '.join(SUFFIXES)}")
    return sorted(files, key=lambda path: [_number(part) for part in re.split(r"(\d+)", path.name)])


def _number(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdecimal() else (1, 0, part)


def read_image(path: Path) -> np.ndarray:
    """Return the image of a file; arguments and errors as of `decode`."""
    return decode(path, str(path))


def decode(source: Path | BinaryIO, name: str) -> np.ndarray:
    """Return an image as uint8: (1, h, w) if it is grey, else (3, h, w); transparency is dropped.

    Args:
        source: a file.
        name: the image's name, for messages.

    Raises:
        DatasetError: for a file that is damaged, truncated, or has more than 8 bits a channel.
    """
    try:
        with Image.open(source) as image:
            if image.mode.startswith(("I", "F")):
                raise DatasetError(
                    f"{name} has more than 8 bits a channel ({image.mode}): convert it to 8 bits"
                )
            pixels = np.asarray(image.convert("L" if image.mode in GREY else "RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DatasetError(f"damaged image {name}: {error}") from error
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def read_colours(paths: Iterable[Path]) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return images (3, h, w), uint8, by file, and the grey files, which get three equal channels."""
    images, grey = {}, []
    for path in paths:
        image = read_image(path)
        if image.shape[0] == 1:
            grey.append(path.name)
            image = np.repeat(image, 3, axis=0)
        images[str(path)] = image
    return images, grey


def note_of_grey(grey: list[str]) -> tuple[str, ...]:
    """Return the sentence about grey files among colour, if there are any."""
    if not grey:
        return ()
    some = ", ".join(grey[:3]) + (" ..." if len(grey) > 3 else "")
    return (f"{len(grey)} grey among files in colour ({some}): repeated to three channels",)


def resized(image: np.ndarray, size: tuple[int, int], *, labels: bool = False) -> np.ndarray:
    """Return an image (c, h, w), uint8, at another size (height, width), by Pillow.

    Antialiased bicubic; of a map of labels the nearest pixels, so that no colours are mixed.
    """
    if image.shape[1:] == size:
        return image
    method = Image.Resampling.NEAREST if labels else Image.Resampling.BICUBIC
    bands = [Image.fromarray(band).resize(size[::-1], method) for band in image]
    return np.stack([np.asarray(band) for band in bands])
