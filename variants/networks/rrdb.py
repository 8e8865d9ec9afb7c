"""Residual-in-residual dense blocks (Wang et al. 2018, ESRGAN, arXiv:1809.00219)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.enlarging import SKIP, Around, Enlarging, Layers, Scaled, last
from gan_bench.variants.networks.registry import register_family

DENSE, FAINT = 5, 0.1  # convolutions of a dense block, and the factor of their initial weights
BLOCKS = 3  # dense blocks of each residual one


class Dense(nn.Module):
    """Convolutions of which each sees the features and the outputs of all before it.

    Args:
        width: channels of the features, and of what is returned.
        growth: channels of each output but the last.
    """

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        outputs = [growth] * (DENSE - 1) + [width]
        self.convs = nn.ModuleList(
            Scaled(width + n * growth, features, FAINT) for n, features in enumerate(outputs)
        )
        self.activation = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[batch, width, h, w]`` to the same shape; nothing follows the last convolution."""
        *inner, end = self.convs
        for conv in inner:
            x = torch.cat((x, self.activation(conv(x))), dim=1)
        return end(x)


@register_family("rrdb", version=2)
class RRDB(Enlarging):
    """Dense blocks within residual blocks at low resolution, then doublings by nearest neighbours.

    As BasicSR has them (archs/rrdbnet_arch.py): no norm, residuals times 0.2, dense blocks begin with a tenth
    of the usual weights, a convolution after each doubling and two at the end. By default the bicubic image
    is added, which the paper's form (``skip = none``) lacks.
    """

    declared = {
        "width": Hyperparameter(64, "structural", "channels", low=1),
        "growth": Hyperparameter(32, "structural", "channels that each dense convolution adds", low=1),
        "blocks": Hyperparameter(23, "structural", "residual blocks of three dense ones each", low=0),
        "scale": Hyperparameter(0.2, "structural", "factor of residuals", low=0.0, open_low=True),
        **SKIP,
    }

    def layers(self, channels: int, makes: int, times: int, faint: bool) -> Layers:
        """Return RRDBNet."""
        o, w = self.options, self.options.width

        def same(before: int = w) -> nn.Module:
            return nn.Conv2d(before, w, 3, padding=1)

        def block() -> nn.Module:
            return Around([Around([Dense(w, o.growth)], o.scale) for _ in range(BLOCKS)], o.scale)

        start = [same(channels), Around([*(block() for _ in range(o.blocks)), same()])]
        doubled: Layers = []
        for _ in range(times):
            doubled += [nn.Upsample(scale_factor=2), same(), nn.LeakyReLU(0.2)]
        return [*start, *doubled, same(), nn.LeakyReLU(0.2), last(w, makes, 3, faint)]
