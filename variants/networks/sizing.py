"""Equal network sizes: autoencoder critics narrowed to the plain critic's number of weights."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn


def parameter_count(module: nn.Module) -> int:
    """Return the number of trained weights."""
    return sum(p.numel() for p in module.parameters())


def largest_within(limit: int, build: Callable[[float], nn.Module]) -> nn.Module:
    """Return ``build(scale)`` for the largest scale in (0, 1] that has at most ``limit`` parameters.

    Widths are scaled in steps of 1/64, so the result is the same everywhere; the smallest scale is
    returned if none fits.
    """
    low, high = 1, 64
    while low < high:
        middle = (low + high + 1) // 2
        if parameter_count(build(middle / 64)) <= limit:
            low = middle
        else:
            high = middle - 1
    return build(low / 64)
