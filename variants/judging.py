"""Games with critics of real and generated samples: PacGAN's groups, instance noise, normalisation."""

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
    """Return whether the critic's BatchNorm sees real and generated samples in one batch."""
    return bool(settings["critic_norm"] == "batch" and settings["critic_batches"] == "joint")


class Judging(Game):
    """Critics of single samples or groups of ``pac``, with instance noise and normalisation as options.

    A subclass states the networks, players and rounds, and passes critics' inputs through :meth:`seen` and
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
        """Refuse a batch size that ``pac`` does not divide, and repeats in simultaneous play."""
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
        """Return the shape of one sample as a critic judges it; overridden for critics of pairs (VEEGAN)."""
        return self.data.shape

    @property
    def critic_shape(self) -> tuple[int, ...]:
        """Return the shape of a critic's input: ``pac`` samples joined along their first dimension."""
        first, *rest = self.judged_shape
        return (self.settings.pac * first, *rest)

    @property
    def least_rows(self) -> int:
        """Return the rows of a critic's batch of real, or of generated, samples."""
        return self.settings.batch_size // self.settings.pac

    @property
    def critic_layers_norm(self) -> str:
        """Return the normalisation by layers: ``none`` for the spectral one, which is of the weights."""
        return "none" if self.settings.critic_norm == "spectral" else self.settings.critic_norm

    def critic_network(self, build: Build) -> nn.Module:
        """Return a critic that maps ``critic_shape`` to one score."""
        return build("critic", self.critic_shape, critic_norm=self.critic_layers_norm)

    def dress(self, networks: Mapping[str, nn.Module]) -> None:
        """Set up the normalisation of each network; call it with all networks of the game."""
        spectral = self.critics if self.settings.critic_norm == "spectral" else ()
        self._dresses = [Spectral(role, networks[role]) for role in spectral]
        self._dresses += [self.reference(role) for role, network in networks.items() if is_virtual(network)]

    def reference(self, role: str) -> Virtual:
        """Return the reference batch for virtual batch normalisation: a critic's first real batch.

        A subclass overrides it for its other networks.
        """
        start = torch.zeros(self.settings.batch_size // self.settings.pac, *self.critic_shape)

        def first(play: Play) -> Tensor | None:
            real = self.first_real(role, play)
            return None if real is None else self.grouped(real)

        return Virtual(role, start, first)

    def first_real(self, critic: str, play: Play) -> Tensor | None:
        """Return the real samples that a critic judges, if the round has all streams."""
        return self.real_of(critic, play) if all(s in play.batch for s in self.streams) else None

    def real_of(self, critic: str, play: Play) -> Tensor:
        """Return the real samples that a critic judges, ``[batch, *judged_shape]``."""
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        """Return the initial state of the normalisations."""
        return {name: start for dress in self._dresses for name, start in dress.state().items()}

    def dressed(self, play: Play, *roles: str) -> tuple[Play, dict[str, Tensor]]:
        """Return the play with these (or all) networks normalised, and the normalisations' new state."""
        networks: dict[str, Network] = {}
        state: dict[str, Tensor] = {}
        for dress in self._dresses:
            if not roles or dress.role in roles:
                networks[dress.role], renewed = dress(play)
                state |= renewed
        return (play.replace(**networks) if networks else play), state

    # Samples

    def input_noise(self, *sides: str) -> dict[str, Noise]:
        """Return the declared instance noise of the critics' inputs ``sides`` (``real`` ...), if any."""
        law = self.settings.instance_noise
        return {} if law == "none" else {f"{side}_noise": Noise(self.judged_shape, law) for side in sides}

    def seen(self, samples: Tensor, play: Play, side: str) -> Tensor:
        """Return samples as critics see them: with instance noise, in groups of ``pac``.

        Sonderby et al. 2017 (arXiv:1610.04490); PacGAN (arXiv:1712.04086).
        """
        if self.settings.instance_noise != "none":
            samples = samples + play.hp.instance_noise_std * play.noise[f"{side}_noise"]
        return self.grouped(samples)

    def grouped(self, samples: Tensor) -> Tensor:
        """Join groups of ``pac`` samples along their first dimension: ``[batch / pac, *critic_shape]``."""
        pac = self.settings.pac
        return samples if pac == 1 else samples.reshape(len(samples) // pac, *self.critic_shape)

    # Scores

    @property
    def joint(self) -> bool:
        """Return whether BatchNorm makes scores of generated samples depend on the real ones."""
        return mixes_batches(vars(self.settings))

    def score(self, critic: Network, samples: Tensor) -> Tensor:
        """Score one batch ``[batch]``; overridden where scores are energies of an autoencoder."""
        return critic(samples)

    def judge(self, critic: Network, samples: Tensor) -> Tensor:
        """Return the critic's outputs that objectives use; overridden where they are more than scores."""
        return self.score(critic, samples)

    def scores(self, critic: Network, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Judge a real and a fake batch.

        Where samples do not affect each other, one pass of both batches halves the number of kernels. A
        critic with BatchNorm sees the batches apart, as in DCGAN, unless ``critic_batches`` is ``joint``; one
        with noise of its own is called once for each batch, as rounds declare its calls.
        """
        apart = self.settings.critic_norm == "batch" and not self.joint
        if apart or critic.stochastic:
            return self.judge(critic, real), self.judge(critic, fake)
        together = self.judge(critic, torch.cat((real, fake)))
        real_scores, fake_scores = together.split((len(real), len(fake)))
        return real_scores, fake_scores

    def fake_scores(self, critic: Network, real: Tensor, fake: Tensor) -> Tensor:
        """Judge a fake batch, joined with the real one only where scores depend on it."""
        return self.scores(critic, real, fake)[1] if self.joint else self.judge(critic, fake)
