"""Convolutions as matrix products over unfolded patches, for packs.

Under ``vmap`` a convolution of K replicas is one of K groups. For few input channels cuDNN calculates these
slower than a batched matrix product of weights and patches.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import fold, unfold


class ProductConv2d(nn.Conv2d):
    """A convolution without groups, with padding by zeros, as a matrix product."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[batch, out, height, width]`` of ``[batch, in, height, width]``."""
        frame: Any = {"kernel_size": self.kernel_size, "padding": self.padding, "stride": self.stride}
        patches = unfold(x, dilation=self.dilation, **frame)
        out = _product(patches, self.weight.flatten(1).T)
        if self.bias is not None:
            out = out + self.bias[:, None]
        return out.unflatten(2, _sides(x, self, _smaller))


class ProductConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution without groups, as a matrix product."""

    def forward(self, x: Tensor, output_size: Any = None) -> Tensor:
        """Return ``[batch, out, height, width]`` of ``[batch, in, height, width]``."""
        if output_size is not None:
            return super().forward(x, output_size)
        frame: Any = {"kernel_size": self.kernel_size, "padding": self.padding, "stride": self.stride}
        patches = _product(x.flatten(2), self.weight.flatten(1))
        out = fold(patches, _sides(x, self, _larger), dilation=self.dilation, **frame)
        return out if self.bias is None else out + self.bias[:, None, None]


PRODUCTS: dict[type[nn.Module], type[nn.Module]] = {
    nn.Conv2d: ProductConv2d,
    nn.ConvTranspose2d: ProductConvTranspose2d,
}


def with_products(skeletons: Mapping[str, nn.Module], most: int) -> dict[str, nn.Module]:
    """Return copies of networks whose narrow convolutions are matrix products.

    Args:
        skeletons: networks by role.
        most: input channels of a narrow convolution, at most; output channels of a transposed one.
    """
    changed = {role: copy.deepcopy(skeleton) for role, skeleton in skeletons.items()}
    for skeleton in changed.values():
        for layer in skeleton.modules():
            if type(layer) in PRODUCTS and _suits(layer, most):
                layer.__class__ = PRODUCTS[type(layer)]
    return changed


def _suits(layer: Any, most: int) -> bool:
    channels = layer.out_channels if layer.transposed else layer.in_channels
    return channels <= most and layer.groups == 1 and layer.padding_mode == "zeros"


def _product(columns: Tensor, matrix: Tensor) -> Tensor:
    """Return ``[batch, m, positions]`` of ``[batch, n, positions]`` and ``[n, m]``, by one product."""
    batch, _, positions = columns.shape
    rows = columns.transpose(1, 2).flatten(0, 1)
    return (rows @ matrix).unflatten(0, (batch, positions)).transpose(1, 2)


def _smaller(layer: Any, axis: int, side: int) -> int:
    reach = layer.dilation[axis] * (layer.kernel_size[axis] - 1)
    return (side + 2 * layer.padding[axis] - reach - 1) // layer.stride[axis] + 1


def _larger(layer: Any, axis: int, side: int) -> int:
    reach = layer.dilation[axis] * (layer.kernel_size[axis] - 1)
    grown = (side - 1) * layer.stride[axis] - 2 * layer.padding[axis] + reach
    return grown + layer.output_padding[axis] + 1


def _sides(x: Tensor, layer: Any, of: Any) -> tuple[int, int]:
    return of(layer, 0, x.shape[-2]), of(layer, 1, x.shape[-1])
