"""Fixed buffers: constants that a network keeps beside its parameters."""

import pytest
import torch
from torch import nn

from gan_bench.variants import Player, Round, ability
from tests.contract.interface.playing import LR, play
from tests.toys import ToyGame, numbers
from tests.training import both_ways


class Blur(nn.Module):
    """A trained number times a fixed kernel, as filters and position codes are."""

    def __init__(self, persistent):
        super().__init__()
        self.value = nn.Parameter(torch.empty(()))
        self.register_buffer("kernel", torch.tensor([[1.0], [2.0]]), persistent=persistent)

    def reset(self, generator):
        self.value.fill_(3.0)

    def forward(self, x):
        return self.value * x @ self.kernel.T


@both_ways
@pytest.mark.parametrize("persistent", [True, False])
def test_a_networks_fixed_buffers_are_kept(toy, seeds, persistent):
    class Blurring(ToyGame):
        def networks(self, build):
            return {"x": Blur(persistent)}

        def players(self):
            return [Player("a", ("x",), lambda play: play.x(play.batch["real"]).mean(), critic=True)]

        def rounds(self):
            return [Round(("a",), streams=("real",))]

        @ability(inputs=("real",))
        def blur(self, play):
            return play.x(play.batch["real"])

    trainer = play(toy(Blurring), seeds=seeds, iterations=2)
    weight = 3.0 - 2 * LR * 1.5
    assert numbers(trainer)["x"] == pytest.approx(weight)
    model = trainer.models(1.0)[-1]
    blurred = model.apply("blur", 1, {"real": torch.ones(1, 1, dtype=torch.float64)})
    assert blurred.tolist() == [[pytest.approx(weight), pytest.approx(2 * weight)]]
