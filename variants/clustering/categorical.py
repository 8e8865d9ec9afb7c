"""The common case of clustering: a generator that reads a category beside its latent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gan_bench.spaces import Space
from gan_bench.variants.base import Play
from gan_bench.variants.critics import Inputs
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.noise import Noise, label
from gan_bench.variants.two_player import TwoPlayer


class Categorical(TwoPlayer):
    """A generator of samples of a category, one of K, all equally frequent; no label is read.

    A subclass states which network finds the category of data (`logits`), and the whole code (`encode`).
    """

    drawn: ClassVar[tuple[str, ...]] = ("latent", "category")
    hyperparameters = {
        **TwoPlayer.hyperparameters,
        "categories": Hyperparameter(10, "structural", "K, the number of categories", low=2),
    }

    @property
    def category(self) -> Space:
        """Return the space of categories."""
        return Space(classes=self.settings.categories)

    def makers(self, build: Build) -> Networks:
        """Return the generator (latent and category to sample)."""
        return {"generator": build.generator(self.latent, self.category, makes=self.data.real)}

    def noise(self) -> dict[str, Noise]:
        """Return also the categories."""
        return {**super().noise(), "category": label(self.settings.categories, None)}

    def codes(self) -> dict[str, Space]:
        """Return the category."""
        return {"category": self.category}

    def generator_inputs(self, noise: Mapping[str, Tensor]) -> Inputs:
        """Return latents and categories."""
        return noise["latent"], noise["category"]

    def logits(self, play: Play, samples: Tensor) -> Tensor:
        """Return the logits ``[batch, K]`` of the categories of samples."""
        raise NotImplementedError

    def beside(self, category: Tensor, numbers: Tensor) -> Tensor:
        """Return numbers ``[batch, d]`` beside categories as one-hot rows, ``[batch, d + K]``."""
        return torch.cat((numbers, one_hot(category, self.settings.categories).to(numbers.dtype)), dim=1)

    @ability(noise=("latent", "category"))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of all categories."""
        return super().sample(play)

    @ability(inputs=("real",), makes="")
    def cluster(self, play: Play) -> Tensor:
        """Return the logits ``[batch, K]`` of the categories of ``play.batch["real"]``."""
        return self.logits(play, play.batch["real"])
