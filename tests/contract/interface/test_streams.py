"""Streams: several domains, and fields that belong together."""

import pytest
import torch

from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.train import Trainer
from gan_bench.datasets.sources import AlignedSource, ResidentSource
from gan_bench.spaces import Space
from gan_bench.variants import Loss, Player, Round
from tests.contract.interface.playing import LR, play
from tests.toys import ToyData, ToyGame, numbers, value
from tests.training import both_ways


class TwoStreams(ToyGame):
    """x adds up what it sees of one domain, y of the other, w checks that fields stay aligned."""

    starts = {"x": 0.0, "y": 0.0, "w": 0.0}

    def players(self):
        def labelled(play):
            fields = play.batch["labelled"]
            assert fields["label"].dtype == torch.int64
            mismatch = (fields["real"][:, 0] - 10.0 * fields["label"]).abs().max()
            return Loss(value(play.w) * fields["label"].double().mean(), logs={"mismatch": mismatch})

        return [
            Player("a", ("x",), lambda play: value(play.x) * play.batch["real"].mean(), critic=True),
            Player("b", ("y",), lambda play: value(play.y) * play.batch["domain_b"].mean()),
            Player("c", ("w",), labelled),
        ]

    def rounds(self):
        return [Round(("a", "b"), streams=("real", "domain_b")), Round(("c",), streams=("labelled",))]


@both_ways
def test_streams_have_their_own_order_and_fields_stay_aligned(toy, seeds):
    labels = torch.arange(16)
    fields = {"real": ResidentSource(10.0 * labels[:, None]), "label": ResidentSource(labels)}
    data = ToyData(
        real=torch.arange(32.0)[:, None],
        domain_b=100 + torch.arange(48.0)[:, None],
        labelled=AlignedSource(fields),
    )
    trainer = play(toy(TwoStreams), data, seeds, iterations=6)
    for replica in range(len(seeds)):
        found = numbers(trainer, replica)
        # Batches of 16: six iterations are three epochs of 32, two of 48 and six of 16, whatever the order.
        assert found["x"] == pytest.approx(-LR * 6 * 15.5)
        assert found["y"] == pytest.approx(-LR * 6 * 123.5)
        assert found["w"] == pytest.approx(-LR * 6 * 7.5)
        assert trainer.history.columns[replica]["c_mismatch"] == [0.0] * 6
    game = trainer.game.data
    assert game.streams == {
        "real": ("real",), "domain_b": ("domain_b",), "labelled": ("real", "label")
    }  # fmt: skip
    assert game.spaces == {"real": Space((1,)), "domain_b": Space((1,)), "label": Space(classes=16)}
    first = next(iter(Trainer(trainer.job, data).feeds))[0][0][0]
    assert not torch.equal(first["real"], first["domain_b"] - 100)


class Upscaling(ToyGame):
    """x adds up small rows, y large ones, w their differences; each large row is that of its small one."""

    starts = {"x": 0.0, "y": 0.0, "w": 0.0}
    streams = ("low_high",)

    def players(self):
        def apart(play):
            low, high = play.batch["low_high"]["low"], play.batch["low_high"]["high"]
            assert (low.shape[1:], high.shape[1:]) == (
                self.data.spaces["low"].shape,
                self.data.spaces["high"].shape,
            )
            mismatch = (high.mean((1, 2)) - 10.0 * low[:, 0]).abs().max()
            return Loss(value(play.w) * (high.mean() - low.mean()), logs={"mismatch": mismatch})

        return [
            Player(
                "a", ("x",), lambda play: value(play.x) * play.batch["low_high"]["low"].mean(), critic=True
            ),
            Player("b", ("y",), lambda play: value(play.y) * play.batch["low_high"]["high"].mean()),
            Player("c", ("w",), apart),
        ]

    def rounds(self):
        return [Round(("a", "b", "c"), streams=self.streams)]


@both_ways
def test_a_stream_of_two_fields_with_different_shapes_trains_a_game(toy, seeds):
    rows = torch.arange(16.0)
    fields = {"low": rows[:, None], "high": 10.0 * rows[:, None, None].repeat(1, 2, 3)}
    aligned = AlignedSource({name: ResidentSource(field) for name, field in fields.items()})
    data = ToyData(real=rows[:, None], low_high=aligned)
    trainer = play(toy(Upscaling), data, seeds, iterations=4)
    for replica in range(len(seeds)):
        found = numbers(trainer, replica)
        assert found == pytest.approx({"x": -LR * 4 * 7.5, "y": -LR * 4 * 75, "w": -LR * 4 * 67.5})
        assert trainer.history.columns[replica]["c_mismatch"] == [0.0] * 4
    assert Upscaling.refuses(trainer.game.data) == ""
    assert "it needs the stream low_high" in Upscaling.refuses(data_spec(ToyData(real=rows[:, None])))
