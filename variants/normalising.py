"""Normalisations of whole networks: spectral normalisation, and virtual batch normalisation's reference.

Their singular vectors and reference batches are state of the game.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from gan_bench.variants.base import Play
from gan_bench.variants.network import Network
from gan_bench.variants.networks.spectral import power_step, vectors


class Normalisation(Protocol):
    """A change of the network of one role before losses use it."""

    role: str

    def state(self) -> dict[str, Tensor]:
        """Return the state at the start."""

    def __call__(self, play: Play) -> tuple[Network, Mapping[str, Tensor]]:
        """Return the network that losses use, and the new state."""


class Spectral:
    """Every weight divided by its spectral norm, from one power iteration per step of the critic.

    Args:
        role: of the network.
        module: its skeleton.
    """

    def __init__(self, role: str, module: nn.Module) -> None:
        self.role, self.module = role, module
        self._start = vectors(module)

    def _name(self, parameter: str) -> str:
        return f"spectral.{self.role}.{parameter}"

    def state(self) -> dict[str, Tensor]:
        """Return the unit vectors u by parameter."""
        return {self._name(name): u for name, u in self._start.items()}

    def __call__(self, play: Play) -> tuple[Network, Mapping[str, Tensor]]:
        """Normalise from the vectors in the state."""
        network = getattr(play, self.role)
        left = {name: play.state[self._name(name)] for name in self._start}
        _, renewed = power_step(self.module, network.params, left)
        seen = network.viewed(lambda params: power_step(self.module, params, left)[0])
        return seen, {self._name(name): u for name, u in renewed.items()}


class Virtual:
    """A reference batch for virtual batch normalisation, fixed by the first round that has one.

    Args:
        role: of the network.
        start: the network's inputs before that round, each ``[n, *shape]``.
        first: returns the inputs of a play, ``None`` where the play has none; without it ``start`` is kept.
    """

    def __init__(
        self,
        role: str,
        start: tuple[Tensor, ...],
        first: Callable[[Play], tuple[Tensor, ...] | None] | None = None,
    ) -> None:
        self.role, self.start, self.first = role, start, first
        self._names = [f"virtual.{role}{f'.{i + 1}' if i else ''}" for i in range(len(start))]
        self._known = f"virtual.{role}.known"

    def state(self) -> dict[str, Tensor]:
        """Return the reference inputs, and a flag: 1 once they are fixed, 0 before."""
        return {**dict(zip(self._names, self.start, strict=True)), self._known: torch.zeros(())}

    def __call__(self, play: Play) -> tuple[Network, Mapping[str, Tensor]]:
        """Return the network with its reference batch."""
        kept = tuple(play.state[name] for name in self._names)
        found = self.first(play) if self.first else None
        if found is None:
            return getattr(play, self.role).beside(*kept), {}
        known = play.state[self._known]
        reference = tuple(torch.where(known > 0, *both) for both in zip(kept, found, strict=True))
        renewed = {**dict(zip(self._names, reference, strict=True)), self._known: torch.ones_like(known)}
        return getattr(play, self.role).beside(*reference), renewed
