"""The shape of a user's images: one size, grey or in colour."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from gan_bench.datasets.base import DatasetError
from gan_bench.datasets.duplicates import hash_of_images, notes_of_duplicates
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.numbers import to_labels
from gan_bench.datasets.own.address import Address
from gan_bench.datasets.own.splitting import Rows, divided
from gan_bench.datasets.sources import ResidentSource


def fitted(image: np.ndarray, size: int | None, grey: bool) -> np.ndarray:
    """Return an image (c, h, w), uint8, as a square of this side and, if asked for, grey.

    The longer side is cropped to the shorter one's length around the centre, and the square resized by
    Pillow's antialiased bicubic filter. Grey is ITU-R 601 luma, as Pillow's mode L.
    """
    if grey and len(image) == 3:
        image = np.asarray(Image.fromarray(image.transpose(1, 2, 0)).convert("L"))[None]
    if size is not None and image.shape[1:] != (size, size):
        bands = [
            ImageOps.fit(Image.fromarray(band), (size, size), Image.Resampling.BICUBIC) for band in image
        ]
        image = np.stack([np.asarray(band) for band in bands])
    return image


def stacked(images: Iterable[tuple[str, np.ndarray]], where: str) -> tuple[np.ndarray, int]:
    """Return images (c, h, w) as (n, c, h, w), and the number of grey ones that were repeated to colour.

    Args:
        images: the name of each, for messages, and its pixels, uint8.
        where: the data, for messages.

    Raises:
        DatasetError: for no images, and for images of several sizes, naming two.
    """
    found = list(images)
    if not found:
        raise DatasetError(f"{where}: there are no images")
    names, pixels = zip(*found, strict=True)
    channels = max(len(image) for image in pixels)
    first = pixels[0].shape[1:]
    for name, image in zip(names, pixels, strict=True):
        if image.shape[1:] != first:
            sizes = ["×".join(map(str, reversed(shape))) for shape in (first, image.shape[1:])]
            raise DatasetError(
                f"{where}: {names[0]} is {sizes[0]} and {name} {sizes[1]}: expected images of one size; "
                "size=SIDE in the address, as in images:FOLDER,size=64, or --size SIDE makes squares of them"
            )
    grey = sum(len(image) < channels for image in pixels)
    return np.stack([image.repeat(channels // len(image), axis=0) for image in pixels]), grey


def image_dataset(address: Address, found: dict[str, Rows], notes: tuple[str, ...] = ()) -> ImageDataset:
    """Return images (n, c, h, w), uint8, as a dataset; its notes name images that are in two splits.

    Args:
        address: its title and options.
        found: rows by split, as `divided` takes them; all have names, or none has.
        notes: further sentences about the data.

    Raises:
        DatasetError: as `divided` does, and for labels that are not whole numbers from 0 without gaps.
    """
    splits, rule = divided(str(address), found)
    steps = [rule, f"size {address.size or 'kept'}", "grey" if address.grey else "channels kept"]
    dataset = ImageDataset(
        address.title,
        {
            split: Split(_source(rows.values), _labels(rows, f"{address}: the {split} split"))
            for split, rows in splits.items()
        },
        preprocessing="; ".join(steps),
        extractor=address.extractor,
    )
    counts = " / ".join(str(len(rows)) for rows in splits.values())
    classes = f", {dataset.truth.classes} classes" if dataset.truth.classes else ""
    names = {split: rows.names.tolist() for split, rows in splits.items() if rows.names is not None}
    hashes = {split: [*map(hash_of_images, rows.values)] for split, rows in splits.items()}
    duplicates = notes_of_duplicates(hashes, names or None)
    sizes = f"{counts} images for training, validation and test{classes}: {rule}"
    dataset.notes = (sizes, *notes, *duplicates)
    return dataset


def _source(pixels: np.ndarray) -> ResidentSource:
    """Return decoded pixels as a source; unlike a user's numbers they are on the scale of 255."""
    return ResidentSource(torch.from_numpy(np.ascontiguousarray(pixels)))


def _labels(rows: Rows, where: str) -> Tensor | None:
    """Return the labels, if there are any; errors begin with `where`."""
    try:
        return None if rows.labels is None else to_labels(rows.labels)
    except DatasetError as error:
        raise DatasetError(f"{where}: {error}") from error
