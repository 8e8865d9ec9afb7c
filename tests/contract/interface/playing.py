"""Playing of every toy of this folder, and the game that several of them build on."""

from gan_bench.variants import Player, Round
from tests.toys import ToyGame, ones, value
from tests.training import make_job, trained

LR = 0.1


def play(name, data=None, seeds=(0,), *, iterations=5, settings=(), dtype="float64", **options):
    """Train a registered toy at rate 0.1 and return the trainer."""
    own = settings if isinstance(settings, list) else [settings or {}] * len(seeds)
    layers = [{"lr": LR, **layer} for layer in own]
    job = make_job(name, seeds, iterations=iterations, settings=layers, dtype=dtype, **options)
    return trained(job, data or ones())


class Bilinear(ToyGame):
    """f(x, y) = x y: player a descends, player b ascends."""

    def players(self):
        return [
            Player("a", ("x",), lambda play: value(play.x) * value(play.y), critic=True),
            Player("b", ("y",), lambda play: -value(play.x) * value(play.y)),
        ]


class Simultaneous(Bilinear):
    def rounds(self):
        return [Round(("a", "b"))]
