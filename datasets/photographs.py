"""The two photographs that scikit-learn ships: a pagoda among trees, and a flower."""

from __future__ import annotations

from functools import cache

import numpy as np

from gan_bench.datasets import scikit_learn
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.super_resolution import low_high

TEST = np.s_[:, 40:424, 176:288]
"""The middle of the pagoda, with trees: the right-hand part of both photographs is smooth."""
VALIDATION = np.s_[:, 232:424, 288:440]
"""Trees beside it."""


@cache
def photographs() -> tuple[np.ndarray, np.ndarray]:
    """Return china.jpg and flower.jpg, uint8 (3, 427, 640) each; read only."""
    pictures = [np.ascontiguousarray(image.transpose(2, 0, 1)) for image in scikit_learn.photographs()]
    for picture in pictures:
        picture.setflags(write=False)
    china, flower = pictures
    return china, flower


def patches(count: int, size: int, generator: np.random.Generator) -> np.ndarray:
    """Return random squares of the photographs, uint8 (count, 3, size, size)."""
    both = np.stack(photographs())
    windows = np.lib.stride_tricks.sliding_window_view(both, (size, size), axis=(2, 3))
    picture, top, left = (generator.integers(limit, size=count) for limit in (len(both), *windows.shape[2:4]))
    return windows[picture, :, top, left]


@register_dataset(
    "photographs-x4",
    kind="images",
    title="Photographs, 4 times larger",
    source="scikit-learn's two photographs: the pagoda to test, trees to validate, the rest to train",
)
def photographs_x4() -> Dataset:
    """Return crops and tiles of the photographs, 16 and 64 pixels wide."""
    china, flower = photographs()
    train = {"china, left": china[:, :, :176], "china, right": china[:, :, 440:], "flower": flower}
    return low_high("photographs-x4", train, {"china": china[VALIDATION]}, {"china": china[TEST]}, 4)
