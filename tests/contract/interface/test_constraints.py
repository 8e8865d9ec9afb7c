"""Constraints: what a player's parameters are projected to after its update."""

import pytest

from gan_bench.variants import Player, Round
from tests.contract.interface.playing import play
from tests.toys import ToyGame, numbers, value


class Clipped(ToyGame):
    """Both numbers grow by the rate, x only up to the bound."""

    def players(self):
        def clip(params, hp):
            return {name: p.clamp(max=hp.weight) for name, p in params.items()}

        return [
            Player("a", ("x",), lambda play: -value(play.x), critic=True, constraint=clip),
            Player("b", ("y",), lambda play: -value(play.y)),
        ]

    def rounds(self):
        return [Round(("a",)), Round(("b",))]


@pytest.mark.parametrize("bounds", [(1.25,), (1.25, 1.35)], ids=["solo", "packed"])
def test_a_constraint_projects_its_own_player_after_the_update(toy, bounds):
    settings = [{"weight": bound} for bound in bounds]
    trainer = play(toy(Clipped), seeds=range(len(bounds)), iterations=5, settings=settings)
    for replica, bound in enumerate(bounds):
        assert numbers(trainer, replica) == pytest.approx({"x": bound, "y": 2.5})
