"""How a game's networks are seen in a round: spectrally normalised, or beside a reference batch.

What this needs to remember is the game's state: the singular vectors, the reference batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from gan_bench.variants.base import Play
from gan_bench.variants.network import Network
from gan_bench.variants.networks.spectral import power_step, vectors


class Dress(Protocol):
    """What is done to the network of one role before a loss sees it."""

    role: str

    def state(self) -> dict[str, Tensor]:
        """Return the state at the start."""

    def __call__(self, play: Play) -> tuple[Network, Mapping[str, Tensor]]:
        """Return the network as the round sees it, and the renewed state."""


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
        """Unit vectors u by parameter."""
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
        start: the reference until then ``[n, *shape]``.
        first: takes it from a play, ``None`` where the play has none; leave out to keep ``start``.
    """

    def __init__(
        self, role: str, start: Tensor, first: Callable[[Play], Tensor | None] | None = None
    ) -> None:
        self.role, self.start, self.first = role, start, first
        self._batch, self._known = f"virtual.{role}", f"virtual.{role}.known"

    def state(self) -> dict[str, Tensor]:
        """The reference batch, and whether it is known (1) or still to come (0)."""
        return {self._batch: self.start, self._known: torch.zeros(())}

    def __call__(self, play: Play) -> tuple[Network, Mapping[str, Tensor]]:
        """Set the network beside its reference batch."""
        kept, found = play.state[self._batch], self.first(play) if self.first else None
        if found is None:
            return getattr(play, self.role).beside(kept), {}
        known = play.state[self._known]
        reference = torch.where(known > 0, kept, found)
        renewed = {self._batch: reference, self._known: torch.ones_like(known)}
        return getattr(play, self.role).beside(reference), renewed
