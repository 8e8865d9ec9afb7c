"""Super-resolution: images with their low resolution, as crops to train on and tiles to measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset, DatasetError, Truth
from gan_bench.datasets.crops import ALL, Crops, Places
from gan_bench.datasets.hashing import declarations, hash_of
from gan_bench.datasets.indexed import IndexedDataset
from gan_bench.datasets.resizing import cut, shrink
from gan_bench.datasets.scales import PIXELS, Levels, Pixels, Scale
from gan_bench.datasets.sources import IndexedSource, ResidentSource
from gan_bench.spaces import Space

MARGIN = 3
"""Pixels of low resolution that a tile overlaps its neighbour with, at each side."""
SIDE = 16
"""Sides of crops and tiles of low resolution."""

Images = Mapping[str, np.ndarray]
"""Images (3, h, w), uint8, by the names of messages."""


def low_high(
    name: str,
    train: Images,
    validation: Images,
    test: Images,
    factor: int,
    *,
    side: int = SIDE,
    notes: tuple[str, ...] = (),
) -> Dataset:
    """Return images (``high``) and their low resolution (``low``) by MATLAB's bicubic, not rounded.

    Sides are cut to multiples of the factor. Training rows are all crops of ``side`` pixels of low
    resolution, in their eight symmetries. The other splits are tiles that cover the images; ``place`` is a
    tile's image, top, left, and the image's height and width, from which metrics put images together.

    Args:
        name, notes: as in `Dataset`.
        train, validation, test: images by name.
        factor: of the resolutions.
        side: of crops and tiles of low resolution, above twice `MARGIN`.

    Raises:
        DatasetError: for a smaller side, or an image that is smaller than a crop.
    """
    if side <= 2 * MARGIN:
        raise DatasetError(f"{name}: crops of side {side}, expected above {2 * MARGIN}, the overlap of tiles")
    splits = {"train": train, "validation": validation, "test": test}
    pairs = {split: _pairs(name, images, factor, side) for split, images in splits.items()}
    spaces = {
        "low": Space((3, side, side)),
        "high": Space((3, side * factor, side * factor), Pixels.bounds),
        "place": Space((5,)),
    }
    scales: dict[str, Scale] = {"low": Levels(), "high": PIXELS}
    definition = {
        "name": name, "version": 1, "factor": factor, "side": side, "margin": MARGIN,
        **declarations(spaces, scales),
    }  # fmt: skip
    arrays = [high for images in pairs.values() for _, high in images]
    made = IndexedDataset(
        name,
        "images",
        {split: _crops(of, side, factor) if split == "train" else _tiles(of, side, factor)
         for split, of in pairs.items()},
        streams={"low_high": ("low", "high"), "tiles": ("low", "high", "place"), "real": "high"},
        spaces=spaces,
        scales=scales,
        truth=Truth(border=factor, description=f"low: MATLAB's bicubic of high, 1 / {factor}, not rounded"),
        content_hash=hash_of(definition, *arrays),
    )  # fmt: skip
    made.notes = notes
    return made


def _pairs(name: str, images: Images, factor: int, side: int) -> list[tuple[Tensor, np.ndarray]]:
    """Return low resolution, float32, and high resolution, uint8, of each image."""
    found = []
    for file, image in images.items():
        high = np.ascontiguousarray(cut(image, factor))
        if min(high.shape[-2:]) < side * factor:
            raise DatasetError(
                f"{name}: {file} has {image.shape[1]}x{image.shape[2]} pixels, sides of at least "
                f"{side * factor} are expected"
            )
        found.append((shrink(torch.from_numpy(high).double(), factor).float(), high))
    return found


def _crops(pairs: Sequence[tuple[Tensor, np.ndarray]], side: int, factor: int) -> dict[str, IndexedSource]:
    places = Places([(low.shape[1], low.shape[2]) for low, _ in pairs], side, ALL)
    return {
        "low": Crops([low for low, _ in pairs], places),
        "high": Crops([torch.from_numpy(high) for _, high in pairs], places, factor),
        "place": Whole(len(places), side * factor),
    }


def _tiles(pairs: Sequence[tuple[Tensor, np.ndarray]], side: int, factor: int) -> dict[str, IndexedSource]:
    lows, highs, places = [], [], []
    for number, (low, high) in enumerate(pairs):
        height, width = low.shape[1:]
        for top, left in product(*(_starts(length, side) for length in (height, width))):
            lows.append(low[:, top : top + side, left : left + side])
            above, before, large = top * factor, left * factor, side * factor
            highs.append(high[:, above : above + large, before : before + large])
            places.append((number, above, before, *high.shape[1:]))
    return {
        "low": ResidentSource(torch.stack(lows)),
        "high": ResidentSource(torch.from_numpy(np.stack(highs))),
        "place": ResidentSource(torch.tensor(places, dtype=torch.float32)),
    }


def _starts(length: int, side: int) -> list[int]:
    """Return where tiles begin that cover a length with overlaps; the last ends at its end."""
    return [*range(0, length - side, side - 2 * MARGIN), length - side]


@dataclass
class Whole(IndexedSource):
    """Places of images that are one tile each: their number, 0, 0, and the side twice.

    Args:
        length: number of images.
        side: of each.
    """

    length: int
    side: int

    def __post_init__(self) -> None:
        self.shape, self.device = (5,), torch.device("cpu")

    def __len__(self) -> int:
        return self.length

    def gather(self, indices: Tensor) -> Tensor:
        """Return the places of images by number, float32 (*indices.shape, 5)."""
        place = torch.zeros(*indices.shape, 5, device=self.device)
        place[..., 0] = indices.to(self.device)
        place[..., 3:] = self.side
        return place

    def to(self, device: torch.device | str) -> Self:
        """Return the same places on `device`."""
        moved = type(self)(self.length, self.side)
        moved.device = torch.device(device)
        return moved
