"""Players that share a network."""

import pytest

from gan_bench.variants import Player, Round
from tests.contract.interface.playing import play
from tests.toys import ToyGame, numbers, value
from tests.training import both_ways


class Sharing(ToyGame):
    """a and b both train the trunk, with constant gradients 1 and -1/2; b alone trains y."""

    starts = {"trunk": 1.0, "y": 0.0}

    def players(self):
        return [
            Player("a", ("trunk",), lambda play: value(play.trunk), critic=True),
            Player("b", ("trunk", "y"), lambda play: value(play.y) - 0.5 * value(play.trunk)),
        ]

    def rounds(self):
        return [Round(("a", "b"))]


@both_ways
def test_players_share_a_network_with_optimisers_of_their_own(toy, seeds):
    settings = {"optimiser": "adam", "a_lr": 0.1, "b_lr": 0.03}
    trainer = play(toy(Sharing), seeds=seeds, iterations=6, settings=settings)
    # Adam under a constant gradient moves by exactly the rate against its sign.
    expected = {"trunk": 1.0 - 6 * 0.1 + 6 * 0.03, "y": -6 * 0.03}
    assert numbers(trainer, len(seeds) - 1) == pytest.approx(expected, abs=1e-6)
    momentum = {"momentum": 0.5, "a_lr": 0.1, "b_lr": 0.03}
    trainer = play(toy(Sharing), seeds=seeds, iterations=3, settings=momentum)
    travelled = 1 + 1.5 + 1.75
    assert numbers(trainer)["trunk"] == pytest.approx(1.0 - 0.1 * travelled + 0.03 * 0.5 * travelled)
