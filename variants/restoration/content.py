"""Games of super-resolution with a perceptual loss, whose generator learns pixels alone at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from torch import Tensor

from gan_bench.variants.base import Game, Loss, Play, Player, Round
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from gan_bench.variants.losses import is_off
from gan_bench.variants.network import Network
from gan_bench.variants.perceptual import PERCEPTUAL, check_layer, frozen


class Content(Game):
    """Mixed into a game whose generator makes ``high`` of ``low``: its content loss and its warm-up.

    The content loss is feature_weight times the distance of the features of a frozen network, and
    pixel_weight times that of pixels. In the first part of training, the share ``warmup``, the generator
    minimises the distance of pixels alone, by an optimiser of its own: the papers begin with such a network.

    Class attributes:
        activated: compare features after their ReLU, else before it.
    """

    activated: ClassVar[bool]
    streams = ("low_high",)
    hyperparameters = {
        **optimiser_hyperparameters("warmup"),
        **PERCEPTUAL,
        "pixel_weight": Hyperparameter(
            1.0, doc="weight of the distance of pixels after the warm-up", low=0.0
        ),
        "warmup": Hyperparameter(
            0.5, "structural", "share of training in which the generator learns pixels alone", low=0.0,
            high=1.0, open_high=True,
        ),
    }  # fmt: skip

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse a layer that the network of features does not have."""
        super().check(settings)
        check_layer(settings)

    def feature_distance(self, network: Network, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the distance of the features of two batches of images."""
        raise NotImplementedError

    def pixel_distance(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the distance of the pixels of two batches of images."""
        raise NotImplementedError

    def content(self, play: Play, made: Tensor) -> Loss:
        """Return the content loss of ``made``."""
        high, hp = play.field("high"), play.hp
        network = play.networks[self.settings.features]
        features, pixels = self.feature_distance(network, made, high), self.pixel_distance(made, high)
        loss = Loss(hp.feature_weight * features, {"features": features})
        return loss if is_off(hp.pixel_weight) else loss.plus(pixels, hp.pixel_weight, "pixels")

    def warmup_loss(self, play: Play) -> Loss:
        """Return the distance of pixels."""
        return Loss(self.pixel_distance(play.generator(play.field("low")), play.field("high")))

    def networks(self, build: Build) -> Networks:
        """Return also the frozen network of features."""
        return {**super().networks(build), **frozen(self.settings, activated=self.activated)}

    def players(self) -> list[Player]:
        """Return also the player of the warm-up."""
        first = [Player("warmup", ("generator",), self.warmup_loss)] if self.settings.warmup else []
        return [*super().players(), *first]

    def rounds(self) -> list[Round]:
        """Return the warm-up, and the game's own rounds after it."""
        share, own = self.settings.warmup, super().rounds()
        if not share:
            return own
        first = Round(("warmup",), streams=self.streams, active=(0.0, share))
        return [first, *(replace(game_round, active=(share, 1.0)) for game_round in own)]

    @ability(inputs=("low",), makes="high")
    def translate(self, play: Play) -> Tensor:
        """Return ``low`` at high resolution."""
        return play.generator(play.batch["low"])
