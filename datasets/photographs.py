"""The two photographs that scikit-learn ships: a pagoda among trees, and a flower."""

from __future__ import annotations

from functools import cache

import numpy as np


@cache
def photographs() -> tuple[np.ndarray, np.ndarray]:
    """Return china.jpg and flower.jpg, uint8 (3, 427, 640) each; read only."""
    from sklearn.datasets import load_sample_images  # slow to import

    pictures = [np.ascontiguousarray(image.transpose(2, 0, 1)) for image in load_sample_images().images]
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
