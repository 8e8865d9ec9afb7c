"""The common case: one generator against one critic, with an objective on their scores."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from variants.base import Build, DataSpec, Game, Loss, Play, Player, Round, ability, as_loss
from variants.dressing import Dress, Spectral, Virtual
from variants.hyperparameters import Hyperparameter, HyperparameterError, optimiser_hyperparameters
from variants.network import Network
from variants.networks.layers import is_virtual
from variants.noise import Noise, latent
from variants.options import OPTIONS
from variants.penalties import ALLOW, GradientPenalty

NO_SCORES = torch.empty(0)
"""Stands for the real scores where the generator's objective does not look at them."""


class TwoPlayer(Game):
    """Critic and generator take turns; a subclass states the two objectives on scores ``[batch]``.

    Class attributes:
        penalties: added to the critic's objective, each with a weight of its own.
        generator_sees_real: whether the generator's objective needs real scores (relativistic losses).
    """

    penalties: ClassVar[tuple[GradientPenalty, ...]] = ()
    generator_sees_real: ClassVar[bool] = False
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("critic", "generator"),
        **OPTIONS,
    }

    def __init__(self, data: DataSpec, settings: SimpleNamespace) -> None:
        super().__init__(data, settings)
        self._dresses: list[Dress] = []

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse a pac that leaves a rest, repeats in simultaneous play, and penalties over BatchNorm."""
        if settings["batch_size"] % settings["pac"]:
            raise HyperparameterError(
                f"batch_size = {settings['batch_size']}: a multiple of pac = {settings['pac']} expected"
            )
        if settings["updates"] == "simultaneous" and (settings["n_critic"], settings["n_generator"]) != (
            1,
            1,
        ):
            raise HyperparameterError("updates = simultaneous: n_critic and n_generator must be 1")
        if cls.penalties and settings["critic_norm"] == "batch" and not settings[ALLOW]:
            raise HyperparameterError(
                "a gradient penalty is per sample, but in a critic with BatchNorm every score depends on the "
                f"whole batch: take another critic_norm, or set {ALLOW} = true to study just that"
            )

    def critic_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the scalar that the critic minimises, from scores ``[batch]`` of real and of fake."""
        raise NotImplementedError

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return what the generator minimises; ``real`` is empty unless ``generator_sees_real``."""
        raise NotImplementedError

    # Networks

    @property
    def critic_shape(self) -> tuple[int, ...]:
        """Shape of what the critic judges at once: ``pac`` samples joined along their first dimension."""
        first, *rest = self.judged_shape
        return (self.settings.pac * first, *rest)

    @property
    def judged_shape(self) -> tuple[int, ...]:
        """Shape of one sample as the critic judges it; overridden where it judges pairs (VEEGAN)."""
        return self.data.shape

    @property
    def critic_layers_norm(self) -> str:
        """The normalisation that is made of layers; the spectral one is of the weights."""
        return "none" if self.settings.critic_norm == "spectral" else self.settings.critic_norm

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the generator (latent to sample) and the critic."""
        latent_shape = (self.settings.latent_dim,)
        generator = build("generator", latent_shape, self.data.shape, bounds=self.data.bounds)
        networks = {"generator": generator, "critic": self.critic_network(build)}
        self._dresses = self._dress(networks)
        return networks

    def critic_network(self, build: Build) -> nn.Module:
        """Return the critic: sample to one score."""
        return build("critic", self.critic_shape, critic_norm=self.critic_layers_norm)

    def _dress(self, networks: Mapping[str, nn.Module]) -> list[Dress]:
        dresses: list[Dress] = []
        size = self.settings.batch_size
        if self.settings.critic_norm == "spectral":
            dresses.append(Spectral("critic", networks["critic"]))
        if is_virtual(networks["critic"]):
            start = torch.zeros(size // self.settings.pac, *self.critic_shape)
            dresses.append(Virtual("critic", start, self._first_real))
        if is_virtual(networks["generator"]):
            fixed = self.noise()["latent"].draw(1, size, torch.Generator().manual_seed(0))[0]
            dresses.append(Virtual("generator", fixed))
        return dresses

    def _first_real(self, play: Play) -> Tensor | None:
        return self.packed(self.real_samples(play)) if "real" in play.batch else None

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

    # Rounds

    def players(self) -> list[Player]:
        """Return the critic and the generator."""
        return [
            Player("critic", ("critic",), self.critic_loss, critic=True),
            Player("generator", ("generator",), self.generator_loss),
        ]

    @property
    def generator_reads_real(self) -> bool:
        """Whether real scores are part of the generator's forward pass."""
        joint = self.settings.critic_norm == "batch" and self.settings.critic_batches == "joint"
        return self.generator_sees_real or joint

    @property
    def generator_plays_critic(self) -> bool:
        """Whether the generator's loss contains the critic's, and so needs all its draws."""
        return False

    def rounds(self) -> list[Round]:
        """``n_critic`` critic updates, then ``n_generator`` of the generator; or one round of both."""
        settings, inputs = self.settings, self._input_noise()
        own = tuple(name for penalty in self.penalties for name in penalty.noise(self.judged_shape))
        calls = {"critic": 2 + len(self.penalties)}
        critic = Round(
            ("critic",),
            repeat=settings.n_critic,
            streams=("real",),
            noise=("latent", *inputs, *own),
            calls=calls,
        )
        if settings.updates == "simultaneous":
            return [Round(("critic", "generator"), streams=("real",), noise=critic.noise, calls=calls)]
        reads = self.generator_reads_real or self.generator_plays_critic
        generator = Round(
            ("generator",),
            repeat=settings.n_generator,
            streams=("real",) if reads else (),
            noise=critic.noise if self.generator_plays_critic else ("latent", *inputs[0 if reads else 1 :]),
            calls=calls if self.generator_plays_critic else {"critic": 2} if reads else {},
        )
        return [critic, generator]

    def _input_noise(self) -> tuple[str, ...]:
        return () if self.settings.instance_noise == "none" else ("real_noise", "fake_noise")

    def noise(self) -> dict[str, Noise]:
        """Return the latent, the noise on the critic's inputs and the penalties' own noise."""
        prior = latent(self.settings.latent_dim, self.settings.latent_law)
        inputs = {
            name: Noise(self.judged_shape, self.settings.instance_noise) for name in self._input_noise()
        }
        own = {n: noise for p in self.penalties for n, noise in p.noise(self.judged_shape).items()}
        return {"latent": prior, **inputs, **own}

    # Losses

    def critic_loss(self, play: Play) -> Tensor | Loss:
        """Critic's objective on one real and one fake batch, plus its penalties."""
        play, state = self.dressed(play)
        real, fake = self.real_input(play), self.fake_input(play)
        terms = as_loss(self.critic_terms(play, *self.scores(play.critic, real, fake)))
        value, logs = terms.value, dict(terms.logs)
        for penalty in self.penalties:
            logs[penalty.log] = penalty(play.critic, real, fake, play.noise)
            value = value + penalty.weighted(logs[penalty.log], play.hp)
        state |= terms.state
        return Loss(value, logs, state) if logs or state else value

    def critic_terms(self, play: Play, real: Tensor, fake: Tensor) -> Tensor | Loss:
        """Return the critic's objective; overridden where it has state or logs (BEGAN)."""
        return self.critic_objective(real, fake, play.hp)

    def generator_loss(self, play: Play) -> Tensor | Loss:
        """Generator's objective on one fake batch (and a real one where it sees real scores)."""
        play, _ = self.dressed(play)
        fake = self.fake_input(play)
        if not self.generator_reads_real:
            return self.generator_objective(NO_SCORES, self.score(play.critic, fake), play.hp)
        real_scores, fake_scores = self.scores(play.critic, self.real_input(play), fake)
        return self.generator_objective(real_scores, fake_scores, play.hp)

    def real_input(self, play: Play) -> Tensor:
        """Return real samples as the critic sees them."""
        return self._seen(self.real_samples(play), play, "real_noise")

    def fake_input(self, play: Play) -> Tensor:
        """Return generated samples as the critic sees them."""
        return self._seen(self.fake_samples(play), play, "fake_noise")

    def real_samples(self, play: Play) -> Tensor:
        """Return the real samples that are judged, ``[batch, *judged_shape]``."""
        return play.batch["real"]

    def fake_samples(self, play: Play) -> Tensor:
        """Return the generated samples that are judged, ``[batch, *judged_shape]``."""
        return play.generator(play.noise["latent"])

    def _seen(self, samples: Tensor, play: Play, noise: str) -> Tensor:
        """With instance noise (Sonderby et al. 2017), in packs (PacGAN)."""
        if self.settings.instance_noise != "none":
            samples = samples + play.hp.instance_noise_std * play.noise[noise]
        return self.packed(samples)

    def packed(self, samples: Tensor) -> Tensor:
        """Join every ``pac`` samples along their first dimension: ``[batch / pac, *critic_shape]``."""
        pac = self.settings.pac
        return samples if pac == 1 else samples.reshape(len(samples) // pac, *self.critic_shape)

    def score(self, critic: Network, samples: Tensor) -> Tensor:
        """Score one batch ``[batch]``; overridden where scores are energies of an autoencoder."""
        return critic(samples)

    def scores(self, critic: Network, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Score a real and a fake batch.

        In one pass where samples do not touch each other: it halves the number of kernels. A critic with
        BatchNorm sees the batches apart, as DCGAN has it, unless they are asked to be joint; one with noise
        of its own has each call counted.
        """
        apart = self.settings.critic_norm == "batch" and self.settings.critic_batches == "separate"
        if apart or critic.stochastic:
            return self.score(critic, real), self.score(critic, fake)
        joint = self.score(critic, torch.cat((real, fake)))
        real_scores, fake_scores = joint.split((len(real), len(fake)))
        return real_scores, fake_scores

    @ability(noise=("latent",))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]``."""
        return self.dressed(play, "generator")[0].generator(play.noise["latent"])
