"""What a loss may know of another player's optimiser: the steps it would take next, differentiable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from torch import Tensor

from gan_bench.bench.engine.optimisers import Optimiser, Setting
from gan_bench.variants.base import Player
from gan_bench.variants.network import Parameters

Moments = Mapping[str, Parameters]
"""Buffer of the rule -> parameter -> tensor."""


@dataclass(frozen=True)
class Foresight:
    """An optimiser at a moment of the training, for one replica; see :class:`variants.base.Foresight`.

    Attributes:
        optimiser: whose rule it is.
        moments: its state.
        count: its steps done.
        lr, hp: the settings of the moment.
    """

    optimiser: Optimiser
    moments: Moments
    count: Tensor
    lr: Setting
    hp: SimpleNamespace

    def step(self, params: Parameters, slopes: Parameters) -> tuple[Parameters, Foresight]:
        """Parameters after one step down these gradients, and the optimiser after it."""
        count = self.count + 1
        settings = self.optimiser.settings(count, self.lr, self.hp)
        moved: dict[str, Tensor] = {}
        moments: dict[str, dict[str, Tensor]] = {buffer: {} for buffer in self.moments}
        for name, param in params.items():
            now = {k: s.to(param.dtype) if isinstance(s, Tensor) else s for k, s in settings.items()}
            before = {buffer: values[name] for buffer, values in self.moments.items()}
            moved[name], after = self.optimiser.moved(param, before, slopes[name], now)
            for buffer, value in after.items():
                moments[buffer][name] = value
        return moved, replace(self, moments=moments, count=count)


@dataclass(frozen=True)
class Foreseen:
    """The optimisers that a player foresees; by default none.

    Attributes:
        owners: role -> the player that trains it and its optimiser.
        moments, counts: what changes of the optimisers, by role: tensors that they update in place.
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
    ) -> Foreseen:
        """Collect what ``player`` foresees.

        Args:
            player: who foresees.
            players: all players of the game.
            optimisers: by player.
            params: parameters by role, in the order in which optimisers have them.

        Raises:
            ValueError: for a role that is not trained by exactly one other player.
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
    ) -> dict[str, Foresight]:
        """Return them as a `Play` shows them: the same tensors, or those of one replica."""
        return {
            role: Foresight(optimiser, moments[role], counts[role], getattr(hp, f"{name}_lr", hp.lr), hp)
            for role, (name, optimiser) in self.owners.items()
        }
