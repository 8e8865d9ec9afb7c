"""Historical averaging (Salimans et al. 2016): players stay near the mean of their past parameters."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from gan_bench.variants.base import Game, Loss, Play, Player, as_loss
from gan_bench.variants.declarations import Build
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.parts import part_mixin


@part_mixin(
    "history",
    "historical averaging (arXiv:1606.03498, section 3.3)",
    version=2,
    arguments={"weight": "history_weight"},
    hyperparameters={
        "history_weight": Hyperparameter(1.0, doc="weight of the distance from the mean", low=0.0)
    },
)
class Historical(Game):
    """Each player's loss includes the squared distance of its parameters from the mean of all past ones."""

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the networks, and keep the shapes of the trained parameters."""
        networks: dict[str, Any] = super().networks(build)
        self._shapes = {
            f"history.{player.name}.{role}.{name}": p.shape
            for player in self.players()
            for role in player.trains
            for name, p in networks[role].named_parameters()
        }
        return networks

    def state(self) -> dict[str, Tensor]:
        """Return the means of the past parameters and the number of past steps, by player."""
        counts = {f"history.{player.name}": torch.zeros(()) for player in self.players()}
        means = {name: torch.zeros(shape) for name, shape in self._shapes.items()}
        return {**super().state(), **means, **counts}

    def players(self) -> list[Player]:
        """Return the players, each with the distance added to its loss."""
        return [replace(player, loss=partial(self._held, player)) for player in super().players()]

    def _held(self, player: Player, play: Play) -> Loss:
        loss = as_loss(player.loss(play))
        count = f"history.{player.name}"
        past = play.state[count]
        away, state = torch.zeros_like(past), {count: past + 1}
        for role in player.trains:
            for name, p in getattr(play, role).params.items():
                mean = play.state[f"{count}.{role}.{name}"]
                away = away + (p - mean).square().sum()
                state[f"{count}.{role}.{name}"] = mean + (p - mean) / (past + 1)
        value = loss.value + play.hp.history_weight * away * (past > 0)
        return Loss(value, loss.logs, {**loss.state, **state})
