"""Bicubic resizing as MATLAB's imresize does it, by which super-resolution makes its low resolutions."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

SHARPNESS = -0.5  # Keys' parameter in MATLAB; torch and OpenCV have -0.75
REACH = 2.0  # of the kernel, in pixels


def shrink(images: Tensor, factor: int) -> Tensor:
    """Return images (..., h, w) smaller by a whole factor, antialiased; floats, not rounded.

    Raises:
        ValueError: for sides that the factor does not divide; `cut` cuts them.
    """
    height, width = images.shape[-2:]
    if height % factor or width % factor:
        raise ValueError(f"images of {height}x{width}: sides that {factor} divides expected")
    return resize(images, (height // factor, width // factor))


def enlarge(images: Tensor, size: tuple[int, ...]) -> Tensor:
    """Return images (..., h, w) at a larger size; floats, not rounded, maybe beyond the input's range."""
    return resize(images, size)


def resize(images: Tensor, size: tuple[int, ...]) -> Tensor:
    """Return images (..., h, w), floats, at another size (height, width).

    Cubic convolution (Keys 1981) with parameter -0.5, its kernel widened by the factor where images become
    smaller, pixels beyond the border mirrored.
    """
    rows, columns = (
        torch.tensor(weights(before, after)).to(images)
        for before, after in zip(images.shape[-2:], size, strict=True)
    )
    return rows @ images @ columns.T


def cut(image: np.ndarray, factor: int) -> np.ndarray:
    """Return an image (..., h, w) without the last rows and columns that a factor leaves over."""
    height, width = image.shape[-2:]
    return image[..., : height - height % factor, : width - width % factor]


@cache
def weights(before: int, after: int) -> np.ndarray:
    """Return the weight of each old pixel in each new one, float64 (after, before); rows sum to 1."""
    scale = after / before
    stretch = min(scale, 1.0)
    centres = (np.arange(after) + 0.5) / scale - 0.5
    count = int(np.ceil(2 * REACH / stretch)) + 2
    taps = np.floor(centres - REACH / stretch).astype(int)[:, None] + np.arange(count)
    values = _cubic(stretch * (centres[:, None] - taps))
    values /= values.sum(1, keepdims=True)
    mirrored = taps % (2 * before)
    mirrored = np.where(mirrored < before, mirrored, 2 * before - 1 - mirrored)
    matrix = np.zeros((after, before))
    np.add.at(matrix, (np.arange(after)[:, None], mirrored), values)
    matrix.setflags(write=False)
    return matrix


def _cubic(x: np.ndarray) -> np.ndarray:
    x, a = np.abs(x), SHARPNESS
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
