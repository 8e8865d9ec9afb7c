"""scikit-learn's embedded digits: real images that need no file and no network."""

from __future__ import annotations

from functools import cache

import numpy as np

from gan_bench.datasets import scikit_learn
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.registry import register_dataset
from gan_bench.spaces import Grid

BORDER = 4
"""Black pixels on each side of enlarged digits."""


@register_dataset(
    "digits",
    kind="images",
    title="Digits",
    source="scikit-learn's load_digits: the test part of UCI's optical recognition of handwritten digits",
)
def digits() -> ImageDataset:
    """Return scikit-learn's 1,797 digits of 8x8 pixels, enlarged to 28x28.

    They are enlarged to 20x20 (bilinear, as by `torch.nn.functional.interpolate`), values 0..16 to 0..255,
    with 4 black pixels around, as in MNIST. All arithmetic is in integers, so that bytes and content hash
    are the same on every machine.

    Of five consecutive images of a class, in file order, three are for training, one for validation and one
    for the test: 1,085 / 357 / 355 images. Neighbours in the file are by one writer, so each split has every
    writer.
    """
    images, labels = _read()
    turn = np.empty(len(labels), dtype=np.int64)
    for label in range(10):
        turn[labels == label] = np.arange((labels == label).sum()) % 5
    members = {"train": turn < 3, "validation": turn == 3, "test": turn == 4}
    splits = {name: Split.of(images[chosen], labels[chosen]) for name, chosen in members.items()}
    steps = "8x8 to 20x20 bilinear, padded to 28x28"
    dataset = ImageDataset("digits", splits, classes=10, preprocessing=steps, extractor="lenet28_digits")
    dataset.enlarged = native()
    return dataset


@cache
def _read() -> tuple[np.ndarray, np.ndarray]:
    """Return all enlarged images and their labels, for every dataset that is made of them."""
    images, labels = scikit_learn.digits()
    return enlarge(images), labels


def enlarge(images: np.ndarray) -> np.ndarray:
    """Return 8x8 images of integers 0..16, shape (n, 8, 8), as 28x28 images of 0..255, uint8."""
    weights = _weights()
    grown = weights @ images @ weights.T  # 0..1600
    rounded = (2 * 255 * grown + 1600) // (2 * 1600)
    return np.pad(rounded, ((0, 0), (BORDER, BORDER), (BORDER, BORDER))).astype(np.uint8)


def native() -> Grid:
    """Return the 8x8 pixels of enlarged digits: each reaches over 3 to 5 rows and columns."""
    reach = [np.flatnonzero(column) + BORDER for column in _weights().T]
    spans = tuple((int(places[0]), int(places[-1]) + 1) for places in reach)
    return Grid(spans, spans)


def _weights() -> np.ndarray:
    """Return the weights of 8 pixels in each of 20 (bilinear), in tenths: exact, since 8 / 20 = 0.4."""
    weights = np.zeros((20, 8), dtype=np.int64)
    for row in range(20):
        position = min(max(4 * row - 3, 0), 70)  # tenths of a source pixel: (row + 0.5) * 0.4 - 0.5
        low, part = divmod(position, 10)
        weights[row, low] += 10 - part
        weights[row, min(low + 1, 7)] += part
    return weights
