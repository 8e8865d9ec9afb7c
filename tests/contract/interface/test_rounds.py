"""Rounds: who moves together, how often, and on which draws."""

import pytest
import torch

from gan_bench.bench.engine.streams import stream
from gan_bench.bench.engine.train import Trainer
from gan_bench.variants import Noise, Player, Round
from tests.contract.interface.playing import LR, Bilinear, Simultaneous, play
from tests.toys import ToyData, ToyGame, numbers, value
from tests.training import both_ways, make_job


class Alternating(Bilinear):
    def rounds(self):
        return [Round(("a",)), Round(("b",))]


@both_ways
def test_players_of_one_round_see_the_same_parameters(toy, seeds):
    trainer = play(toy(Simultaneous), seeds=seeds)
    x, y = 1.0, 2.0
    for _ in range(5):
        x, y = x - LR * y, y + LR * x
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


@both_ways
def test_a_later_round_sees_the_updates_of_the_earlier(toy, seeds):
    trainer = play(toy(Alternating), seeds=seeds)
    x, y = 1.0, 2.0
    for _ in range(5):
        x = x - LR * y
        y = y + LR * x
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


class Repeating(ToyGame):
    """Each player adds up the mean of the noise and data it sees; b takes both over from a's last repeat."""

    def noise(self):
        return {"z": Noise((3,))}

    def players(self):
        def pull(role):
            def loss(play):
                return value(play.networks[role]) * (play.noise["z"].mean() + 100 * play.batch["real"].mean())

            return loss

        return [Player("a", ("x",), pull("x"), critic=True), Player("b", ("y",), pull("y"))]

    def rounds(self):
        draws = {"streams": ("real",), "noise": ("z",)}
        return [Round(("a",), repeat=3, **draws), Round(("b",), **draws, shares=("real", "z"))]


@both_ways
def test_repeats_draw_anew_and_shares_take_over_the_last_draw(toy, seeds):
    job = make_job(toy(Repeating), seeds, iterations=3, settings={"lr": LR}, dtype="float64")
    rows = torch.arange(7.0).reshape(7, 1)
    trainer = Trainer(job, ToyData(real=rows))
    trainer.iterate(1, next(iter(trainer.feeds)))
    for replica, seed in enumerate(seeds):
        uses = 3 * trainer.feeds.chunk
        z = Noise((3,)).draw(uses, 16, stream(seed, "noise", "z")).double().mean((1, 2)).numpy()
        order = stream(seed, "data", "real")
        epochs = [torch.randperm(7, generator=order) for _ in range(1 + 3 * 16 // 7)]
        real = torch.cat(epochs)[: 3 * 16].reshape(3, 16).double().mean(1).numpy()
        pulls = z[:3] + 100 * real
        found = numbers(trainer, replica)
        assert found["x"] == pytest.approx(1.0 - LR * pulls.sum(), abs=1e-9)
        assert found["y"] == pytest.approx(2.0 - LR * pulls[2], abs=1e-9)


def test_only_what_is_shared_is_taken_over(toy):
    class SharesNoiseOnly(Repeating):
        def rounds(self):
            first, second = super().rounds()
            return [first, Round(second.players, streams=("real",), noise=("z",), shares=("z",))]

    trainer = Trainer(make_job(toy(SharesNoiseOnly)), ToyData(real=torch.rand(1000, 1)))
    (_, _, (batch, noise)), ((later_batch, later_noise),) = next(iter(trainer.feeds))
    assert torch.equal(noise["z"], later_noise["z"])
    assert not torch.equal(batch["real"], later_batch["real"])
