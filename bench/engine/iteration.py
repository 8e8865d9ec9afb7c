"""One iteration of a pack: its rounds in order, in each all gradients first, then all updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gan_bench.bench.engine.foresight import Foreseen
from gan_bench.bench.engine.job import Job
from gan_bench.bench.engine.optimisers import RULES, Optimiser, spread
from gan_bench.bench.engine.replicas import Replicas
from gan_bench.bench.engine.settings import Settings
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
    """Return a player's optimiser: its own rule where it has one, else the game's."""
    rule = getattr(structure, f"{player.name}_optimiser", structure.optimiser)
    return RULES[rule]([p for role in player.trains for p in params[role].values()], compiled=compiled)


class Iteration:
    """Plays iterations: changes weights, optimisers and averages in place, and returns the rest.

    A call takes the game's state and returns the new one, so that whoever plays (the trainer, a captured
    graph, a benchmark) keeps it.

    Args:
        job: what is trained.
        game: the game, of which the replicas have the networks.
        replicas: the weights.
        settings: hyperparameters by progress.
        free: names of the continuous hyperparameters, tensors ``[K]`` in compiled steps.

    Attributes:
        ema: averaged weights, role -> parameter -> tensor; empty without ``ema``.
    """

    def __init__(self, job: Job, game: Game, replicas: Replicas, settings: Settings, free: set[str]) -> None:
        self.replicas, self.settings = replicas, settings
        self.players = {player.name: player for player in game.players()}
        self.rounds = game.rounds()
        self.optimisers = {
            name: optimiser_of(player, settings.structure, replicas.params, compiled=job.compile)
            for name, player in self.players.items()
        }
        self.steppers = {name: self._stepper(player, job, free) for name, player in self.players.items()}
        averaged = [role for role in game.averaged if settings.active("ema")]
        self.ema = {r: {n: p.clone() for n, p in replicas.params[r].items()} for r in averaged}

    def _stepper(self, player: Player, job: Job, free: set[str]) -> Stepper:
        foreseen = Foreseen.of(player, list(self.players.values()), self.optimisers, self.replicas.params)
        if job.alone:
            return SoloStepper(player, self.replicas, foreseen)
        return PackedStepper(player, self.replicas, foreseen, free if job.compile else None)

    def __call__(self, progress: float, draws: Sequence, state: State) -> tuple[State, Values]:
        """Play every round that is active at ``progress`` in [0, 1).

        Args:
            progress: share of the budget that is spent.
            draws: per round its repeats, each a batch and noise, as :class:`Feeds` yields them.
            state: the game's state.

        Returns:
            The new state, and the losses and logs of all updates.
        """
        hp = self.settings.at(progress)
        values: Values = []
        for game_round, repeats in zip(self.rounds, draws, strict=True):
            if game_round.active_at(progress):
                for batch, noise in repeats:
                    state, more = self.play_round(game_round.players, batch, noise, hp, state)
                    values += more
        return state, values

    def play_round(
        self, names: Sequence[str], batch: Mapping, noise: Mapping, hp: Any, state: State
    ) -> tuple[State, Values]:
        """Update these players simultaneously; return the new state, and their losses and logs.

        A subclass may look before and after it (`bench.explain`).
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
            kept, fresh = list(self.ema[role].values()), list(self.replicas.params[role].values())
            if isinstance(hp.ema, torch.Tensor):
                moves = torch._foreach_mul(torch._foreach_sub(fresh, kept), spread(1.0 - hp.ema, kept))
                torch._foreach_add_(kept, moves)
            else:
                torch._foreach_lerp_(kept, fresh, 1.0 - hp.ema)

    def changing_work(self) -> str | None:
        """Return the reason why iterations differ in the work they do, or None if all are alike."""
        if self.settings.scheduled:
            return f"follows a schedule: {', '.join(sorted(self.settings.scheduled))}"
        if any(game_round.active != (0.0, 1.0) for game_round in self.rounds):
            return "not every round is played in every iteration"
        return None
