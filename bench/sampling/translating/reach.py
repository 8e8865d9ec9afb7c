"""Distance over which a network's output depends on its input, measured by probes; tiles overlap by it."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor

from gan_bench.bench.sampling.translating.peak import PeakMemory

BLOCK = 64
"""Side of the block of a probe; steps of networks divide it."""
PROBES = (192, 448)
"""Sides of probes, in whose middle the block is aligned to its own side."""
STEPS = (1, 2, 4, 8, 16, 32, BLOCK)

Maps = Mapping[str, Tensor]
"""Images and masks of one size, prepared, ``[n, channels, h, w]`` by name."""
Apply = Callable[[Maps], Tensor]
Probe = Callable[[int], dict[str, Tensor]]
"""Side -> maps of that side."""


@dataclass(frozen=True)
class Reach:
    """Sizes that a network takes, and how far its outputs depend on its input.

    Attributes:
        scale: output pixels per input pixel, along a side.
        multiple: whole number that sides must be divisible by.
        margin: pixels beyond a block of the input that its output depends on, rounded up to a multiple of
            `step` and `multiple`; None where it depends on the whole image, or on places in it.
        step: pixels by which the input must be moved for the output to move with it.
        bytes_per_pixel: memory of a calculation, per pixel of the input.
    """

    scale: Fraction
    multiple: int
    margin: int | None
    step: int
    bytes_per_pixel: float


def reach_of(apply: Apply, probe: Probe) -> Reach | None:
    """Measure a network; None where it takes images of one size only.

    A block of the input is not a number; the outputs that are none either depend on it, since no operation
    of a network makes a number of it. That is exact whatever the weights are.
    """
    side = PROBES[0]
    with PeakMemory() as memory:
        made = _taken(apply, probe(side))
    if made is None:
        return None
    scale = Fraction(made.shape[-1], side)
    multiple = next((m for m in STEPS if _fits(apply, probe, side + m, scale)), None)
    if multiple is None:
        return None
    margin = _margin(apply, probe, scale)
    step = None if margin is None else _step(apply, probe, margin, scale)
    if margin is not None and step is not None:
        unit = math.lcm(step, multiple)
        margin = -(-margin // unit) * unit
    return Reach(scale, multiple, margin if step else None, step or 1, memory.peak / side**2)


@contextlib.contextmanager
def plain_convolutions() -> Iterator[None]:
    """Calculate convolutions without oneDNN within the block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns about TF32 on GPUs where these flags are read
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def _taken(apply: Apply, maps: Maps) -> Tensor | None:
    """Return what a network makes of maps; None where they do not have a size that it takes."""
    try:
        return apply(maps)
    except (RuntimeError, ValueError):  # shapes that do not fit a layer
        return None


def _fits(apply: Apply, probe: Probe, side: int, scale: Fraction) -> bool:
    made = _taken(apply, probe(side))
    return made is not None and tuple(made.shape[-2:]) == (side * scale, side * scale)


def _margin(apply: Apply, probe: Probe, scale: Fraction) -> int | None:
    """Return how many pixels beyond a block its values reach; None where they reach the end of all probes."""
    for side in PROBES:
        start = (side - BLOCK) // 2
        maps = probe(side)
        for values in maps.values():
            values[..., start : start + BLOCK, start : start + BLOCK] = torch.nan
        # Fast convolutions work on overlapping tiles and would spread what is no number within these.
        with plain_convolutions():
            reached = apply(maps)[0].isnan().any(0)
        found = []
        for axis in (0, 1):
            places = reached.any(1 - axis).nonzero()[:, 0]
            if not len(places):
                return 0
            first, after = int(places[0]), int(places[-1]) + 1
            if first == 0 or after == reached.shape[axis]:
                break
            found += [start - first // scale, -(-after // scale) - (start + BLOCK)]
        else:
            return max(0, *map(int, found))
    return None


def _step(apply: Apply, probe: Probe, margin: int, scale: Fraction) -> int | None:
    """Return the smallest step with which the output moves with the input, None for none up to a block."""
    maps = probe(next(side for side in PROBES if side >= 2 * margin + BLOCK) + BLOCK)
    still = apply(maps)
    for step in STEPS:
        if (step * scale).denominator != 1:
            continue
        moved = _taken(apply, {name: values[..., step:, step:] for name, values in maps.items()})
        if moved is None:
            continue
        edge, away = int(margin * scale) + 1, int(step * scale)
        side = moved.shape[-1]
        inner = slice(edge, side - edge - away)
        there = slice(edge + away, side - edge)
        if torch.allclose(moved[..., inner, inner], still[..., there, there], atol=1e-4):
            return step
    return None
