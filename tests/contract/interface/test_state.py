"""State: what a game keeps from one round to the next."""

import pytest
import torch

from gan_bench.variants import Loss, Player, Round
from tests.contract.interface.playing import LR, play
from tests.toys import ToyGame, numbers, value


class Counting(ToyGame):
    """a and b move by the state that their round began with, c by what a made of it."""

    starts = {"x": 0.0, "y": 0.0, "w": 0.0}

    def state(self):
        return {"s": torch.zeros(()), "calls": torch.zeros((), dtype=torch.int64)}

    def players(self):
        def counts(play):
            new = {"s": play.state["s"] + play.hp.weight, "calls": play.state["calls"] + 1}
            return Loss(value(play.x) * play.state["s"], logs={"s": play.state["s"]}, state=new)

        return [
            Player("a", ("x",), counts, critic=True),
            Player("b", ("y",), lambda play: value(play.y) * play.state["s"]),
            Player("c", ("w",), lambda play: value(play.w) * play.state["s"]),
        ]

    def rounds(self):
        return [Round(("a", "b")), Round(("c",))]


@pytest.mark.parametrize("steps", [(2.0,), (2.0, 3.0)], ids=["solo", "packed"])
def test_state_is_seen_by_later_rounds_and_kept_per_replica(toy, steps):
    settings = [{"weight": step} for step in steps]
    trainer = play(toy(Counting), seeds=range(len(steps)), iterations=4, settings=settings)
    for replica, step in enumerate(steps):
        found = numbers(trainer, replica)
        assert found["x"] == found["y"] == pytest.approx(-LR * step * (0 + 1 + 2 + 3))
        assert found["w"] == pytest.approx(-LR * step * (1 + 2 + 3 + 4))
        state = trainer.replicas.state_of(replica)
        assert state["s"] == 4 * step
        assert state["calls"] == 4
        assert state["calls"].dtype == torch.int64
        assert trainer.history.columns[replica]["a_s"] == [0, step, 2 * step, 3 * step]
