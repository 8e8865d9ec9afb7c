"""Stacked digits: three random digits as the channels of one image, a thousand modes."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Self

import torch
from torch import Tensor

from gan_bench.datasets.base import SPLITS, Dataset
from gan_bench.datasets.digits import digits
from gan_bench.datasets.folders import Folders
from gan_bench.datasets.hashing import hash_of
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.mnist import mnist
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.sources import IndexedSource

REFERENCES = 10_000  # every class occurs


class StackedSource(IndexedSource):
    """Images whose channels are rows of another source, joined on demand.

    Args:
        images: grey images (n, 1, height, width), uint8.
        members: row numbers of the channels, int64, shape (length, channels).
    """

    def __init__(self, images: Tensor, members: Tensor):
        self.images, self.members = images, members
        self.shape = (members.shape[1], *images.shape[2:])
        self.device = images.device

    def __len__(self) -> int:
        return len(self.members)

    def gather(self, indices: Tensor) -> Tensor:
        """Return images at `indices`, shape (*indices.shape, channels, height, width)."""
        rows = self.members.index_select(0, indices.reshape(-1)).reshape(-1)
        return self.images.index_select(0, rows).reshape(*indices.shape, *self.shape)

    def to(self, device: torch.device | str) -> Self:
        """Return the same data on `device`; itself if it is there already."""
        if self.images.device == torch.device(device):
            return self
        return type(self)(self.images.to(device), self.members.to(device))


def stack(name: str, base: ImageDataset, training: int, references: int = REFERENCES) -> ImageDataset:
    """Return a dataset of stacked digits; a channel's digits come from the same split of `base`.

    Class 100 a + 10 b + c has the digits a, b, c. The triples are drawn once, from generators seeded by name
    and split, so the data are finite and always the same.

    Args:
        name: the dataset's name.
        base: labelled grey images of ten classes.
        training, references: numbers of training images, and of each reference's.
    """
    splits, arrays = {}, []
    for split in SPLITS:
        part = base.parts[split]
        assert part.labels is not None
        rows = part.images.gather(torch.arange(len(part.images)))
        assert isinstance(rows, Tensor)
        seed = hashlib.sha256(f"{name} {split}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(seed[:8]) >> 1)
        count = training if split == "train" else references
        members = torch.randint(len(rows), (count, 3), generator=generator)
        labels = part.labels[members] @ torch.tensor([100, 10, 1])
        splits[split] = Split(StackedSource(rows, members), labels)
        arrays.append(members.numpy())
    content = hash_of({"name": name, "version": 1, "base": base.content_hash}, *arrays)
    extractor = f"{base.extractor}x3" if base.extractor is not None else None
    made = ImageDataset(name, splits, classes=1000, content_hash=content, extractor=extractor)
    made.truth = dataclasses.replace(
        made.truth, class_modes=1000, description="three random digits as channels, all combinations"
    )
    return made


@register_dataset(
    "stacked-digits",
    kind="images",
    title="Stacked digits",
    source="scikit-learn's digits, three to an image, as stacked MNIST does it",
)
def stacked_digits() -> Dataset:
    """Return 20,000 training images of three channels, from the 1,085 training digits; 1,000 modes."""
    return stack("stacked-digits", digits(), 20_000)


@register_dataset(
    "stacked-mnist",
    kind="images",
    title="Stacked MNIST",
    source="Metz et al. 2017 (arXiv:1611.02163), section 3.3.1; as in Lin et al. 2018 (PacGAN), section 4.2",
    files=True,
    stand_in="stacked-digits",
)
def stacked_mnist(folders: Folders) -> Dataset:
    """Return 128,000 training images of three digits of MNIST's training split; 1,000 modes."""
    return stack("stacked-mnist", mnist(folders), 128_000)
