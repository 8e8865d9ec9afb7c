"""Images that go in and come out: which files, of which channels, and where outputs are written."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import unwritable, write
from gan_bench.datasets.image_files import image_files, read_image

CLASSES = "classes.csv"


def inputs_of(paths: Sequence[Path]) -> list[Path]:
    """Return the image files that are named, and those of folders that are named, in order.

    Raises:
        UsageError: for a path that does not exist, or two files whose outputs would have one name.
        DatasetError: for a folder without images.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        found += image_files(path) if path.is_dir() else [path]
    stems: dict[str, Path] = {}
    for file in found:
        if (other := stems.setdefault(file.stem, file)) is not file:
            raise UsageError(
                f"{other} and {file} would both be written to {file.stem}.png; translate them apart"
            )
    return found


def read(path: Path, channels: int) -> np.ndarray:
    """Return an image, uint8 (channels, h, w); a grey one is repeated where three channels are read.

    Raises:
        UsageError: for an image of more channels than the network reads.
        DatasetError: for a file that is damaged or truncated.
    """
    image = read_image(path)
    if len(image) == channels:
        return image
    if len(image) == 1:
        return np.repeat(image, channels, axis=0)
    raise UsageError(f"{path} has {len(image)} channels (colour); this network reads images of {channels}")


def read_mask(path: Path) -> np.ndarray:
    """Return a mask (1, h, w) of 0 and 1: 1, a hole, where the image is white or at least half bright.

    Raises:
        UsageError: where there is no such file.
        DatasetError: for a file that is damaged.
    """
    if not path.is_file():
        raise UsageError(f"--mask {path}: there is no such file")
    return (read_image(path).mean(0, keepdims=True) >= 127.5).astype(np.float32)


def outputs_of(files: Sequence[Path], folder: Path, *, classes: bool, overwrite: bool) -> dict[Path, Path]:
    """Return the output of each input.

    Raises:
        UsageError: if one of them exists, unless ``overwrite``.
    """
    outputs = {file: folder / (CLASSES if classes else f"{file.stem}.png") for file in files}
    taken = next((out for out in outputs.values() if out.exists()), None)
    if taken is not None and not overwrite:
        raise UsageError(f"{taken} exists; name another folder with -o, or give --overwrite")
    return outputs


def save(image: np.ndarray, path: Path) -> None:
    """Write an image, uint8 (1 or 3, h, w), as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image[0] if len(image) == 1 else np.moveaxis(image, 0, 2)).save(buffer, "png")
    with unwritable(str(path)):
        write(path, buffer.getvalue())
