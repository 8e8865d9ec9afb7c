"""Noise of evaluation: the same for all trials on a dataset, from streams named after the dataset."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import overload

import torch
from torch import Tensor

from gan_bench.bench.engine.streams import stream
from gan_bench.variants.noise import Noise

Place = Callable[[Tensor, Noise], Tensor]
"""A function that moves a draw to the device and the dtype of a model."""


@lru_cache(maxsize=8)
def drawn(noise: Noise, count: int, *names: str) -> Tensor:
    """Draw ``[count, ...]`` from the named stream; cached, because all trials on a dataset share it."""
    return noise.draw(1, count, stream(*names))[0]


def stream_names(dataset: str, purpose: str, draw: int) -> tuple[str, ...]:
    """Return the first names of a dataset's streams; draws after the first (0) have streams of their own."""
    return (dataset, purpose) if draw == 0 else (dataset, purpose, f"draw {draw}")


class KeptNoise:
    """Noise of one network's own layers (dropout) that an ability keeps at test time.

    Every call of the network in an ability has a stream of its own, which is read on from one part of the
    samples to the next.

    Args:
        role: of the network.
        layers: noise by layer.
        names: first names of the streams, see :func:`stream_names`.
        place: moves each draw to the model's device and dtype.
    """

    def __init__(self, role: str, layers: Mapping[str, Noise], names: tuple[str, ...], place: Place) -> None:
        self.role, self.layers, self._names, self._place = role, layers, names, place
        self._generators: dict[tuple[str, int], torch.Generator] = {}

    def calls(self, rows: int) -> Sequence[Mapping[str, Tensor]]:
        """Return the noise of the next ``rows`` samples, by call and layer, ``[rows, *shape]`` each."""
        return _Calls(self, rows)

    def draw(self, layer: str, call: int, rows: int) -> Tensor:
        """Draw ``[rows, *shape]`` for a layer in one call of its network."""
        key = (layer, call)
        if key not in self._generators:
            self._generators[key] = stream(*self._names, f"{self.role}.{layer}.{call}")
        noise = self.layers[layer]
        return self._place(noise.draw(1, rows, self._generators[key])[0], noise)


class _Calls(Sequence[Mapping[str, Tensor]]):
    """Noise of the calls of a network, drawn when a call asks for it: there is no last call."""

    def __init__(self, kept: KeptNoise, rows: int) -> None:
        self._kept, self._rows = kept, rows

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Tensor]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Tensor]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]]:
        if isinstance(index, slice):
            raise TypeError("noise is drawn call by call")
        return {layer: self._kept.draw(layer, index, self._rows) for layer in self._kept.layers}

    def __len__(self) -> int:
        return sys.maxsize
