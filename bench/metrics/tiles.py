"""Images that data hold in overlapping tiles, put together for metrics of whole images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gan_bench.bench.metrics.base import Undefined


def whole_images(tiles: np.ndarray, place: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the images that are covered by tiles, as :func:`assembled` does.

    Raises:
        Undefined: if no image is covered.
    """
    found = 0
    for image in assembled(tiles, place):
        found += 1
        yield image
    if not found:
        raise Undefined(f"none of the images that {len(place)} tiles belong to is covered by them")


def assembled(tiles: np.ndarray, place: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the images that are covered by tiles, each (channels, height, width), in order.

    Where tiles overlap, a pixel is taken from the tile whose border is farthest away.

    Args:
        tiles: shape (n, channels, side, side).
        place: of each tile the number of its image, top and left in it, and height and width of the image;
            whole numbers, shape (n, 5).
    """
    place = np.rint(place).astype(int)
    rows, columns = (np.minimum(np.arange(size), np.arange(size)[::-1]) for size in tiles.shape[2:])
    depth = 1 + np.minimum(rows[:, None], columns[None])
    for number in np.unique(place[:, 0]):
        mine = np.flatnonzero(place[:, 0] == number)
        height, width = place[mine[0], 3:]
        image = np.zeros((tiles.shape[1], height, width))
        deepest = np.zeros((height, width), dtype=int)
        for tile, (top, left) in zip(tiles[mine], place[mine, 1:3], strict=True):
            here = np.s_[top : top + tile.shape[1], left : left + tile.shape[2]]
            deeper = depth > deepest[here]
            image[:, here[0], here[1]][:, deeper] = tile[:, deeper]
            deepest[here] = np.maximum(deepest[here], depth)
        if deepest.all():
            yield image
