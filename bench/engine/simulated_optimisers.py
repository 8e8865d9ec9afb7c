"""Other players' optimisers inside a loss: a loss may simulate their next steps and differentiate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from torch import Tensor

from gan_bench.bench.engine.optimisers import Coefficient, Optimiser, decays
from gan_bench.variants.base import Player
from gan_bench.variants.network import Parameters

Moments = Mapping[str, Parameters]
"""Buffer of the rule -> name of the parameter -> tensor."""


@dataclass(frozen=True)
class SimulatedOptimiser:
    """Rule and current state of one replica's optimiser, as :class:`~gan_bench.variants.base.Foresight`.

    Its steps are differentiable and leave the optimiser itself unchanged.

    Attributes:
        optimiser: the optimiser, for its rule.
        moments: its state.
        count: number of its steps so far, a scalar tensor.
        lr, hp: its current learning rate and the current hyperparameters.
    """

    optimiser: Optimiser
    moments: Moments
    count: Tensor
    lr: Coefficient
    hp: SimpleNamespace

    def step(self, params: Parameters, slopes: Parameters) -> tuple[Parameters, SimulatedOptimiser]:
        """Return the parameters after one step along the gradients ``slopes``, and the optimiser after it."""
        count = self.count + 1
        coefficients = self.optimiser.coefficients(count, self.lr, self.hp)
        params_after: dict[str, Tensor] = {}
        moments: dict[str, dict[str, Tensor]] = {buffer: {} for buffer in self.moments}
        for name, param in params.items():
            now = {k: s.to(param.dtype) if isinstance(s, Tensor) else s for k, s in coefficients.items()}
            slope = slopes[name] + self.hp.weight_decay * param if decays(self.hp) else slopes[name]
            before = {buffer: values[name] for buffer, values in self.moments.items()}
            params_after[name], after = self.optimiser.functional_update(param, before, slope, now)
            for buffer, value in after.items():
                moments[buffer][name] = value
        return params_after, replace(self, moments=moments, count=count)


@dataclass(frozen=True)
class ReadableOptimisers:
    """Optimisers whose state one player's loss reads (``Player.foresees``); by default none.

    Attributes:
        owners: role -> the player that trains it and its optimiser.
        moments, counts: state and number of steps of the optimisers, by role: the tensors that they update in
            place.
    """

    owners: Mapping[str, tuple[str, Optimiser]] = field(default_factory=dict)
    moments: Mapping[str, Moments] = field(default_factory=dict)
    counts: Mapping[str, Tensor] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        player: Player,
        players: Sequence[Player],
        optimisers: Mapping[str, Optimiser],
        params: Mapping[str, Parameters],
    ) -> ReadableOptimisers:
        """Return the optimisers of the roles in ``player.foresees``.

        Args:
            player: the player whose loss reads them.
            players: all players of the game.
            optimisers: by name of the player.
            params: parameters by role, in the order of the optimisers' tensors.

        Raises:
            ValueError: for a role that no other player, or more than one, trains.
        """
        owners, moments, counts = {}, {}, {}
        for role in player.foresees:
            training = [other for other in players if role in other.trains and other is not player]
            if len(training) != 1:
                raise ValueError(f"{player.name} foresees {role}, which {len(training)} other players train")
            (owner,) = training
            optimiser = optimisers[owner.name]
            names = [(r, name) for r in owner.trains for name in params[r]]
            owners[role], counts[role] = (owner.name, optimiser), optimiser.count
            moments[role] = {
                buffer: {name: t for (r, name), t in zip(names, tensors, strict=True) if r == role}
                for buffer, tensors in optimiser.state.items()
            }
        return cls(owners, moments, counts)

    def at(
        self, moments: Mapping[str, Moments], counts: Mapping[str, Tensor], hp: Any
    ) -> dict[str, SimulatedOptimiser]:
        """Return the simulated optimisers by role, for `Play.foresight`.

        Args:
            moments, counts: those of this object, or of one of its replicas.
            hp: hyperparameters of the same replicas.
        """
        return {
            role: SimulatedOptimiser(
                optimiser, moments[role], counts[role], getattr(hp, f"{name}_lr", hp.lr), hp
            )
            for role, (name, optimiser) in self.owners.items()
        }
