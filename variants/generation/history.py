"""Historical averaging (Salimans et al. 2016): players are held near the mean of their own past."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from variants.base import Build, Loss, Play, as_loss
from variants.hyperparameters import Hyperparameter
from variants.parts import part_mixin
from variants.two_player import TwoPlayer


@part_mixin(
    "history",
    "historical averaging (arXiv:1606.03498, section 3.3)",
    requires=TwoPlayer,
    arguments={"weight": "history_weight"},
    hyperparameters={
        "history_weight": Hyperparameter(1.0, doc="weight of the distance from the mean", low=0.0)
    },
)
class Historical(TwoPlayer):
    """Each player also pays for the squared distance of its parameters from the mean of all past ones."""

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the networks, and remember the shapes of their parameters."""
        networks = super().networks(build)
        players = {role: networks[role] for role in ("critic", "generator")}
        self._shapes = {r: {n: p.shape for n, p in net.named_parameters()} for r, net in players.items()}
        return networks

    def state(self) -> dict[str, Tensor]:
        """Means of the past parameters and the number of past steps, by role."""
        state = super().state()
        for role, shapes in self._shapes.items():
            state |= {f"history.{role}.{n}": torch.zeros(shape) for n, shape in shapes.items()}
            state[f"history.{role}"] = torch.zeros(())
        return state

    def critic_loss(self, play: Play) -> Loss:
        """The objective's critic loss, plus the distance."""
        return self._held("critic", play, super().critic_loss(play))

    def generator_loss(self, play: Play) -> Loss:
        """The objective's generator loss, plus the distance."""
        return self._held("generator", play, super().generator_loss(play))

    def _held(self, role: str, play: Play, loss: Tensor | Loss) -> Loss:
        loss = as_loss(loss)
        past, params = play.state[f"history.{role}"], getattr(play, role).params
        means = {n: play.state[f"history.{role}.{n}"] for n in params}
        away = sum((p - means[n]).square().sum() for n, p in params.items()) * (past > 0)
        state = {f"history.{role}.{n}": means[n] + (p - means[n]) / (past + 1) for n, p in params.items()}
        value = loss.value + play.hp.history_weight * away
        return Loss(value, loss.logs, {**loss.state, **state, f"history.{role}": past + 1})
