"""Games of critics against generators: rounds, draws and losses, for any number of critics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.base import Game, Loss, Play, Player, Round
from gan_bench.variants.critics import Critic, Inputs, Judged, total
from gan_bench.variants.declarations import Build, DataSpec, Frozen, Networks, Tied
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError, optimiser_hyperparameters
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network
from gan_bench.variants.networks.norms import is_virtual
from gan_bench.variants.noise import Noise
from gan_bench.variants.normalising import Normalisation, Spectral, Virtual
from gan_bench.variants.objectives import Objective
from gan_bench.variants.options import TRICKS
from gan_bench.variants.penalties import ALLOW, GradientPenalty


class Adversarial(Game):
    """Critics judge what the other networks generate, by an adversarial objective.

    A subclass states `makers`, `critics`, `reals` and `fakes`, and the terms of its losses beside the
    adversarial ones. Every objective and every part then works on every critic.

    Class attributes:
        objective: the adversarial objective of all critics.
        penalties: gradient penalties of all critics.
        generators: roles that the player ``generator`` trains.
        partners: further players, which a subclass adds, that update with the player ``generator``.
        drawn: names of the noise that generated samples depend on.
        reads: streams that generated samples depend on.
        fields_read: fields of the data that networks other than critics read, by role.
        exchanges: whether the generators also make what critics judge as real (BiGAN's encoder).
    """

    objective: ClassVar[Objective]
    penalties: ClassVar[tuple[GradientPenalty, ...]] = ()
    generators: ClassVar[tuple[str, ...]] = ("generator",)
    partners: ClassVar[tuple[str, ...]] = ()
    drawn: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    fields_read: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    exchanges: ClassVar[bool] = False
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("critic", "generator"),
        **TRICKS,
    }

    def __init_subclass__(cls, **options: Any) -> None:
        """Exchange the hyperparameters of the base's objective for those of the class's own."""
        super().__init_subclass__(**options)
        if "objective" in vars(cls):
            inherited = getattr(super(cls, cls), "objective", None)
            left = inherited.hyperparameters if inherited else {}
            kept = {n: h for n, h in cls.hyperparameters.items() if left.get(n) is not h}
            cls.hyperparameters = {**kept, **cls.objective.hyperparameters}

    def __init__(self, data: DataSpec, settings: SimpleNamespace) -> None:
        super().__init__(data, settings)
        self._normalisations: list[Normalisation] = []

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse a batch size that ``pac`` does not divide, repeats in simultaneous play, and penalties
        over BatchNorm.
        """
        size, pac = settings["batch_size"], settings["pac"]
        if size % pac:
            raise HyperparameterError(f"batch_size = {size}: a multiple of pac = {pac} expected")
        together = settings["updates"] == "simultaneous"
        if together and (settings["n_critic"], settings["n_generator"]) != (1, 1):
            raise HyperparameterError(
                "updates = simultaneous: n_critic and n_generator must be 1 (or take updates = alternating)"
            )
        if settings["critic_norm"] == "batch" and not settings.get(ALLOW, True):  # declared by penalties
            raise HyperparameterError(
                "a gradient penalty is per sample, but in a critic with BatchNorm every score depends on the "
                f"whole batch: take another critic_norm, or set {ALLOW} = true to study just that"
            )

    # What a subclass states

    def makers(self, build: Build) -> Networks:
        """Return all networks that are no critics, by role."""
        raise NotImplementedError

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critics, made by `critic`."""
        raise NotImplementedError

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return what each critic judges as real, by role."""
        raise NotImplementedError

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return what each critic judges as generated, by role."""
        raise NotImplementedError

    def shown(
        self, play: Play, fakes: Mapping[str, Inputs]
    ) -> tuple[Mapping[str, Inputs], dict[str, Tensor]]:
        """Return the generated samples that critics learn from, and new state of the game.

        They are the latest ones, unless a subclass keeps earlier ones (CycleGAN).
        """
        return fakes, {}

    def critic_terms(self, play: Play, real: Mapping[str, Judged], fake: Mapping[str, Judged]) -> Loss | None:
        """Return further terms of the critics' loss, from their outputs (ACGAN's classes).

        ``fake`` is empty where the loss of real samples alone is asked for.
        """
        return None

    def adversarial_weight(self, hp: SimpleNamespace) -> float | Tensor:
        """Return the weight of the generators' adversarial objective: a hyperparameter where declared."""
        return getattr(hp, "adversarial_weight", 1.0)

    def generator_terms(
        self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]
    ) -> Loss | None:
        """Return further terms of the generators' loss (cycle consistency); ``judged`` as by `critics`."""
        return None

    # Networks

    def critic(self, role: str, *judges: Space, **options: Any) -> Critic:
        """Return a critic with the game's settings, objective and penalties, unless stated otherwise."""
        own = {"settings": self.settings, "objective": self.objective, "penalties": self.penalties}
        return Critic(role, *judges, **{**own, **options})

    def networks(self, build: Build) -> Networks:
        """Return all networks, and set up their normalisation."""
        judges = {critic.role: critic.network(build) for critic in self.critics}
        spectral = judges if self.settings.critic_norm == "spectral" else {}
        self._normalisations = [Spectral(role, network) for role, network in spectral.items()]
        networks: Networks = {**self.makers(build), **judges}
        for role, network in networks.items():
            if is_virtual(network.module if isinstance(network, Frozen | Tied) else network):
                critic = next((c for c in self.critics if c.role == role), None)
                self._normalisations.append(self.reference(role, critic))
        return networks

    def reference(self, role: str, critic: Critic | None) -> Virtual:
        """Return the reference batch for virtual batch normalisation: the first real batch that is read.

        Raises:
            Misfit: for a network of which it is not known what it reads.
        """
        if critic is None and role not in self.fields_read:
            raise Misfit(f"the game states no reference batch for the virtual BatchNorm of its {role}")
        rows = self.settings.batch_size
        spaces = [self.data.spaces[field] for field in self.fields_read.get(role, ())]
        if critic is not None:
            rows, spaces = rows // self.settings.pac, list(critic.spaces)

        def first(play: Play) -> Inputs | None:
            if not all(stream in play.batch for stream in self.streams):
                return None
            if critic is not None:
                return critic.grouped(self.reals(play)[role])
            return tuple(play.field(field) for field in self.fields_read[role])

        types = [torch.int64 if space.is_label else None for space in spaces]
        start = (torch.zeros(rows, *s.shape, dtype=d) for s, d in zip(spaces, types, strict=True))
        return Virtual(role, tuple(start), first)

    def state(self) -> dict[str, Tensor]:
        """Return the initial state of normalisations and objectives."""
        own = {name: start for critic in self.critics for name, start in critic.state().items()}
        return {n: start for each in self._normalisations for n, start in each.state().items()} | own

    def normalised(self, play: Play, *roles: str) -> tuple[Play, dict[str, Tensor]]:
        """Return the play with these (or all) networks normalised, and the normalisations' new state."""
        networks: dict[str, Network] = {}
        state: dict[str, Tensor] = {}
        for each in self._normalisations:
            if not roles or each.role in roles:
                networks[each.role], renewed = each(play)
                state |= renewed
        return (play.replace(**networks) if networks else play), state

    # Rounds

    def players(self) -> list[Player]:
        """Return the critics as one player, and the generators as one."""
        return [
            Player("critic", tuple(c.role for c in self.critics), self.critic_loss, critic=True),
            Player("generator", self.generators, self.generator_loss),
        ]

    @property
    def generator_reads_real(self) -> bool:
        """Return whether real scores are part of the generators' loss."""
        return self.exchanges or any(critic.objective.compares or critic.joint for critic in self.critics)

    @property
    def generator_plays_critic(self) -> bool:
        """Return whether the generators' loss contains the critics', and so needs all their draws."""
        return False

    def rounds(self) -> list[Round]:
        """Return ``n_critic`` critic updates and ``n_generator`` of the generators, or one round of both."""
        real, fake = (tuple(self._input_noise(side)) for side in ("real", "fake"))
        every = (*self.drawn, *real, *fake, *self.critic_noise())
        if self.settings.updates == "simultaneous":
            return [Round(("critic", "generator", *self.partners), streams=self.streams, noise=every)]
        reads = self.generator_reads_real or self.generator_plays_critic
        own = every if self.generator_plays_critic else (*self.drawn, *(real if reads else ()), *fake)
        return [
            Round(("critic",), self.settings.n_critic, self.streams, every),
            Round(
                ("generator", *self.partners), self.settings.n_generator,
                self.streams if reads else self.reads, own,
            ),
        ]  # fmt: skip

    def noise(self) -> dict[str, Noise]:
        """Return the noise of the critics' inputs and penalties; a subclass adds what it draws itself."""
        return {**self._input_noise("real"), **self._input_noise("fake"), **self.critic_noise()}

    def critic_noise(self) -> dict[str, Noise]:
        """Return the noise that only the critics' loss reads, that of penalties; a subclass may add to it."""
        return {name: noise for critic in self.critics for name, noise in critic.penalty_noise().items()}

    def _input_noise(self, side: str) -> dict[str, Noise]:
        return {name: noise for critic in self.critics for name, noise in critic.input_noise(side).items()}

    # Losses

    def critic_loss(self, play: Play) -> Loss:
        """Return the sum of all critics' objectives and penalties, with the game's further terms."""
        play, state = self.normalised(play)
        fakes, kept = self.shown(play, self.fakes(play))
        loss = self.critic_loss_on(play, self.reals(play), fakes)
        return Loss(loss.value, loss.logs, {**state, **kept, **loss.state})

    def critic_loss_on(self, play: Play, reals: Mapping[str, Inputs], fakes: Mapping[str, Inputs]) -> Loss:
        """Return the critics' loss on these samples, with networks as they are."""
        losses, of_real, of_fake = {}, {}, {}
        for critic in self.critics:
            role = critic.role
            losses[role], of_real[role], of_fake[role] = critic.loss(play, reals[role], fakes[role])
        terms = self.critic_terms(play, of_real, of_fake)
        return total(losses) if terms is None else total(losses).plus(terms)

    def critic_loss_of_real(self, play: Play, reals: Mapping[str, Inputs]) -> Tensor:
        """Return the critics' objectives on real samples alone, without penalties."""
        play, _ = self.normalised(play)
        losses, judged = {}, {}
        for critic in self.critics:
            value, judged[critic.role] = critic.real_loss(play, reals[critic.role])
            losses[critic.role] = Loss(value)
        terms = self.critic_terms(play, judged, {})
        return (total(losses) if terms is None else total(losses).plus(terms)).value

    def generator_loss(self, play: Play) -> Loss:
        """Return the generators' objectives against all critics, with the game's further terms."""
        play, _ = self.normalised(play)
        reals = self.reals(play) if self.generator_reads_real else {}
        return self.generator_loss_on(play, reals, self.fakes(play))

    def generator_loss_on(self, play: Play, reals: Mapping[str, Inputs], fakes: Mapping[str, Inputs]) -> Loss:
        """Return the generators' loss on these samples; ``reals`` is empty where it needs no real scores."""
        losses: dict[str, Loss] = {}
        judged: dict[str, Judged] = {}
        for critic in self.critics:
            role = critic.role
            losses[role], found = critic.generator_loss(
                play, reals.get(role), fakes[role], exchanged=self.exchanges
            )
            if found is not None:
                judged[role] = found
        loss = total(losses)
        loss = replace(loss, value=self.adversarial_weight(play.hp) * loss.value)
        terms = self.generator_terms(play, fakes, judged)
        return loss if terms is None else loss.plus(terms)
