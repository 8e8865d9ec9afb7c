"""Normalisations that give the same numbers alone and in packs: none changes a buffer in training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.functional import instance_norm

from gan_bench.variants.misfits import Misfit
from gan_bench.variants.supplies import present

NORMS = ("none", "batch", "instance", "layer", "virtual")


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


class InstanceNorm(nn.Module):
    """Instance normalisation: every channel of every sample by its own statistics over positions.

    Ulyanov et al. 2016 (arXiv:1607.08022), in training and evaluation alike.

    Args:
        features: channels.
        affine: scale and shift each channel by trained factors, as StarGAN does; CycleGAN does not.
        eps: added to the variance.
    """

    def __init__(self, features: int, affine: bool = False, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(features)) if affine else None
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``[batch, features, h, w]``.

        Raises:
            Misfit: for maps of one position, which have no variance.
        """
        _check_positions(x)
        return instance_norm(x, weight=self.weight, bias=self.bias, eps=self.eps)


class AdaptiveNorm(nn.Module):
    """Adaptive instance normalisation: the scale and shift of each channel are functions of a style.

    Huang & Belongie 2017 (arXiv:1703.06868), with a dense layer from the style to shifts and
    scales as in MUNIT (Huang et al. 2018, arXiv:1804.04732). The scale is 1 + the layer's output,
    as in StarGAN v2 (core/model.py, AdaIN), so that training begins near plain instance normalisation.

    Args:
        features: channels.
        style: size of the style.
        eps: added to the variance.
    """

    def __init__(self, features: int, style: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.affine = nn.Linear(style, 2 * features)
        self.eps = eps

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Normalise ``[batch, features, h, w]``, then scale and shift by the style ``[batch, size]``.

        Raises:
            Misfit: for maps of one position, which have no variance.
        """
        _check_positions(x)
        shift, scale = self.affine(style)[:, :, None, None].chunk(2, dim=1)
        return instance_norm(x, eps=self.eps) * (1.0 + scale) + shift


NORMALISATIONS = (BatchNorm, VirtualBatchNorm, InstanceNorm, AdaptiveNorm, nn.LayerNorm, nn.GroupNorm)
"""Layers that normalise, with weights or without."""


def _check_positions(x: Tensor) -> None:
    if math.prod(x.shape[2:]) == 1:
        raise Misfit(
            f"instance normalisation sees one value per channel, in a batch of shape {list(x.shape)}"
        )


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
