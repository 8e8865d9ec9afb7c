"""A toy game that can do everything, in closed form, on points of three classes."""

import numpy as np
import torch

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.scales import Affine
from gan_bench.spaces import Space
from gan_bench.variants import Noise, Player, Round, ability
from tests.contract.interface.playing import play
from tests.toys import Number, ToyGame, value

CLASSES = 3
ROWS = {"train": 40, "validation": 12, "test": 30}
SHIFT, SCALE = 5.0, 2.0


def labelled_points():
    """Return points with labels that say nothing of them."""
    rng = np.random.default_rng(3)
    splits = {}
    for split, rows in ROWS.items():
        points = (SCALE * rng.normal(size=(rows, 2)) + SHIFT).astype(np.float32)
        splits[split] = {"real": points, "label": rng.integers(0, CLASSES, rows)}
    return finite_dataset(
        "labelled-points",
        splits,
        kind="planar",
        streams={"real": "real", "labelled": ("real", "label")},
        spaces={"real": Space((2,)), "label": Space(classes=CLASSES)},
        scales={"real": Affine((SHIFT, SHIFT), (SCALE, SCALE))},
    )


POINTS = labelled_points()


class Able(ToyGame):
    """G(z, y, c) = 2 z + 10 y + 100 c; E(x) = 3 x; its clusters are the signs of the first coordinate."""

    def networks(self, build):
        return {"scaler": Number(2.0)}

    def noise(self):
        return {
            "latent": Noise((2,)),
            "label": Noise((), "integers", low=0, high=CLASSES),
            "number": Noise((2,), "uniform", low=-1.0, high=1.0),
        }

    def codes(self):
        return {"label": Space(classes=CLASSES), "number": Space((2,), bounds=(-1.0, 1.0))}

    def players(self):
        return [Player("a", ("scaler",), lambda play: 0.0 * value(play.scaler), critic=True)]

    def rounds(self):
        return [Round(("a",))]

    def made(self, play, label):
        return play.scaler(play.noise["latent"]) + 10.0 * label[:, None] + 100.0 * play.noise["number"]

    @ability(noise=("latent", "label", "number"))
    def sample(self, play):
        return self.made(play, play.noise["label"])

    @ability(noise=("latent", "number"), inputs=("label",))
    def sample_labelled(self, play):
        return self.made(play, play.batch["label"])

    @ability(inputs=("real",), makes="")
    def encode(self, play):
        return 3.0 * play.batch["real"]

    @ability(noise=("latent",), makes="")
    def prior(self, play):
        return play.noise["latent"]

    @ability(inputs=("real",))
    def reconstruct(self, play):
        return play.batch["real"] + 1.0

    @ability(inputs=("real",), makes="")
    def cluster(self, play):
        first = play.batch["real"][:, :1]
        return torch.cat([first, -first], 1)

    @ability(inputs=("real",), makes="")
    def classify(self, play):
        first = play.batch["real"][:, :1]
        return torch.cat([-first, first, torch.full_like(first, -1e3)], 1)


class Plain(Able):
    """The same game without any ability but samples of no code."""

    sample_labelled = encode = prior = reconstruct = cluster = classify = None

    def codes(self):
        return {}


def model(toy, game=Able):
    """A trained toy."""
    return play(toy(game), POINTS, dtype="float32").models(1.0)[0]
