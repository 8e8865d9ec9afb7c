"""One iteration of a pack: the rounds in order; a round first calculates all gradients, then updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.job import Job
from gan_bench.bench.engine.optimisers import RULES, Optimiser, spread
from gan_bench.bench.engine.replicas import Replicas
from gan_bench.bench.engine.simulated_optimisers import ReadableOptimisers
from gan_bench.bench.engine.steps import PackedStepper, SoloStepper, Stepper
from gan_bench.variants.base import Game, Player
from gan_bench.variants.network import Parameters

State = Mapping[str, Tensor]
"""The game's state: ``[K, ...]`` per name, without the first dimension solo."""

Values = list[tuple[str, Tensor]]
"""Losses and logs in the order of the updates: column of the history, value of every replica ``[K]``."""


def optimiser_of(
    player: Player, structure: SimpleNamespace, params: Mapping[str, Parameters], *, compiled: bool = False
) -> Optimiser:
    """Return a player's optimiser: of the rule ``PLAYER_optimiser`` if there is one, else ``optimiser``."""
    rule = getattr(structure, f"{player.name}_optimiser", structure.optimiser)
    return RULES[rule]([p for role in player.trains for p in params[role].values()], compiled=compiled)


class Iteration:
    """Play one iteration per call: change weights, optimisers and averages in place.

    A call takes the game's state and returns the new one; the caller (trainer, captured graph, benchmark)
    keeps it.

    Args:
        job: the pack to train.
        game: the game that the replicas play.
        replicas: networks and weights.
        hyperparameters: of all replicas, by progress; continuous ones are tensors ``[K]`` in compiled steps.

    Attributes:
        players: by name.
        rounds: of one iteration, in order.
        optimisers, steppers: by name of the player.
        ema: averaged weights, role -> parameter -> tensor; empty without ``ema``.
    """

    def __init__(
        self, job: Job, game: Game, replicas: Replicas, hyperparameters: PackHyperparameters
    ) -> None:
        self.replicas, self.hyperparameters = replicas, hyperparameters
        self.players = {player.name: player for player in game.players()}
        self.rounds = game.rounds()
        self.optimisers = {
            name: optimiser_of(player, hyperparameters.structure, replicas.params, compiled=job.compile)
            for name, player in self.players.items()
        }
        self.steppers = {name: self._stepper(player, job) for name, player in self.players.items()}
        averaged = [role for role in game.averaged if hyperparameters.active("ema")]
        self.ema = {r: {n: p.clone() for n, p in replicas.params[r].items()} for r in averaged}

    @property
    def parts(self) -> list[Iteration]:
        """Return this iteration, which plays all replicas; the parts of `SideBySide` play one each."""
        return [self]

    def _stepper(self, player: Player, job: Job) -> Stepper:
        readable = ReadableOptimisers.of(
            player, list(self.players.values()), self.optimisers, self.replicas.params
        )
        if job.alone:
            return SoloStepper(player, self.replicas, readable)
        continuous = self.hyperparameters.continuous if job.compile else None
        return PackedStepper(player, self.replicas, readable, continuous)

    def __call__(self, progress: float, draws: Sequence, state: State) -> tuple[State, Values]:
        """Play every round that is active at ``progress`` in [0, 1).

        Args:
            progress: fraction of the budget used so far.
            draws: per round its repeats, each a batch and noise, as :class:`Feeds` yields them.
            state: the game's state.

        Returns:
            The new state, and the losses and logs of all updates.
        """
        return self.play(self.settings(progress), self.active(progress), draws, state)

    def settings(self, progress: float) -> Any:
        """Return the hyperparameters at ``progress``, for :meth:`play`."""
        return self.hyperparameters.at(progress)

    def active(self, progress: float) -> tuple[bool, ...]:
        """Return for every round whether it is played at ``progress``."""
        return tuple(game_round.active_at(progress) for game_round in self.rounds)

    def play(
        self, settings: Any, active: Sequence[bool], draws: Sequence, state: State
    ) -> tuple[State, Values]:
        """Play the active rounds; the work of a captured graph, which reads all that changes from tensors."""
        values: Values = []
        for game_round, played, repeats in zip(self.rounds, active, draws, strict=True):
            for batch, noise in repeats if played else ():
                state, more = self.play_round(game_round.players, batch, noise, settings, state)
                values += more
        return state, values

    def play_round(
        self, names: Sequence[str], batch: Mapping, noise: Mapping, hp: Any, state: State
    ) -> tuple[State, Values]:
        """Update these players simultaneously; return the new state, and their losses and logs.

        `bench.explain` overrides this method to read the critic's features before and after a round.
        """
        steps = {name: self.steppers[name](batch, noise, hp, state) for name in names}
        values: Values = []
        for name, step in steps.items():
            player = self.players[name]
            self.optimisers[name].step(step.grads, getattr(hp, f"{name}_lr", hp.lr), hp)
            if player.constraint is not None:
                self.steppers[name].constrain(hp)
            self._average(player, hp)
            values.append((f"{name}_loss", step.loss))
            values += [(f"{name}_{log}", value) for log, value in step.logs.items()]
            state = {**state, **step.state}
        return state, values

    def _average(self, player: Player, hp: Any) -> None:
        """Move the averaged weights of a player's roles: ema <- decay * ema + (1 - decay) * weights."""
        for role in (role for role in self.ema if role in player.trains):
            averages, weights = list(self.ema[role].values()), list(self.replicas.params[role].values())
            if isinstance(hp.ema, torch.Tensor):
                differences = torch._foreach_sub(weights, averages)
                torch._foreach_add_(averages, torch._foreach_mul(differences, spread(1.0 - hp.ema, averages)))
            else:
                torch._foreach_lerp_(averages, weights, 1.0 - hp.ema)
