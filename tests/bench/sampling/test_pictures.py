"""Sheets of numbered images."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from gan_bench.bench.sampling.pictures import numbered


def test_a_sheet_shows_its_images_row_by_row() -> None:
    images = np.arange(6, dtype=np.uint8).repeat(4).reshape(6, 1, 2, 2)
    pixels = np.asarray(Image.open(io.BytesIO(numbered(images, 3, [*"012345"]))))
    tall, wide = 80 + 6 + 16, 80 + 6  # 2 pixels are enlarged to 80
    assert pixels.shape == (2 * tall + 6, 3 * wide + 6, 3)
    for place in range(6):
        top, left = place // 3 * tall + 6, place % 3 * wide + 6
        assert (pixels[top + 16 : top + 96, left : left + 80] == place).all()
        assert pixels[top - 2 : top + 14, left : left + 20].min() < 128  # its number, above it


def test_small_images_are_enlarged_by_a_whole_factor_and_large_ones_are_not() -> None:
    for side, factor in ((28, 3), (32, 3), (64, 2), (80, 1), (256, 1)):
        pixels = Image.open(io.BytesIO(numbered(np.zeros((1, 3, side, side), np.uint8), 1, ["0"])))
        assert pixels.size == (factor * side + 12, factor * side + 6 + 16 + 6)
