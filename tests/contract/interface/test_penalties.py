"""Penalties: losses that hold a derivative of a network."""

import pytest
import torch
from torch import nn

from gan_bench.variants import Player, Round
from gan_bench.variants.penalties import GradientPenalty
from tests.contract.interface.playing import play
from tests.toys import ToyData, ToyGame, numbers
from tests.training import both_ways


class Quadratic(nn.Module):
    """D(x) = value |x|^2 / 2, with the gradient value x."""

    def __init__(self):
        super().__init__()
        self.value = nn.Parameter(torch.empty(()))

    def reset(self, generator):
        self.value.fill_(0.5)

    def forward(self, x):
        return self.value * x.square().flatten(1).sum(1) / 2


class Penalised(ToyGame):
    """The player minimises only a penalty: value^2 E|x|^2, or E(value |x| - 1)^2."""

    target = 0.0

    def networks(self, build):
        return {"x": Quadratic()}

    def players(self):
        penalty = GradientPenalty(points="real", target=self.target)

        def loss(play):
            real = (play.batch["real"],)
            return penalty(play.x, real, real, {})

        return [Player("a", ("x",), loss, critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",))]


class PenalisedToOne(Penalised):
    target = 1.0


@both_ways
def test_a_penalty_is_differentiated_to_second_order(toy, seeds):
    data = ToyData(real=torch.tensor([[3.0, 4.0]]))
    free, slope = 0.5, 0.5
    for _ in range(3):
        free -= 1e-3 * 2 * free * 25
        slope -= 1e-3 * 2 * (slope * 5 - 1) * 5
    settings = {"lr": 1e-3}
    to_zero = play(toy(Penalised), data, seeds, iterations=3, settings=settings)
    to_one = play(toy(PenalisedToOne), data, seeds, iterations=3, settings=settings)
    assert numbers(to_zero, len(seeds) - 1)["x"] == pytest.approx(free, abs=1e-12)
    assert numbers(to_one, len(seeds) - 1)["x"] == pytest.approx(slope, abs=1e-9)
