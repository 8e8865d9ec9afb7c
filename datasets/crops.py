"""Crops of images of any size, with their mirror images: a row for each, drawn like any other rows.

An epoch has every crop once, in an order of each replica's own stream, so crops need no further noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.sources import IndexedSource

MIRRORED, ALL = 2, 8
"""Symmetries of a square: itself and its mirror image, or all eight (mirrored, turned)."""
BLOCK = 2**20
"""Most values whose places are in memory at a time, unless one crop has more."""


class Places:
    """The places of all crops in images of some sizes, with their symmetries.

    Args:
        sizes: height and width of each image, on the coarser grid where images have two.
        side: of a crop on that grid.
        symmetries: `MIRRORED`, `ALL`, or 1 for none.
    """

    def __init__(self, sizes: Sequence[tuple[int, int]], side: int, symmetries: int) -> None:
        self.sizes, self.side, self.symmetries = list(sizes), side, symmetries
        free = torch.tensor(self.sizes) - side + 1
        self.columns = free[:, 1]
        self.ends = (free.prod(1) * symmetries).cumsum(0)
        self.starts = self.ends - free.prod(1) * symmetries

    def __len__(self) -> int:
        return int(self.ends[-1])

    def decode(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return image, top, left and symmetry of crops by number, int64 (n,) each, on the CPU."""
        image = torch.searchsorted(self.ends, rows, right=True)
        within = rows - self.starts[image]
        place, symmetry = within // self.symmetries, within % self.symmetries
        return image, place // self.columns[image], place % self.columns[image], symmetry


class Crops(IndexedSource):
    """Crops of images (channels, h, w), which stay in memory once.

    Args:
        images: of equal channels and type.
        places: of the crops.
        factor: pixels of these images for each of the grid of `places`.
    """

    def __init__(self, images: Sequence[Tensor], places: Places, factor: int = 1) -> None:
        self.places, self.factor = places, factor
        side, channels = places.side * factor, images[0].shape[0]
        self.shape = (channels, side, side)
        self.flat = torch.cat([image.reshape(-1) for image in images])
        areas = torch.tensor([image[0].numel() for image in images])
        self.start = (channels * areas).cumsum(0) - channels * areas
        self.width = torch.tensor([image.shape[2] for image in images])
        self.area = areas
        self.offsets = symmetries_of(side)
        self.device = self.flat.device

    def __len__(self) -> int:
        return len(self.places)

    def gather(self, indices: Tensor) -> Tensor:
        """Return crops by number, shape (*indices.shape, channels, side, side)."""
        rows = indices.reshape(-1).cpu()
        found = torch.empty(len(rows), *self.shape, dtype=self.flat.dtype, device=self.device)
        size = max(1, BLOCK // math.prod(self.shape))
        for start in range(0, len(rows), size):
            found[start : start + size] = self._gathered(rows[start : start + size])
        return found.reshape(*indices.shape, *self.shape)

    def _gathered(self, rows: Tensor) -> Tensor:
        """Return crops (n, channels, side, side); the place of each value takes several times eight bytes."""
        image, top, left, symmetry = self.places.decode(rows)
        width = self.width[image]
        corner = self.start[image] + self.factor * (top * width + left)
        down, right = self.offsets[:, symmetry]  # (n, side, side) each
        within = corner[:, None, None] + down * width[:, None, None] + right
        channel = torch.arange(self.shape[0])[:, None, None] * self.area[image][:, None, None, None]
        return self.flat[(within[:, None] + channel).to(self.device)]

    def to(self, device: torch.device | str) -> Self:
        """Return the same crops with their output on `device`."""
        if torch.device(device) == self.device:
            return self
        moved = type(self).__new__(type(self))
        moved.__dict__ = {**self.__dict__, "flat": self.flat.to(device)}
        moved.device = moved.flat.device
        return moved


def symmetries_of(side: int) -> Tensor:
    """Return the row and the column in a square that each pixel of its eight symmetries comes from.

    Shape (2, 8, side, side): as it is, mirrored, then both turned upside down, then these four transposed.
    """
    rows, columns = np.indices((side, side))
    four = [(rows, columns), (rows, columns[:, ::-1]), (rows[::-1], columns), (rows[::-1], columns[:, ::-1])]
    eight = four + [(down.T, right.T) for down, right in four]
    return torch.from_numpy(np.array(eight).transpose(1, 0, 2, 3).copy())
