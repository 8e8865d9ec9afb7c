"""Samples by class, of a toy whose samples show their labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine import Model
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.sampling.generate import generate
from gan_bench.bench.sampling.request import Request
from gan_bench.datasets.base import Truth
from gan_bench.datasets.sources import AlignedSource, ResidentSource
from gan_bench.variants import Noise, Player, Round, ability
from tests.toys import Number, ToyData, ToyGame, value
from tests.training import make_job


class Labelled(ToyGame):
    """Generates ten times the label plus a latent below 1, through a number that stays at 1."""

    starts = {"generator": 1.0}

    def players(self):
        return [Player("a", ("generator",), lambda play: 0 * value(play.generator), critic=True)]

    def rounds(self):
        return [Round(("a",))]

    def noise(self):
        return {"latent": Noise((1,), "uniform"), "label": Noise((), "integers", high=3)}

    def networks(self, build):
        return {"generator": Number(1.0)}

    @ability(noise=("latent", "label"))
    def sample(self, play):
        return play.generator(play.noise["latent"] + 10 * play.noise["label"][:, None])

    @ability(noise=("latent",), inputs=("label",))
    def sample_labelled(self, play):
        return play.generator(play.noise["latent"] + 10 * play.batch["label"][:, None])


@pytest.fixture
def labelled(toy: Callable[..., str]) -> Model:
    class Data(ToyData):
        truth = Truth(classes=3)

    fields = {"real": torch.zeros(6, 1), "label": torch.arange(6) % 3}
    aligned = AlignedSource({name: ResidentSource(rows) for name, rows in fields.items()})
    data = Data(real=fields["real"], labelled=aligned)
    model = Trainer(make_job(toy(Labelled), iterations=1), data).models(1.0)[0]
    assert model is not None
    return model


def test_classes_are_generated_in_turn(labelled: Model) -> None:
    made = generate(Request("", Path("a.npz"), count=5, classes=(2, 0)), labelled, "toy")
    assert made.labels is not None
    assert made.labels.tolist() == [2, 0, 2, 0, 2]
    assert np.floor(made.samples[:, 0] / 10).tolist() == [2, 0, 2, 0, 2]
    assert made.samples[:, 0] % 10 == pytest.approx(made.noise["latent"][:, 0], abs=1e-5)


def test_a_row_of_interpolation_keeps_its_class(labelled: Model) -> None:
    request = Request("", Path("a.npz"), count=4, interpolate=True, steps=3)
    asked = generate(Request(**{**vars(request), "classes": (1, 2)}), labelled, "toy")
    assert np.floor(asked.samples[..., 0] / 10).tolist() == [[1] * 3, [2] * 3]
    drawn = generate(request, labelled, "toy")
    assert drawn.noise["label"].tolist() == [[label] * 3 for label in drawn.noise["label"][:, 0]]


def test_classes_that_there_are_not_are_refused(labelled: Model, toy: Callable[..., str]) -> None:
    with pytest.raises(UsageError, match="toy-data has the classes 0 to 2"):
        generate(Request("", Path("a.npz"), classes=(3,)), labelled, "toy")
    with pytest.raises(UsageError, match="one --class"):
        generate(Request("", Path("a.npz"), arithmetic="1 + 2", classes=(0, 1)), labelled, "toy")
