"""Blocks of convolutional networks: normalised convolutions and residual blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import nn

from gan_bench.variants.networks.layers import Dropout, activation_layer
from gan_bench.variants.networks.maps import Size
from gan_bench.variants.networks.norms import AdaptiveNorm, InstanceNorm, norm_layer
from gan_bench.variants.networks.styles import Residual


@dataclass(frozen=True)
class Recipe:
    """The settings that the blocks of one network share.

    Attributes:
        norm: ``none``, ``batch``, ``instance``, ``layer``, ``virtual`` or ``adaptive``.
        affine: of ``instance``.
        style: size of the style of ``adaptive``.
        activation: between convolutions.
        reflect: pad stride-1 convolutions by reflection instead of zeros.
        dropout: share of features dropped inside :meth:`residual`.
    """

    norm: str = "none"
    affine: bool = False
    style: int = 0
    activation: str = "relu"
    reflect: bool = False
    dropout: float = 0.0

    def normalise(self, features: int, size: Size) -> list[nn.Module]:
        """Return the normalisation of maps with these channels and size.

        ``instance`` is left out on maps of one position, as in pix2pix's innermost layer. ``layer``
        normalises over channels and positions, with a scale and a shift per channel (MUNIT, networks.py).
        """
        if self.norm == "adaptive":
            return [AdaptiveNorm(features, self.style)]
        if self.norm == "instance":
            return [InstanceNorm(features, self.affine)] if math.prod(size) > 1 else []
        if self.norm == "layer":
            return [nn.GroupNorm(1, features)]
        return norm_layer(self.norm, features, size)

    def shifts(self, size: Size) -> bool:
        """Return whether a convolution to maps of this size has a bias.

        Batch, instance, adaptive and virtual normalisation subtract each channel's mean, and so the bias.
        """
        alone = self.norm == "instance" and math.prod(size) == 1
        return self.norm in ("none", "layer") or alone

    def activate(self) -> nn.Module:
        """Return the activation."""
        return activation_layer(self.activation)

    def same(self, channels: int, features: int, kernel: int, size: Size) -> list[nn.Module]:
        """Return a convolution that keeps the size, of an odd kernel, and its normalisation."""
        conv = nn.Conv2d(
            channels, features, kernel, padding=kernel // 2, bias=self.shifts(size),
            padding_mode="reflect" if self.reflect else "zeros",
        )  # fmt: skip
        return [conv, *self.normalise(features, size)]

    def strided(
        self, channels: int, features: int, kernel: int, size: Size, stride: int = 2
    ) -> list[nn.Module]:
        """Return a convolution of padding 1 to maps of ``size``, and its normalisation."""
        bias = self.shifts(size)
        conv = nn.Conv2d(channels, features, kernel, stride=stride, padding=1, bias=bias)
        return [conv, *self.normalise(features, size)]

    def transposed(
        self, channels: int, features: int, kernel: int, size: Size, odd: Size = (0, 0)
    ) -> list[nn.Module]:
        """Return a transposed convolution of stride 2 and padding 1, and its normalisation.

        Args:
            channels, features: before and after.
            kernel: side of the kernel.
            size: of the maps after.
            odd: rows and columns that are added at the end, to reach ``size``.
        """
        bias = self.shifts(size)
        conv = nn.ConvTranspose2d(
            channels, features, kernel, stride=2, padding=1, output_padding=odd, bias=bias
        )
        return [conv, *self.normalise(features, size)]

    def residual(self, channels: int, size: Size) -> Residual:
        """Return a block of two 3x3 convolutions as in CycleGAN (models/networks.py, ResnetBlock)."""
        first, second = self.same(channels, channels, 3, size), self.same(channels, channels, 3, size)
        dropped = [Dropout((channels, *size), self.dropout)] if self.dropout > 0.0 else []
        return Residual([*first, self.activate(), *dropped, *second])

    def falling(
        self, channels: int, features: int, size: Size, *, halve: bool = True, first: bool = False
    ) -> Residual:
        """Return a critic's block as in SNGAN (dis_models/resblocks.py).

        Args:
            channels, features: before and after.
            size: of the maps before.
            halve: pool the block's output by averages of 2x2.
            first: the block receives the image, which is neither normalised nor activated before.
        """
        hidden, bias = features if first else channels, self.shifts(size)
        before = [] if first else [*self.normalise(channels, size), self.activate()]
        pool: list[nn.Module] = [nn.AvgPool2d(2)] if halve else []
        branch = [
            *before, *self.same(channels, hidden, 3, size), self.activate(),
            nn.Conv2d(hidden, features, 3, padding=1, bias=bias), *pool,
        ]  # fmt: skip
        matched: list[nn.Module] = (
            [] if channels == features and not halve else [nn.Conv2d(channels, features, 1, bias=bias)]
        )
        return Residual(branch, [*pool, *matched] if first else [*matched, *pool])

    def rising(self, channels: int, features: int, size: Size) -> Residual:
        """Return a generator's block as in SNGAN, which doubles the size (gen_models/resblocks.py).

        Args:
            channels, features: before and after.
            size: of the maps before.
        """
        double, bias = (2 * size[0], 2 * size[1]), self.shifts(size)
        branch = [
            *self.normalise(channels, size), self.activate(), nn.Upsample(scale_factor=2),
            *self.same(channels, features, 3, double), self.activate(),
            nn.Conv2d(features, features, 3, padding=1, bias=bias),
        ]  # fmt: skip
        return Residual(branch, [nn.Upsample(scale_factor=2), nn.Conv2d(channels, features, 1, bias=bias)])
