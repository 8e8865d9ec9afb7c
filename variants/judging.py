"""Games whose critics tell real samples from generated ones, with the tricks of how critics see them."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gan_bench.variants.base import Build, DataSpec, Game, Play
from gan_bench.variants.dressing import Dress, Spectral, Virtual
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError, optimiser_hyperparameters
from gan_bench.variants.network import Network
from gan_bench.variants.networks.layers import is_virtual
from gan_bench.variants.noise import Noise
from gan_bench.variants.options import TRICKS


def mixes_batches(settings: Mapping[str, Any]) -> bool:
    """Whether the critic's BatchNorm sees real and generated samples in one batch."""
    return bool(settings["critic_norm"] == "batch" and settings["critic_batches"] == "joint")


class Judging(Game):
    """Critics that judge samples in packs, with noise, normalised, real and fake in one batch or apart.

    A subclass states the networks, players and rounds, and sends what critics judge through :meth:`seen` and
    :meth:`scores`, and its networks through :meth:`dressed`.

    Class attributes:
        critics: roles of the networks that judge.
    """

    critics: ClassVar[tuple[str, ...]] = ("critic",)
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("critic", "generator"),
        **TRICKS,
    }

    def __init__(self, data: DataSpec, settings: SimpleNamespace) -> None:
        super().__init__(data, settings)
        self._dresses: list[Dress] = []

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse a pac that leaves a rest, and repeats in simultaneous play."""
        if settings["batch_size"] % settings["pac"]:
            raise HyperparameterError(
                f"batch_size = {settings['batch_size']}: a multiple of pac = {settings['pac']} expected"
            )
        if settings["updates"] == "simultaneous" and (settings["n_critic"], settings["n_generator"]) != (
            1,
            1,
        ):
            raise HyperparameterError(
                "updates = simultaneous: n_critic and n_generator must be 1 (or take updates = alternating)"
            )

    # Networks

    @property
    def judged_shape(self) -> tuple[int, ...]:
        """Shape of one sample as a critic judges it; overridden where it judges pairs (VEEGAN)."""
        return self.data.shape

    @property
    def critic_shape(self) -> tuple[int, ...]:
        """Shape of what a critic judges at once: ``pac`` samples joined along their first dimension."""
        first, *rest = self.judged_shape
        return (self.settings.pac * first, *rest)

    @property
    def least_rows(self) -> int:
        """Rows that a critic sees of one side."""
        return self.settings.batch_size // self.settings.pac

    @property
    def critic_layers_norm(self) -> str:
        """The normalisation that is made of layers; the spectral one is of the weights."""
        return "none" if self.settings.critic_norm == "spectral" else self.settings.critic_norm

    def critic_network(self, build: Build) -> nn.Module:
        """Return a critic: what it judges at once to one score."""
        return build("critic", self.critic_shape, critic_norm=self.critic_layers_norm)

    def dress(self, networks: Mapping[str, nn.Module]) -> None:
        """Note how each network is normalised; to be called with all networks of the game."""
        spectral = self.critics if self.settings.critic_norm == "spectral" else ()
        self._dresses = [Spectral(role, networks[role]) for role in spectral]
        self._dresses += [self.reference(role) for role, network in networks.items() if is_virtual(network)]

    def reference(self, role: str) -> Virtual:
        """Return the reference batch of a critic with virtual batch normalisation: the first real one.

        A subclass adds that of its other networks.
        """
        start = torch.zeros(self.settings.batch_size // self.settings.pac, *self.critic_shape)

        def first(play: Play) -> Tensor | None:
            real = self.first_real(role, play)
            return None if real is None else self.packed(real)

        return Virtual(role, start, first)

    def first_real(self, critic: str, play: Play) -> Tensor | None:
        """Return the real samples that a critic judges, if the round has all streams."""
        return self.real_of(critic, play) if all(s in play.batch for s in self.streams) else None

    def real_of(self, critic: str, play: Play) -> Tensor:
        """Return the real samples that a critic judges, ``[batch, *judged_shape]``."""
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        """What normalisations remember."""
        return {name: start for dress in self._dresses for name, start in dress.state().items()}

    def dressed(self, play: Play, *roles: str) -> tuple[Play, dict[str, Tensor]]:
        """Return the play with these (or all) networks normalised as declared, and the state this renews."""
        networks: dict[str, Network] = {}
        state: dict[str, Tensor] = {}
        for dress in self._dresses:
            if not roles or dress.role in roles:
                networks[dress.role], renewed = dress(play)
                state |= renewed
        return (play.replace(**networks) if networks else play), state

    # Samples

    def input_noise(self, *sides: str) -> dict[str, Noise]:
        """Return the declared noise on what critics see of these sides (``real`` ...), if there is any."""
        law = self.settings.instance_noise
        return {} if law == "none" else {f"{side}_noise": Noise(self.judged_shape, law) for side in sides}

    def seen(self, samples: Tensor, play: Play, side: str) -> Tensor:
        """Return one side's samples as critics see them.

        With instance noise (Sonderby et al. 2017), in packs (PacGAN).
        """
        if self.settings.instance_noise != "none":
            samples = samples + play.hp.instance_noise_std * play.noise[f"{side}_noise"]
        return self.packed(samples)

    def packed(self, samples: Tensor) -> Tensor:
        """Join every ``pac`` samples along their first dimension: ``[batch / pac, *critic_shape]``."""
        pac = self.settings.pac
        return samples if pac == 1 else samples.reshape(len(samples) // pac, *self.critic_shape)

    # Scores

    @property
    def joint(self) -> bool:
        """Whether scores of generated samples depend on the real ones beside them, through BatchNorm."""
        return mixes_batches(vars(self.settings))

    def score(self, critic: Network, samples: Tensor) -> Tensor:
        """Score one batch ``[batch]``; overridden where scores are energies of an autoencoder."""
        return critic(samples)

    def judge(self, critic: Network, samples: Tensor) -> Tensor:
        """Return all that objectives hear of one batch; overridden where it is more than the scores."""
        return self.score(critic, samples)

    def scores(self, critic: Network, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Judge a real and a fake batch.

        In one pass where samples do not touch each other: it halves the number of kernels. A critic with
        BatchNorm sees the batches apart, as DCGAN has it, unless they are asked to be joint; one with noise
        of its own has each call counted.
        """
        apart = self.settings.critic_norm == "batch" and not self.joint
        if apart or critic.stochastic:
            return self.judge(critic, real), self.judge(critic, fake)
        together = self.judge(critic, torch.cat((real, fake)))
        real_scores, fake_scores = together.split((len(real), len(fake)))
        return real_scores, fake_scores

    def fake_scores(self, critic: Network, real: Tensor, fake: Tensor) -> Tensor:
        """Judge a fake batch, beside the real one only where that makes a difference."""
        return self.scores(critic, real, fake)[1] if self.joint else self.judge(critic, fake)
