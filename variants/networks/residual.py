"""Residual networks in parts: from images to features, from vectors to images, and between images."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.layers import View
from gan_bench.variants.networks.maps import Size

Layers = list[nn.Module]


def pyramid(size: Size, width: int) -> list[tuple[Size, int]]:
    """Return size and channels after each halving, as long as both sides are even and above 4.

    Channels begin with ``width`` and double with each halving, to at most 8 times as many (SNGAN,
    dis_models/snresnet_64.py).
    """
    levels: list[tuple[Size, int]] = []
    while min(size) > 4 and size[0] % 2 == 0 and size[1] % 2 == 0:
        size = (size[0] // 2, size[1] // 2)
        levels.append((size, width * min(2 ** len(levels), 8)))
    return levels


def descent(channels: int, size: Size, width: int, recipe: Recipe) -> Layers:
    """Return blocks from an image to the last level of its pyramid, and one block at that level."""
    layers: Layers = []
    for level, features in pyramid(size, width):
        layers.append(recipe.falling(channels, features, size, first=not layers))
        size, channels = level, features
    return [
        *layers, recipe.falling(channels, channels, size, halve=False),
        *recipe.normalise(channels, size), recipe.activate(),
    ]  # fmt: skip


def ascent(code: int, size: Size, channels: int, width: int, recipe: Recipe) -> Layers:
    """Return layers from a vector to an image: a dense layer, and blocks that mirror the pyramid."""
    levels = pyramid(size, width)[::-1]
    (coarse, features), after = levels[0], [features for _, features in levels[1:]]
    layers: Layers = [nn.Linear(code, features * coarse[0] * coarse[1]), View(features, *coarse)]
    for (level, before), features in zip(levels, [*after, width], strict=True):
        layers.append(recipe.rising(before, features, level))
    return [
        *layers, *recipe.normalise(width, size), recipe.activate(), nn.Conv2d(width, channels, 3, padding=1),
    ]  # fmt: skip


def entry(channels: int, size: Size, width: int, kernel: int, recipe: Recipe) -> Layers:
    """Return a convolution of 7x7 and two of stride 2, to a quarter of the size and 4 * width channels.

    Johnson et al. 2016 (arXiv:1603.08155); the kernel of the strided ones is 3 in CycleGAN, 4 in MUNIT.
    """
    half, quarter = (size[0] // 2, size[1] // 2), (size[0] // 4, size[1] // 4)
    return [
        *recipe.same(channels, width, 7, size), recipe.activate(),
        *recipe.strided(width, 2 * width, kernel, half), recipe.activate(),
        *recipe.strided(2 * width, 4 * width, kernel, quarter), recipe.activate(),
    ]  # fmt: skip


def doublings(size: Size, to: Size) -> int | None:
    """Return how many times ``size`` doubles to become ``to``; ``None`` if it never does."""
    times = 0
    while size < to:
        size, times = (2 * size[0], 2 * size[1]), times + 1
    return times if size == to else None


def leaving(
    channels: int, size: Size, width: int, times: int, *, resize: bool, recipe: Recipe
) -> tuple[Layers, int]:
    """Return layers that double the size some times and halve the channels, to at least ``width`` of them.

    Args:
        channels: before.
        size: of the maps before.
        width: smallest number of channels.
        times: number of doublings.
        resize: by nearest neighbours and convolutions of 5x5 with layer normalisation, as in MUNIT
            (networks.py, Decoder), which keep statistics that a style has set; else by transposed
            convolutions of 3x3, as in CycleGAN.
        recipe: settings of the blocks.

    Returns:
        The layers, and their number of channels.
    """
    layers: Layers = []
    for _ in range(times):
        size, features = (2 * size[0], 2 * size[1]), max(channels // 2, width)
        if resize:
            layers += [
                nn.Upsample(scale_factor=2),
                *replace(recipe, norm="layer").same(channels, features, 5, size),
            ]
        else:
            layers += recipe.transposed(channels, features, 3, size, odd=(1, 1))
        layers.append(recipe.activate())
        channels = features
    return layers, channels
