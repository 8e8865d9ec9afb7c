"""Normalisations of feature maps, each sample by itself; none keeps statistics."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import instance_norm

from gan_bench.variants.misfits import Misfit


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


def _check_positions(x: Tensor) -> None:
    if math.prod(x.shape[2:]) == 1:
        raise Misfit(
            f"instance normalisation sees one value per channel, in a batch of shape {list(x.shape)}"
        )
