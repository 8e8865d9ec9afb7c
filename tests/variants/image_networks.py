"""Networks of images with random weights, and what they are given."""

from __future__ import annotations

import torch

from gan_bench.spaces import Space
from gan_bench.variants.networks.initialise import initialise

POINTS, LATENT, LABEL, STYLE = Space((2,)), Space((5,)), Space(classes=3), Space((8,))


def image(channels, height, width=None):
    return Space((channels, height, width or height), (-1.0, 1.0))


def real(network, seed=0):
    """The network with random weights, float64."""
    module = network.to_empty(device="cpu").double()
    initialise(module, torch.Generator().manual_seed(seed))
    return module


def images(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
