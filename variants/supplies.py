"""Tensors that layers receive beside their input, at any depth: their noise, and statistics of a reference.

A `Network` opens a supply for each of its calls; a layer looks its own entry up there. So a layer works in
any module that contains it, and its container need not pass anything on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from gan_bench.variants.noise import Noise


class Stochastic(nn.Module):
    """Base of layers that draw one tensor per call of their network.

    Attributes:
        noise: the declared noise, for one sample.
    """

    noise: Noise

    def drawn(self) -> Tensor | None:
        """Return the draw ``[batch, *noise.shape]`` of the present call; ``None`` in evaluation."""
        return present().draws.get(self)


def noises(network: nn.Module) -> dict[str, Noise]:
    """Return the noise that a network's layers declare, by the layer's full name."""
    return {name: layer.noise for name, layer in network.named_modules() if isinstance(layer, Stochastic)}


@dataclass(slots=True)
class Supply:
    """The tensors of one call.

    Attributes:
        draws: by layer.
        statistics: of the reference, by layer.
        of_reference: whether the call is the reference's own, in which layers store their statistics.
    """

    draws: Mapping[nn.Module, Tensor] = field(default_factory=dict)
    statistics: dict[nn.Module, Any] = field(default_factory=dict)
    of_reference: bool = False


_open: ContextVar[Supply] = ContextVar("supply", default=Supply())  # noqa: B039 - never written to


@contextmanager
def opened(supply: Supply) -> Iterator[None]:
    """Give a supply to all layers that are called in a ``with`` block."""
    token = _open.set(supply)
    try:
        yield
    finally:
        _open.reset(token)


def present() -> Supply:
    """Return the supply of the present call; an empty one outside calls."""
    return _open.get()


def of_layers(network: nn.Module, draws: Mapping[str, Tensor]) -> dict[nn.Module, Tensor]:
    """Return draws by layer, from draws by the layer's full name."""
    return {network.get_submodule(name): tensor for name, tensor in draws.items()}
