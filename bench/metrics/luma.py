"""Luma of images in colour."""

from __future__ import annotations

import numpy as np

WEIGHTS = (65.481, 128.553, 24.966)
"""Of red, green and blue from 0 to 1 (ITU-R BT.601, studio range), as MATLAB's rgb2ycbcr has them."""
BLACK = 16.0


def luma(image: np.ndarray) -> np.ndarray:
    """Return the luma (h, w) of an image (channels, h, w), 0 to 255: 16 to 235 of colours, grey as it is."""
    if image.shape[0] == 1:
        return image[0]
    return BLACK + np.tensordot(np.array(WEIGHTS) / 255, image, axes=1)
