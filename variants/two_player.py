"""The common case: one generator against one critic, with an objective on their scores."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor

from gan_bench.variants.base import Build, Loss, Play, Player, Round, ability, as_loss
from gan_bench.variants.dressing import Virtual
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.judging import Judging
from gan_bench.variants.noise import Noise, latent
from gan_bench.variants.options import PRIOR
from gan_bench.variants.penalties import ALLOW, GradientPenalty

NO_SCORES = torch.empty(0)
"""The real scores of an objective that does not use them."""


class TwoPlayer(Judging):
    """Critic and generator take turns; a subclass states the two objectives on scores ``[batch]``.

    Class attributes:
        penalties: added to the critic's objective, each with a weight of its own.
        generator_sees_real: whether the generator's objective needs real scores (relativistic losses).
        drawn: names of the noise that generated samples depend on.
    """

    penalties: ClassVar[tuple[GradientPenalty, ...]] = ()
    generator_sees_real: ClassVar[bool] = False
    drawn: ClassVar[tuple[str, ...]] = ("latent",)
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {**Judging.hyperparameters, **PRIOR}

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse also penalties over BatchNorm."""
        super().check(settings)
        if cls.penalties and settings["critic_norm"] == "batch" and not settings[ALLOW]:
            raise HyperparameterError(
                "a gradient penalty is per sample, but in a critic with BatchNorm every score depends on the "
                f"whole batch: take another critic_norm, or set {ALLOW} = true to study just that"
            )

    def critic_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the scalar that the critic minimises, from scores ``[batch]`` of real and of fake.

        It is the sum of a term of real and a term of fake scores; overridden where the objective compares
        the two (relativistic GANs, Softmax GAN).
        """
        return self.real_objective(real, hp) + self.fake_objective(fake, hp)

    def real_objective(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the term of the critic's objective that is a function of real scores ``[batch]`` alone."""
        raise NotImplementedError

    def fake_objective(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the term of the critic's objective that is a function of fake scores ``[batch]`` alone."""
        raise NotImplementedError

    @classmethod
    def states_real_objective(cls) -> bool:
        """Return whether the critic's objective has a term of real scores alone."""
        return cls.real_objective is not TwoPlayer.real_objective

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return what the generator minimises; ``real`` is empty unless ``generator_sees_real``."""
        raise NotImplementedError

    # Networks

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Return the shape of the generator's input for one sample."""
        return (self.settings.latent_dim,)

    def latents(self, noise: Mapping[str, Tensor]) -> Tensor:
        """Return the generator's input ``[batch, *latent_shape]``, made of the draws."""
        return noise["latent"]

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the generator (latent to sample) and the critic."""
        generator = build("generator", self.latent_shape, self.data.shape, bounds=self.data.bounds)
        networks = {"generator": generator, "critic": self.critic_network(build)}
        self.dress(networks)
        return networks

    def reference(self, role: str) -> Virtual:
        """Return the critic's first real batch; for a generator a batch of latents from a fixed seed."""
        if role in self.critics:
            return super().reference(role)
        numbers, noise = torch.Generator().manual_seed(0), self.noise()
        drawn = {name: noise[name].draw(1, self.settings.batch_size, numbers)[0] for name in self.drawn}
        return Virtual(role, self.latents(drawn))

    def real_of(self, critic: str, play: Play) -> Tensor:
        """Return the real samples."""
        return self.real_samples(play)

    # Rounds

    def players(self) -> list[Player]:
        """Return the critic and the generator."""
        return [
            Player("critic", ("critic",), self.critic_loss, critic=True),
            Player("generator", ("generator",), self.generator_loss),
        ]

    @property
    def generator_reads_real(self) -> bool:
        """Return whether real scores are part of the generator's forward pass."""
        return self.generator_sees_real or self.joint

    @property
    def generator_plays_critic(self) -> bool:
        """Return whether the generator's loss contains the critic's, and so needs all its draws."""
        return False

    def rounds(self) -> list[Round]:
        """Return ``n_critic`` critic updates and ``n_generator`` of the generator, or one round of both."""
        settings, inputs = self.settings, tuple(self.input_noise("real", "fake"))
        own = tuple(name for penalty in self.penalties for name in penalty.noise(self.judged_shape))
        calls = {"critic": 2 + len(self.penalties)}
        critic = Round(
            ("critic",),
            repeat=settings.n_critic,
            streams=self.streams,
            noise=(*self.drawn, *inputs, *own),
            calls=calls,
        )
        if settings.updates == "simultaneous":
            return [Round(("critic", "generator"), streams=self.streams, noise=critic.noise, calls=calls)]
        reads = self.generator_reads_real or self.generator_plays_critic
        seen = inputs if reads else inputs[1:]
        generator = Round(
            ("generator",),
            repeat=settings.n_generator,
            streams=self.streams if reads else (),
            noise=critic.noise if self.generator_plays_critic else (*self.drawn, *seen),
            calls=calls if self.generator_plays_critic else {"critic": 2} if reads else {},
        )
        return [critic, generator]

    def noise(self) -> dict[str, Noise]:
        """Return the latent, the noise on the critic's inputs and the penalties' own noise."""
        settings = self.settings
        prior = latent(settings.latent_dim, settings.latent_law, settings.latent_scale)
        own = {n: noise for p in self.penalties for n, noise in p.noise(self.judged_shape).items()}
        return {"latent": prior, **self.input_noise("real", "fake"), **own}

    # Losses

    def critic_loss(self, play: Play) -> Tensor | Loss:
        """Return the critic's objective on one real and one fake batch, plus its penalties."""
        play, state = self.dressed(play)
        real, fake = self.real_input(play), self.fake_input(play)
        terms = as_loss(self.critic_terms(play, *self.scores(play.critic, real, fake)))
        value, logs = terms.value, dict(terms.logs)
        for penalty in self.penalties:
            logs[penalty.log] = penalty(play.critic, real, fake, play.noise, self.score)
            value = value + penalty.weighted(logs[penalty.log], play.hp)
        state |= terms.state
        return Loss(value, logs, state) if logs or state else value

    def critic_terms(self, play: Play, real: Tensor, fake: Tensor) -> Tensor | Loss:
        """Return the critic's objective; overridden where it has state or logs (BEGAN)."""
        return self.critic_objective(real, fake, play.hp)

    def real_terms(self, play: Play, real: Tensor) -> Tensor:
        """Return the part of :meth:`critic_terms` on real samples alone; overridden with it (ACGAN)."""
        return self.real_objective(real, play.hp)

    def critic_loss_of_real(self, play: Play) -> Tensor:
        """Return the critic's objective on the real batch alone, without penalties."""
        play, _ = self.dressed(play)
        return self.real_terms(play, self.judge(play.critic, self.real_input(play)))

    def generator_loss(self, play: Play) -> Tensor | Loss:
        """Return the generator's objective on one fake batch (and a real one where it uses real scores)."""
        play, _ = self.dressed(play)
        fake = self.fake_input(play)
        if self.generator_reads_real:
            return self.generator_terms(play, *self.scores(play.critic, self.real_input(play), fake))
        return self.generator_terms(play, NO_SCORES, self.judge(play.critic, fake))

    def generator_terms(self, play: Play, real: Tensor, fake: Tensor) -> Tensor | Loss:
        """Return the generator's objective; overridden where it has state or logs (ACGAN)."""
        return self.generator_objective(real, fake, play.hp)

    def real_input(self, play: Play) -> Tensor:
        """Return real samples as the critic sees them."""
        return self.seen(self.real_samples(play), play, "real")

    def fake_input(self, play: Play) -> Tensor:
        """Return generated samples as the critic sees them."""
        return self.seen(self.fake_samples(play), play, "fake")

    def real_samples(self, play: Play) -> Tensor:
        """Return the real samples that are judged, ``[batch, *judged_shape]``."""
        return play.batch["real"]

    def fake_samples(self, play: Play) -> Tensor:
        """Return the generated samples that are judged, ``[batch, *judged_shape]``."""
        return play.generator(play.noise["latent"])

    @ability(noise=("latent",))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]``."""
        return self.dressed(play, "generator")[0].generator(play.noise["latent"])
