"""Adversarial objectives: what critics and generators minimise, as functions of the critic's scores."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.base import Loss
from gan_bench.variants.declarations import Build
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.network import Network

NO_SCORES = torch.empty(0)
"""The real scores of an objective that does not use them."""


class Objective:
    """Base of adversarial objectives. A subclass states `real`, `fake` and `generator`.

    Scores are tensors ``[batch]``, or maps ``[batch, h, w]`` of the scores of patches; losses are scalars.
    `register` makes the two-player game of an objective; in another game it is a choice:
    ``cyclegan(objective=hinge)``.

    Class attributes:
        hyperparameters: those that the objective reads.
        profiles: settings of its paper for the two-player game.
        compares: whether it compares samples with each other: the generator's loss then needs real scores,
            and a map is replaced by its sample's mean score.
    """

    hyperparameters: ClassVar[Mapping[str, Hyperparameter]] = {}
    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    compares: ClassVar[bool] = False

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return what the critic minimises: the terms of `real` and of `fake` scores.

        Overridden where the objective compares the two.
        """
        return self.real(real, hp) + self.fake(fake, hp)

    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the term of the critic's objective that is a function of real scores alone."""
        raise NotImplementedError

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the term of the critic's objective that is a function of fake scores alone."""
        raise NotImplementedError

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return what the generator minimises; ``real`` is empty unless the objective `compares`."""
        raise NotImplementedError

    def exchanged(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return what a player minimises that makes both kinds of samples (BiGAN's encoder and generator).

        It exchanges the labels: its fakes shall seem real, and its reals fake.
        """
        if self.compares:
            return self.generator(real, fake, hp)
        return self.fake(real, hp) + self.generator(NO_SCORES, fake, hp)

    @property
    def splits(self) -> bool:
        """Return whether the critic's objective has a term of real scores alone."""
        return self._defines("real")

    @classmethod
    def missing(cls) -> list[str]:
        """Return the methods that a subclass must define and does not."""
        whole = cls._defines("critic") or cls._defines("critic_step")
        needed = ("generator",) if whole else ("real", "fake", "generator")
        return [method for method in needed if not cls._defines(method)]

    @classmethod
    def _defines(cls, method: str) -> bool:
        return getattr(cls, method) is not getattr(Objective, method)

    # The critic's network

    def network(self, build: Build, *inputs: Space, norm: str, classes: int) -> nn.Module:
        """Return the network that judges the inputs."""
        return build.critic(*inputs, norm=norm, classes=classes)

    def score(self, critic: Network, *inputs: Tensor) -> Tensor:
        """Return the scores of inputs; overridden where scores are energies of an autoencoder."""
        return critic(*inputs)

    def per_sample(self, scores: Tensor) -> Tensor:
        """Return the mean score of each sample, ``[batch]``."""
        return scores if scores.ndim == 1 else scores.flatten(1).mean(1)

    # State, and terms that are no functions of scores

    def state(self) -> dict[str, Tensor]:
        """Return the initial state of the objective in one critic's game (BEGAN's k)."""
        return {}

    def critic_step(
        self, real: Tensor, fake: Tensor, hp: SimpleNamespace, state: Mapping[str, Tensor]
    ) -> Tensor | Loss:
        """Return `critic`; overridden where the objective has logs or state."""
        return self.critic(real, fake, hp)

    def deceive(self, critic: Network, inputs: tuple[Tensor, ...], hp: SimpleNamespace) -> Tensor:
        """Return the generator's objective on generated inputs of the critic, without real scores."""
        return self.generator(NO_SCORES, self.score(critic, *inputs), hp)

    def generator_terms(
        self, critic: Network, inputs: tuple[Tensor, ...], hp: SimpleNamespace
    ) -> Tensor | Loss | None:
        """Return a further term of the generator's loss, from the critic's network (EBGAN-PT); None: none."""
        return None
