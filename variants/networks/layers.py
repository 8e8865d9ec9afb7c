"""Layers that give the same numbers alone and in packs: no changing buffers, no random numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks.norms import InstanceNorm
from gan_bench.variants.noise import Noise
from gan_bench.variants.supplies import Stochastic, present


class BatchNorm(nn.Module):
    """Batch normalisation over all dimensions but the second (Ioffe & Szegedy 2015, algorithm 1).

    Training uses the batch's own statistics and keeps none. For evaluation the engine estimates them from
    one fixed pass of the generator (:func:`recording`), then calls the module in ``eval`` mode.

    Args:
        features: channels.
        eps: added to the variance.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.register_buffer("mean", torch.zeros(features), persistent=False)
        self.register_buffer("variance", torch.ones(features), persistent=False)
        self.eps = eps
        self.recording = False

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``[batch, features, ...]``.

        Raises:
            Misfit: in training, for one value per channel, which has no variance.
        """
        if self.training and x.numel() == x.shape[1]:
            raise Misfit(f"BatchNorm sees one value per channel, in a batch of shape {list(x.shape)}")
        if not self.training:
            return nn.functional.batch_norm(
                x, self.mean, self.variance, self.weight, self.bias, training=False, eps=self.eps
            )
        if self.recording:
            over = [d for d in range(x.ndim) if d != 1]
            self.variance, self.mean = torch.var_mean(x, dim=over, correction=1)
        return nn.functional.batch_norm(x, None, None, self.weight, self.bias, training=True, eps=self.eps)


class VirtualBatchNorm(nn.Module):
    """Virtual batch normalisation (Salimans et al. 2016, section 3.5).

    A sample is normalised by the statistics of a fixed reference batch and itself, so that samples of one
    batch do not affect each other: with n references, a sample weighs 1/(n+1).

    Args:
        features: channels.
        eps: added to the variance.
    """

    def __init__(self, features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``[batch, features, ...]``; in the call of the reference, store its statistics.

        Raises:
            RuntimeError: without a reference.
        """
        supply = present()
        within = list(range(2, x.ndim))
        if supply.of_reference:
            variance, mean = torch.var_mean(x, dim=[0, *within], correction=0, keepdim=True)
            supply.statistics[self] = mean, variance, 1.0 / (len(x) + 1)
            return self._scale(x, mean, variance)
        if self not in supply.statistics:
            raise RuntimeError("virtual batch normalisation needs a reference batch: Network.beside")
        mean, variance, share = supply.statistics[self]
        own_mean = x.mean(within, keepdim=True) if within else x
        own_variance = x.var(within, correction=0, keepdim=True) if within else torch.zeros_like(x)
        away = own_mean - mean
        mixed = (1.0 - share) * variance + share * own_variance + share * (1.0 - share) * away.square()
        return self._scale(x, mean + share * away, mixed)

    def _scale(self, x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        shape = (-1, *[1] * (x.ndim - 2))
        unit = (x - mean) / (variance + self.eps).sqrt()
        return unit * self.weight.reshape(shape) + self.bias.reshape(shape)


def is_virtual(module: nn.Module) -> bool:
    """Return whether a network needs a reference batch."""
    return any(isinstance(layer, VirtualBatchNorm) for layer in module.modules())


@contextmanager
def recording(modules: Iterable[nn.Module]) -> Iterator[None]:
    """Record the batch statistics of passes inside a ``with`` block in the modules' BatchNorm buffers.

    The modules are in training mode inside the block, and in ``eval`` mode after it.
    """
    modules = list(modules)
    layers = [layer for module in modules for layer in module.modules() if isinstance(layer, BatchNorm)]
    for module in modules:
        module.train()
    for layer in layers:
        layer.recording = True
    try:
        yield
    finally:
        for layer in layers:
            layer.recording = False
        for module in modules:
            module.eval()


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
        layers = list(self)
        x: Any = layers[0](*inputs) if layers else inputs[0]
        for layer in layers[1:]:
            x = layer(x)
        return x


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


NORMS = ("none", "batch", "instance", "layer", "virtual")
POOLINGS = ("strided", "average", "max")
ACTIVATIONS = ("relu", "leaky_relu", "elu", "tanh", "sigmoid")


def norm_layer(norm: str, features: int, spatial: tuple[int, ...] = ()) -> list[nn.Module]:
    """Return the layers of a normalisation by name, one of :data:`NORMS`.

    Args:
        norm: the name; ``instance`` is left out on maps of one position.
        features: channels.
        spatial: height and width of maps; empty for vectors.

    Raises:
        Misfit: for ``instance`` of vectors, which have no positions.
    """
    match norm:
        case "none":
            return []
        case "batch":
            return [BatchNorm(features)]
        case "virtual":
            return [VirtualBatchNorm(features)]
        case "instance":
            if not spatial:
                raise Misfit("instance normalisation takes maps, not vectors; layer takes any shape")
            return [InstanceNorm(features)] if math.prod(spatial) > 1 else []
        case "layer":
            return [nn.LayerNorm((features, *spatial))]
    raise ValueError(f"a normalisation is one of {', '.join(NORMS)}, not {norm!r}")


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
