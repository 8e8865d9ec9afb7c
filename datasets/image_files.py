"""Image files in folders, decoded by Pillow; errors name the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImageOps

from gan_bench.datasets.base import DatasetError
from gan_bench.names import counted

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
GREY = ("1", "L", "LA")
HIDDEN = (".", "_")
"""Starts of names of folders that programs leave among images."""


def inner_folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, in the order of their names, without hidden ones.

    Raises:
        DatasetError: if there is no such folder, or it cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(HIDDEN))
    except OSError as error:
        raise DatasetError(f"cannot look into {folder}: {error.strerror or error}") from error


def image_files(folder: Path) -> list[Path]:
    """Return the image files of a folder, in natural order (2.jpg before 10.jpg), without hidden ones.

    Raises:
        DatasetError: if there is no such folder, it cannot be read, it holds no image, or one is a link to a
            file that is not there.
    """
    try:
        found = [path for path in folder.iterdir() if is_image(path)]
        files = [path for path in found if path.is_file()]
        gone = next((path for path in found if not path.exists()), None)
    except OSError as error:
        raise DatasetError(f"cannot look into {folder}: {error.strerror or error}") from error
    if gone is not None:
        raise DatasetError(f"{gone} is a link to a file that is not there")
    if not files:
        raise DatasetError(f"{folder} holds no image; expected files that end in {', '.join(SUFFIXES)}")
    return sorted(files, key=lambda path: [_number(part) for part in re.split(r"(\d+)", path.name)])


def is_image(path: Path) -> bool:
    """Return whether a file's name is that of an image; names that begin with a dot are not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _number(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdecimal() else (1, 0, part)


def read_image(path: Path) -> np.ndarray:
    """Return the image of a file; arguments and errors as of `decode`."""
    return decode(path, str(path))


def decode(source: Path | BinaryIO, name: str) -> np.ndarray:
    """Return an image as uint8: (1, h, w) if it is grey, else (3, h, w); transparency is dropped.

    An image that a camera has marked as turned or mirrored is set upright.

    Args:
        source: a file.
        name: the image's name, for messages.

    Raises:
        DatasetError: for a file that is damaged, truncated, too large to be meant (Pillow's limit), holds
            several images, or has more than 8 bits a channel.
    """
    try:
        with Image.open(source) as image:
            if _is_deep(image):
                raise DatasetError(
                    f"{name} has more than 8 bits a channel ({image.mode}): convert it to 8 bits"
                )
            if image.format != "MPO" and (count := getattr(image, "n_frames", 1)) > 1:  # MPO: and a preview
                raise DatasetError(f"{name} holds {count} images: save each in a file of its own")
            upright = ImageOps.exif_transpose(image)
            pixels = np.asarray(upright.convert("L" if upright.mode in GREY else "RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DatasetError(f"damaged image {name}: {error}") from error
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _is_deep(image: ImageFile.ImageFile) -> bool:
    """Return whether a file has more than 8 bits a channel, which the modes of colour do not tell."""
    stored = [tile[3] for tile in image.tile]  # of a PPM file with the largest value, which may be 65535
    largest = max((of[1] for of in stored if image.format == "PPM" and isinstance(of, tuple)), default=0)
    return image.mode.startswith(("I", "F")) or largest > 255 or bool(re.search(";16[BLN]", str(stored)))


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
    """Return the sentence about grey files that became images in colour, if there are any."""
    if not grey:
        return ()
    some = ", ".join(grey[:3]) + (" ..." if len(grey) > 3 else "")
    return (f"{counted(len(grey), 'grey file')} ({some}): repeated to three channels",)


def resized(image: np.ndarray, size: tuple[int, int], *, labels: bool = False) -> np.ndarray:
    """Return an image (c, h, w), uint8, at another size (height, width), by Pillow.

    Antialiased bicubic; of a map of labels the nearest pixels, so that no colours are mixed.
    """
    if image.shape[1:] == size:
        return image
    method = Image.Resampling.NEAREST if labels else Image.Resampling.BICUBIC
    bands = [Image.fromarray(band).resize(size[::-1], method) for band in image]
    return np.stack([np.asarray(band) for band in bands])
