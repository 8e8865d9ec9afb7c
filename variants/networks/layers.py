"""Layers that give the same numbers alone and in packs: no random numbers of their own."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.networks.norms import NORMALISATIONS
from gan_bench.variants.noise import Noise
from gan_bench.variants.supplies import Stochastic


class Dropout(Stochastic):
    """Dropout whose mask is declared noise (``nn.Dropout`` draws from the global generator by slot).

    Args:
        features: size of the last dimension, or shape of a sample.
        p: share of features that is dropped.
    """

    def __init__(self, features: int | tuple[int, ...], p: float) -> None:
        super().__init__()
        self.noise = Noise(features if isinstance(features, tuple) else (features,), "bernoulli", p=1.0 - p)
        self.keep = 1.0 - p

    def forward(self, x: Tensor) -> Tensor:
        """Zero ``[n, *features]`` where the mask is 0, and scale the rest by 1 / (1 - p).

        Of a mask ``[batch, *features]`` the first rows are used where n is smaller (groups of ``pac``
        samples); it is repeated where n is larger (several samples of one latent). Without a mask
        (evaluation), this is the identity.
        """
        mask = self.drawn()
        if mask is None:
            return x
        if len(x) > len(mask):
            mask = mask.repeat(math.ceil(len(x) / len(mask)), *[1] * (mask.ndim - 1))
        return x * mask[: len(x)] / self.keep


class Stack(nn.Sequential):
    """A sequence of layers, of which the first takes all inputs.

    Class attributes:
        makes: space of the output of encoders that choose it.
    """

    makes: Space | None = None

    def forward(self, *inputs: Tensor) -> Any:
        """Apply all layers to the inputs ``[batch, ...]``."""
        return self._apply_first(len(self), inputs)

    def hidden(self, *inputs: Tensor) -> Tensor:
        """Return the activations ``[batch, ...]`` that the last layer with weights reads."""
        weighted = [place for place, layer in enumerate(self) if has_weights(layer)]
        return self._apply_first(weighted[-1], inputs)

    def activations(self, *inputs: Tensor) -> list[Tensor]:
        """Return what each layer with weights reads, but for the first one and for normalisations."""
        return self.passed(*inputs)[0]

    def passed(self, *inputs: Tensor) -> tuple[list[Tensor], Any]:
        """Return the `activations` and the output."""
        found: list[Tensor] = []
        x: Any = inputs
        entered = False
        for place, layer in enumerate(self):
            if has_weights(layer) and not isinstance(layer, NORMALISATIONS):
                if entered:
                    found.append(x)
                entered = True
            x = layer(x) if place else layer(*inputs)
        return found, x if len(self) else inputs[0]

    def _apply_first(self, count: int, inputs: tuple[Tensor, ...]) -> Any:
        layers = list(self)[:count]
        x: Any = layers[0](*inputs) if layers else inputs[0]
        for layer in layers[1:]:
            x = layer(x)
        return x


def has_weights(layer: nn.Module) -> bool:
    """Return whether a layer is trained."""
    return next(layer.parameters(), None) is not None


class Autoencoder(Stack):
    """A sequence of an encoder and a decoder.

    Args:
        layers: as for :class:`Stack`.
        code_layers: number of layers of the encoder.
    """

    def __init__(self, *layers: Any, code_layers: int = 0) -> None:
        super().__init__(*layers)
        self.code_layers = code_layers

    def encode(self, x: Tensor) -> Tensor:
        """Return the code of a batch."""
        for layer in list(self)[: self.code_layers]:
            x = layer(x)
        return x


class View(nn.Module):
    """Give every sample of a batch another shape; ``()`` makes it a scalar.

    Args:
        shape: of one sample.
    """

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        """Reshape ``[batch, ...]`` to ``[batch, *shape]``."""
        return x.reshape(len(x), *self.shape)

    def extra_repr(self) -> str:
        """Show the shape."""
        return str(self.shape)


class Pair(nn.Module):
    """The features of a sample cut into two outputs, such as a score and logits.

    Args:
        first, second: shapes of the two for one sample.
    """

    def __init__(self, first: tuple[int, ...], second: tuple[int, ...]) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Cut ``[batch, ...]`` to ``[batch, *first]`` and ``[batch, *second]``, in this order."""
        flat, cut = x.flatten(1), math.prod(self.first)
        return flat[:, :cut].reshape(-1, *self.first), flat[:, cut:].reshape(-1, *self.second)


POOLINGS = ("strided", "average", "max")
ACTIVATIONS = ("relu", "leaky_relu", "elu", "tanh", "sigmoid")


def activation_layer(name: str) -> nn.Module:
    """Return a pointwise activation, one of :data:`ACTIVATIONS`; ``leaky_relu`` has the slope 0.2."""
    layers = {"relu": nn.ReLU, "elu": nn.ELU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
    if name == "leaky_relu":
        return nn.LeakyReLU(0.2)
    return layers[name]()


class Bounded(nn.Module):
    """Squash to the open interval (low, high) by a scaled tanh.

    Args:
        low, high: ends of the interval.
    """

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.centre, self.radius = (high + low) / 2, (high - low) / 2

    def forward(self, x: Tensor) -> Tensor:
        """Apply the scaled tanh pointwise."""
        y = torch.tanh(x)
        return y if (self.centre, self.radius) == (0.0, 1.0) else self.centre + self.radius * y
