"""Dirac-GAN's networks, and noise whose batches have mean 0."""

from __future__ import annotations

import math

import pytest
import torch

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.noise import Noise

NUMBER = Space((1,))


def started(network, seed):
    module = network.to_empty(device="cpu")
    initialise(module, torch.Generator().manual_seed(seed))
    return module


def test_the_generator_is_a_point_and_the_critic_a_slope():
    build = builder({"family": "dirac", "radius": 0.5})
    point = started(build.generator(Space((3,)), makes=NUMBER), 0)
    slope = started(build.critic(NUMBER), 1)
    theta, psi = point.weight.item(), slope.weight.item()
    assert point(torch.randn(4, 3)).tolist() == [[theta]] * 4
    assert slope(torch.tensor([[2.0], [-1.0]])).tolist() == pytest.approx([2 * psi, -psi])
    assert math.hypot(theta, psi) == pytest.approx(0.5)
    assert {round(started(build.critic(NUMBER), s).weight.item() / psi) for s in range(20)} == {-1, 1}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda build: build.autoencoder(NUMBER), r"no autoencoder of 1; conv, mlp.* have one"),
        (lambda build: build.critic(NUMBER, norm="batch"), "no critic of 1: one sample, no norm"),
        (lambda build: build.critic(NUMBER, classes=3), "no critic of 1: one sample, no norm and no classes"),
        (lambda build: build.critic(NUMBER, NUMBER), "no critic of 1 and 1: one sample"),
        (
            lambda build: build.generator(NUMBER, makes=Space((1,), (-1.0, 1.0))),
            r"no generator of 1: data without bounds are expected, not 1 in \[-1, 1\]",
        ),
    ],
)
def test_what_it_is_not_is_refused(make, message):
    with pytest.raises(Misfit, match=message):
        make(builder({"family": "dirac"}))


@pytest.mark.parametrize("batch", [6, 7])
def test_antithetic_noise_comes_in_opposite_pairs(batch):
    drawn = Noise((2,), "antithetic").draw(3, batch, torch.Generator().manual_seed(0))
    assert drawn.shape == (3, batch, 2)
    half = -(-batch // 2)
    assert torch.equal(drawn[:, half:], -drawn[:, : batch - half])
    many = Noise((), "antithetic").draw(1, 20_000, torch.Generator().manual_seed(1))
    assert many.mean().abs() < 1e-5
    assert many.std().item() == pytest.approx(1.0, abs=0.03)
