"""Receptive fields that are measured, and tiles that leave no trace."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.bench.sampling.translating import tiles
from gan_bench.bench.sampling.translating.peak import PeakMemory
from gan_bench.bench.sampling.translating.reach import Reach, reach_of
from gan_bench.bench.sampling.translating.tiles import TooLarge, core_of, translated
from gan_bench.spaces import Space
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise

BOUNDS = (-1.0, 1.0)
SMALL = Space((3, 32, 32), BOUNDS)
RESNET = {"family": "resnet", "width": 4, "blocks": 1, "norm": "none"}
UNET = {"family": "unet", "width": 4, "norm": "none", "dropout": 0.0, "depth": 3}


def image(*size, seed=0):
    return torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def applied(network):
    """Return the network as a function of maps, and the probes."""

    def apply(maps):
        with torch.no_grad():
            return network(maps["x"])

    return apply, lambda side: {"x": image(side, side)}


def translator(architecture, makes=SMALL):
    network = builder(architecture).translator(SMALL, makes=makes).to_empty(device="cpu").eval()
    initialise(network, torch.Generator().manual_seed(0), "default")
    return network


def chain(*layers):
    torch.manual_seed(0)
    return nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("network", "scale", "multiple", "margin", "step"),
    [
        (chain(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 3, 5, padding=2)), 1, 1, 3, 1),
        (chain(nn.Conv2d(3, 2, 1)), 1, 1, 0, 1),
        (chain(nn.Conv2d(3, 12, 3, 1, 1), nn.PixelShuffle(2), nn.Conv2d(3, 3, 3, 1, 1)), 2, 1, 2, 1),
        (chain(nn.Conv2d(3, 3, 4, stride=2, padding=1)), Fraction(1, 2), 2, 2, 2),
        (chain(nn.Conv2d(3, 4, 4, 2, 1), nn.Tanh(), nn.ConvTranspose2d(4, 3, 4, 2, 1)), 1, 2, 4, 2),  # 3
    ],
)  # fmt: skip
def test_the_reach_of_chains_is_that_of_their_kernels(network, scale, multiple, margin, step):
    found = reach_of(*applied(network))
    assert (found.scale, found.multiple, found.margin, found.step) == (scale, multiple, margin, step)


def test_zero_weights_do_not_hide_what_an_output_depends_on():
    network = chain(nn.Conv2d(3, 3, 7, padding=3))
    nn.init.zeros_(network[0].weight)
    assert reach_of(*applied(network)).margin == 3


@pytest.mark.parametrize(
    "network",
    [chain(nn.Conv2d(3, 3, 3, padding=1), nn.InstanceNorm2d(3)), translator({**RESNET, "norm": "instance"})],
)
def test_a_norm_over_positions_reaches_the_whole_image(network):
    assert reach_of(*applied(network)).margin is None


def test_a_network_of_one_size_has_no_reach():
    assert reach_of(*applied(translator({"family": "mlp", "hidden": [4]}))) is None


class Placed(nn.Module):
    """A network that knows where a pixel is."""

    def forward(self, x):
        return x * torch.linspace(0, 1, x.shape[-1])


def test_a_network_that_knows_places_has_no_tiles():
    assert reach_of(*applied(Placed())).margin is None


LARGE = Space((3, 128, 128), BOUNDS)
ENLARGING = {**RESNET, "blocks": 0, "width": 1}
CONV = {"family": "conv", "width": 4, "norm": "none"}


@pytest.mark.parametrize(
    ("architecture", "makes"),
    [
        (RESNET, SMALL),
        (RESNET, LARGE),
        (UNET, SMALL),
        ({"family": "conv", "width": 4, "norm": "none"}, SMALL),
    ],
    ids=["resnet", "enlarging", "unet", "conv"],
)
def test_tiles_equal_the_whole_image(architecture, makes):
    apply, probe = applied(translator(architecture, makes))
    reach = reach_of(apply, probe)
    assert reach.scale == makes.shape[-1] // 32
    x = {"x": image(75, 101)}
    (whole,) = translated(apply, x, reach, None)
    unit = math.lcm(reach.step, reach.multiple)
    core = -(-24 // unit) * unit
    sides = [int(side * reach.scale) for side in (75, 101)]
    made, times = torch.full((3, *sides), torch.nan), torch.zeros(sides)
    for part in translated(apply, x, reach, core):
        here = np.s_[part.top : part.top + part.values.shape[1], part.left : part.left + part.values.shape[2]]
        made[:, here[0], here[1]] = part.values
        times[here] += 1
    assert (times == 1).all()
    assert whole.values.shape == made.shape
    assert (whole.values - made).abs().max() <= 1e-5
    if reach.margin:  # without the overlap the tiles would show
        short = Reach(reach.scale, reach.multiple, 0, reach.step, reach.bytes_per_pixel)
        first = next(iter(translated(apply, x, short, core)))
        height, width = first.values.shape[1:]
        assert (first.values - whole.values[:, :height, :width]).abs().max() > 1e-3


def test_what_is_held_at_once_is_counted():
    with PeakMemory() as memory:
        x = torch.ones(1000)
        for _ in range(5):
            x = x + 1  # the last and the new one are alive
    assert memory.peak == 2 * 4000
    with PeakMemory() as memory:
        held = [torch.ones(1000) for _ in range(5)]
        held.append(held[0].view(10, 100))
    assert memory.peak == 5 * 4000


def test_the_largest_image_that_fits_is_named_where_tiles_would_show(monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 10_000)
    reach = Reach(Fraction(1), 1, None, 1, bytes_per_pixel=4.0)
    assert core_of(reach, 50, 50) is None
    with pytest.raises(TooLarge) as caught:
        core_of(reach, 51, 50)
    assert caught.value.pixels == 2500


def test_tiles_are_as_large_as_memory_allows_and_of_whole_steps(monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 10_000)
    monkeypatch.setattr(tiles, "TILE", 10_000)
    reach = Reach(Fraction(1), 4, 8, 4, bytes_per_pixel=4.0)
    core = core_of(reach, 500, 500)
    assert core == 32
    assert (core + 2 * 8) ** 2 * 4.0 <= 10_000
    assert core_of(reach, 20, 20) is None
    assert core_of(reach, 20, 20, asked=6) == 8
