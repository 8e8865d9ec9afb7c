"""Readers of one replica's training rows: in the order of epochs, of a part, or samples of a law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from gan_bench.bench.engine.subsets import part_of
from gan_bench.datasets.sources import Fields, SampledSource, Source
from gan_bench.variants.declarations import Subset


class Reader(Protocol):
    """Reads rows, with a state that says where it stands."""

    def take(self, count: int) -> Any:
        """Return the next ``count`` indices of a finite source, or samples."""

    def stand(self) -> dict[str, Tensor]:
        """Return where the reader stands, by name; nothing changes these tensors later."""

    def load(self, stand: Mapping[str, Tensor]) -> None:
        """Stand where another reader of the same rows stood."""


class Order:
    """Indices in which one replica reads a finite source: one random permutation per epoch.

    Args:
        length: number of rows of the source.
        generator: draws the permutations.
    """

    def __init__(self, length: int, generator: torch.Generator) -> None:
        self.length = length
        self.generator = generator
        self._rest = torch.empty(0, dtype=torch.int64, device=generator.device)

    def take(self, count: int) -> Tensor:
        """Return the next ``count`` indices, int64 ``[count]``; they may span several epochs."""
        parts = [self._rest]
        held = len(self._rest)
        while held < count:
            parts.append(torch.randperm(self.length, generator=self.generator, device=self.generator.device))
            held += self.length
        indices = torch.cat(parts) if len(parts) > 1 else parts[0]
        self._rest = indices[count:]
        return indices[:count]

    def stand(self) -> dict[str, Tensor]:
        """Return the generator's state and the rest of the epoch."""
        return {"generator": self.generator.get_state(), "rest": self._rest}

    def load(self, stand: Mapping[str, Tensor]) -> None:
        """Stand where another order stood."""
        self.generator.set_state(stand["generator"])
        self._rest = stand["rest"].to(self.generator.device)


class Part:
    """Rows of a part of a stream, in the order of epochs.

    Args:
        rows: of the part: indices of a finite source, or samples.
        order: reads their positions.
    """

    def __init__(self, rows: Tensor | Fields, order: Order) -> None:
        self._rows, self._order = rows, order
        self.stand, self.load = order.stand, order.load

    def take(self, count: int) -> Any:
        """Return the next ``count`` rows."""
        chosen = self._order.take(count)
        return tree_map(lambda rows: rows[chosen], self._rows)


class Sampler:
    """Samples of an infinite source.

    Args:
        source: the source.
        generator: draws them.
    """

    def __init__(self, source: SampledSource, generator: torch.Generator) -> None:
        self._source, self._generator = source, generator

    def take(self, count: int) -> Any:
        """Return ``count`` samples."""
        return self._source.sample(count, self._generator)

    def stand(self) -> dict[str, Tensor]:
        """Return the generator's state."""
        return {"generator": self._generator.get_state()}

    def load(self, stand: Mapping[str, Tensor]) -> None:
        """Stand where another sampler stood."""
        self._generator.set_state(stand["generator"])


def reader(source: Source, generator: torch.Generator, name: str, subset: Subset | None, seed: int) -> Reader:
    """Return the reader of one replica.

    Args:
        source: the training rows of a stream.
        generator: draws order or samples.
        name: of the stream, for messages.
        subset: the part that the game reads; None is all.
        seed: of the replica, which chooses the part.
    """
    if subset is not None:
        rows = tree_map(lambda rows: rows.to(generator.device), part_of(source, name, subset, seed))
        return Part(rows, Order(subset.rows, generator))
    if isinstance(source, SampledSource):
        return Sampler(source, generator)
    return Order(len(source), generator)
