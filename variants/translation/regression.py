"""Translators that learn from answers alone: what an adversary adds is measured beside them."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from gan_bench.variants.base import Game, Loss, Play, Player, Round
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.hyperparameters import optimiser_hyperparameters
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks.norms import is_virtual
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.translation.domains import distance


class Regression(Game):
    """A network that minimises the distance to the right output. A subclass states the fields and abilities.

    Class attributes:
        given, wanted: fields of its only stream, the input and the right output.
    """

    given: ClassVar[str]
    wanted: ClassVar[str]
    hyperparameters = {**Game.hyperparameters, **optimiser_hyperparameters("generator")}

    def networks(self, build: Build) -> Networks:
        """Return the translator."""
        spaces = self.data.spaces
        network = build.translator(spaces[self.given], makes=spaces[self.wanted])
        if is_virtual(network):
            raise Misfit("virtual BatchNorm is not offered by games without a critic; take norm = batch")
        return {"generator": network}

    def players(self) -> list[Player]:
        """Return the generator."""
        return [Player("generator", ("generator",), self.generator_loss)]

    def rounds(self) -> list[Round]:
        """Return one update on one batch."""
        return [Round(("generator",), streams=self.streams)]

    def distance(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the loss of a batch of outputs."""
        raise NotImplementedError

    def generator_loss(self, play: Play) -> Loss:
        """Return the distance between outputs and the right ones."""
        return Loss(self.distance(play.generator(play.field(self.given)), play.field(self.wanted)))


@register("pix2pix-l1", paper="arXiv:1611.07004", year=2016, equation="eq. 3, the row L1 of table 1")
class L1Alone(Regression):
    """pix2pix without its adversary: E |b - G(a)| alone, the mean over pixels."""

    streams = ("pairs",)
    given, wanted = "a", "b"
    profiles = {
        "paper": Profile(
            {"lr": 2e-4, "beta1": 0.5, "batch_size": 1},
            source="arXiv:1611.07004, section 4.2, with the settings of github:phillipi/pix2pix, train.lua",
            differs=(
                "BatchNorm at test has statistics of 1,024 inputs, the paper's those of the test batch",
                "crops and mirrored images are the dataset's matter",
            ),
        )
    }

    def distance(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the L1 distance."""
        return distance(made, wanted)

    @ability(inputs=("a",), makes="b", keeps_noise=("generator",))
    def translate(self, play: Play) -> Tensor:
        """Return ``a`` translated to ``b``, with dropout."""
        return play.generator(play.batch["a"])

    @ability(inputs=("a",), makes="b", keeps_noise=("generator",))
    def sample(self, play: Play) -> Tensor:
        """Return translations of ``a``, which imitate ``b``."""
        return self.translate(play)
