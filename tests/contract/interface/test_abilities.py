"""Abilities: what a trained game can be asked for by name."""

import pytest
import torch

from gan_bench.bench.engine.streams import stream
from gan_bench.variants import Game, Noise, Player, Round, ability
from gan_bench.variants.hyperparameters import optimiser_hyperparameters
from tests.contract.interface.playing import play
from tests.toys import Number
from tests.training import both_ways, dataset


class Encoding(Game):
    """A game with an encoder: it can sample and encode."""

    hyperparameters = Game.hyperparameters | optimiser_hyperparameters("a")

    def networks(self, build):
        return {"encoder": build("critic", self.data.shape, (3,)), "generator": Number(2.0)}

    def noise(self):
        return {"z": Noise((1,))}

    def players(self):
        return [Player("a", ("encoder",), lambda p: p.encoder(p.batch["real"]).square().mean(), critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",))]

    @ability(noise=("z",))
    def sample(self, play):
        return play.generator(play.noise["z"])

    @ability(inputs=("real",))
    def encode(self, play):
        return play.encoder(play.batch["real"])


@both_ways
def test_abilities_are_asked_for_by_name(toy, seeds):
    trainer = play(
        toy(Encoding), dataset("ring"), seeds, architecture={"family": "mlp", "hidden": []}, dtype="float32"
    )
    model = trainer.models(1.0)[-1]
    assert model.abilities == {"sample", "encode"}
    points = torch.randn(2500, 2)
    encoder = model.params["encoder"]
    by_hand = points @ encoder["0.weight"].T + encoder["0.bias"]
    assert torch.allclose(model.apply("encode", 2500, {"real": points}), by_hand, atol=1e-6)
    assert torch.equal(model.sample(5), 2.0 * Noise((1,)).draw(1, 5, stream("ring", "evaluation", "z"))[0])
    with pytest.raises(LookupError, match="no ability 'translate'; this game can encode, sample"):
        model.apply("translate", 5)
