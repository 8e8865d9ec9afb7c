"""Losses of other players' losses: Unrolled GAN (Metz et al. 2017), consensus (Mescheder et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Foresight, Loss, Play, Player, as_loss
from gan_bench.variants.critics import Inputs
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.network import Network, Parameters, parameter_gradient
from gan_bench.variants.parts import part_mixin


@part_mixin(
    "unrolled",
    "a generator that foresees the critic's next steps (arXiv:1611.02163, eq. 7, 9 and 10)",
    requires=Adversarial,
    version=3,
    arguments={"steps": "unroll_steps", "lr": "unroll_lr", "by": "unroll_by"},
    hyperparameters={
        "unroll_steps": Hyperparameter(5, "structural", "K, steps of the critic that are foreseen", low=0),
        "unroll_lr": Hyperparameter(0.1, doc="eta, rate of the foreseen gradient descent", low=0.0),
        "unroll_by": Hyperparameter(
            "descent",
            "structural",
            "rule of the foreseen steps: gradient descent, or the critic's own optimiser",
            choices=("descent", "optimiser"),
        ),
    },
)
class Unrolled(Adversarial):
    """The generator plays against the critic after K more steps on the same draws.

    The critics' parameters theta_D^K depend on the generators' theta_G, and with them the critics' loss on
    real samples. The generator minimises (eq. 9 and 10, for any objective)

        L_G(theta_G, theta_D^K) - R_D(theta_D^K),

    where R_D is the critic's objective on real samples alone. For ``gan`` and ``wgan`` this is minus the
    critic's objective, as in the paper. If the generator's own objective contains real scores (relativistic
    GANs, Softmax GAN, BiGAN), it is L_G(theta_G, theta_D^K). With K = 0 it is L_G.

    A step is theta_D^{k+1} = theta_D^k - eta d L_D / d theta_D (eq. 7), or the one that the critic's
    optimiser would take from its present state; the paper's experiments use the latter, with Adam. L_D is
    the critic's whole loss with its penalties, which are no part of R_D. A constraint of the critic (clipped
    weights) is applied after each step, as in training. The game's state (BEGAN's k, vectors of spectral
    normalisation) stays as it is. The derivative by theta_G goes through the steps (eq. 12).
    """

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse also critics without an objective on real samples alone."""
        super().check(settings)
        if not settings["unroll_steps"] or cls._sees_real():
            return
        if not cls.objective.splits:
            raise HyperparameterError(
                "unrolled needs the critic's objective on real scores alone: define real and fake instead of "
                "critic, or set unroll_steps = 0"
            )
        if settings["critic_norm"] == "batch" and settings["critic_batches"] == "joint":
            raise HyperparameterError(
                "unrolled needs the critic's objective on real samples alone, but in joint batches real "
                "scores depend on generated samples: set critic_batches = separate"
            )

    @classmethod
    def _sees_real(cls) -> bool:
        """Return whether the generators' own objective contains real scores."""
        return cls.exchanges or cls.objective.compares

    @property
    def generator_plays_critic(self) -> bool:
        """Return True from one step on."""
        return self.settings.unroll_steps > 0 or super().generator_plays_critic

    def players(self) -> list[Player]:
        """Return the players; with ``unroll_by = optimiser`` the generator reads the critics' optimiser."""
        if self.settings.unroll_by == "descent":
            return super().players()
        roles = tuple(critic.role for critic in self.critics)
        return [replace(p, foresees=roles) if p.name == "generator" else p for p in super().players()]

    def generator_loss(self, play: Play) -> Loss:
        """Return the game's generator loss, minus the critics' loss on real samples, at theta_D^K."""
        if not self.settings.unroll_steps:
            return super().generator_loss(play)
        makers = tuple(role for role in play.networks if role not in {c.role for c in self.critics})
        made = play.replace(**{role: getattr(play, role).remembering() for role in makers})
        seen, _ = self.normalised(made, *makers)
        reals, fakes = self.reals(seen), self.fakes(seen)  # all K steps see them
        later = made.replace(**self._later(play, reals, fakes))
        loss = as_loss(super().generator_loss(later.again()))
        if self._sees_real():
            return loss
        return replace(loss, value=loss.value - self.critic_loss_of_real(later.again(), reals))

    def _later(
        self, play: Play, reals: Mapping[str, Inputs], fakes: Mapping[str, Inputs]
    ) -> dict[str, Network]:
        """Return the critics with the parameters theta_D^K."""
        (constraint,) = {player.constraint for player in self.players() if player.critic}
        critics: dict[str, Network] = {c.role: getattr(play, c.role) for c in self.critics}
        ahead: dict[str, Foresight] = {
            role: play.foresight.get(role, Descent(play.hp.unroll_lr)) for role in critics
        }
        for _ in range(self.settings.unroll_steps):
            slopes = self._slopes(play, critics, reals, fakes)
            for role, critic in critics.items():
                params, ahead[role] = ahead[role].step(critic.params, slopes[role])
                critics[role] = critic.at(constraint(params, play.hp) if constraint else params)
        return critics

    def _slopes(
        self,
        play: Play,
        critics: Mapping[str, Network],
        reals: Mapping[str, Inputs],
        fakes: Mapping[str, Inputs],
    ) -> dict[str, Parameters]:
        """Return the gradients of the critics' loss, by role."""

        def loss(params: Parameters) -> Tensor:
            moved = {
                role: critic.at({name: params[f"{role}.{name}"] for name in critic.params})
                for role, critic in critics.items()
            }
            seen, _ = self.normalised(play.again().replace(**moved))
            return self.critic_loss_on(seen, reals, fakes).value

        every = {f"{role}.{name}": p for role, critic in critics.items() for name, p in critic.params.items()}
        functional = next(iter(critics.values())).functional
        slopes = parameter_gradient(loss, every, functional=functional)
        return {role: {name: slopes[f"{role}.{name}"] for name in c.params} for role, c in critics.items()}


@dataclass(frozen=True)
class Descent:
    """Gradient descent without memory, as a :class:`~gan_bench.variants.base.Foresight`."""

    lr: float | Tensor

    def step(self, params: Parameters, slopes: Parameters) -> tuple[Parameters, Descent]:
        """Return the parameters after one step."""
        return {name: p - self.lr * slopes[name] for name, p in params.items()}, self


@part_mixin(
    "consensus",
    "consensus optimisation (arXiv:1705.10461)",
    requires=Adversarial,
    version=2,
    arguments={"weight": "consensus_weight"},
    hyperparameters={"consensus_weight": Hyperparameter(10.0, doc="gamma, weight of ||v||^2 / 2", low=0.0)},
    defaults={"updates": "simultaneous", "n_critic": 1, "n_generator": 1},
)
class Consensus(Adversarial):
    """All players also descend on L = 1/2 ||v||^2, v the gradients of their losses."""

    @property
    def generator_plays_critic(self) -> bool:
        """Return True."""
        return True

    def players(self) -> list[Player]:
        """Return the players, each with gamma L added to its loss."""
        own = super().players()
        return [replace(player, loss=partial(self._agreeing, own, player)) for player in own]

    def _agreeing(self, players: list[Player], player: Player, play: Play) -> Loss:
        loss = as_loss(player.loss(play))
        squares = torch.zeros((), dtype=loss.value.dtype, device=loss.value.device)
        trained = [(other, role) for other in players for role in other.trains]
        for other, role in trained:
            network: Network = getattr(play, role)

            def at(params: Parameters, role: str = role, other: Player = other) -> Tensor:
                moved = getattr(play, role).at(params)
                return as_loss(other.loss(play.again().replace(**{role: moved}))).value

            slopes = parameter_gradient(at, network.params, functional=network.functional)
            squares = squares + sum(slope.square().sum() for slope in slopes.values())
        energy = 0.5 * squares
        value = loss.value + play.hp.consensus_weight * energy
        return Loss(value, {**loss.logs, "consensus": energy}, loss.state)
