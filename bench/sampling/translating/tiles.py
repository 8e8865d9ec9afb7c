"""Images of any size through a network: whole, or in tiles with overlaps that leave no trace."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import pad

from gan_bench.bench.sampling.translating.reach import Apply, Maps, Reach

WHOLE = 2**29
"""Bytes that the calculation of a whole image may take."""
TILE = 2**27
"""Bytes that the calculation of a tile may take."""


@dataclass(frozen=True)
class Part:
    """A rectangle of an output.

    Attributes:
        top, left: its place, in pixels of the output.
        values: ``[channels, h, w]``, on the prepared scale.
    """

    top: int
    left: int
    values: Tensor


class TooLarge(Exception):
    """Signal that an image cannot be calculated in the memory that there is.

    Attributes:
        pixels: of the largest image that can.
    """

    def __init__(self, pixels: int) -> None:
        super().__init__(pixels)
        self.pixels = pixels


def core_of(reach: Reach, height: int, width: int, asked: int | None = None) -> int | None:
    """Return the side of tiles, without their overlaps; None for an image that is calculated whole.

    Args:
        reach: of the network.
        height, width: of the image.
        asked: the side that the user wants, rounded up to whole steps.

    Raises:
        TooLarge: for an image that does not fit as a whole, where tiles would show or do not fit either.
    """
    fits = height * width * reach.bytes_per_pixel <= WHOLE
    if fits and (asked is None or reach.margin is None):
        return None
    largest = int(WHOLE / reach.bytes_per_pixel)
    if reach.margin is None:
        raise TooLarge(largest)
    unit = math.lcm(reach.step, reach.multiple)
    if asked is not None:
        return -(-asked // unit) * unit
    side = int(math.sqrt(TILE / reach.bytes_per_pixel)) - 2 * reach.margin
    if side < unit and (unit + 2 * reach.margin) ** 2 > largest:
        raise TooLarge(largest)
    return max(unit, side // unit * unit)


def translated(apply: Apply, maps: Maps, reach: Reach, core: int | None) -> Iterator[Part]:
    """Yield the output of an image in parts, which cover it once.

    Sides that the network does not take are extended by repeating the last row and column, and the output is
    cut again.

    Args:
        apply: the network.
        maps: the image and its masks, of any size, one row each.
        reach: of the network.
        core: side of tiles, a multiple of the network's steps; None: all at once.
    """
    height, width = next(iter(maps.values())).shape[-2:]
    below, beside = -height % reach.multiple, -width % reach.multiple
    if below or beside:
        maps = {name: pad(values, (0, beside, 0, below), mode="replicate") for name, values in maps.items()}
    core, margin = core or max(height + below, width + beside), reach.margin or 0
    for rows in _spans(height + below, height, core, margin, reach):
        for columns in _spans(width + beside, width, core, margin, reach):
            cut = {name: values[..., rows.read, columns.read] for name, values in maps.items()}
            yield Part(rows.place, columns.place, apply(cut)[0][:, rows.kept, columns.kept])


@dataclass(frozen=True)
class _Span:
    """A tile along one axis.

    Attributes:
        read: of the input, with the overlaps.
        kept: of what is made of it, without them.
        place: where that begins in the whole output.
    """

    read: slice
    kept: slice
    place: int


def _spans(length: int, wanted: int, core: int, margin: int, reach: Reach) -> Iterator[_Span]:
    """Yield the tiles that cover an axis of the input; of the output, what belongs to the wanted length."""
    for start in range(0, length, core):
        first, last = max(0, start - margin), min(length, start + core + margin)
        away, place = int(first * reach.scale), int(start * reach.scale)
        end = min(int((start + core) * reach.scale), int(wanted * reach.scale))
        yield _Span(slice(first, last), slice(place - away, end - away), place)
