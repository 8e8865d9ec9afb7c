"""Images with labels and vectors beside them: sizes, groups of inputs, constant channels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.networks.inputs import Channels, Flat, channel_count, flat_width, is_map
from gan_bench.variants.networks.layers import Bounded, Pair

Size = tuple[int, int]


def size_of(space: Space) -> Size:
    """Return height and width of an image or a map of labels."""
    return space.shape[-2], space.shape[-1]


def common_size(inputs: Sequence[Space]) -> Size | None:
    """Return the size of all images and maps; ``None`` unless the first input is one, and all are equal."""
    sizes = {size_of(space) for space in inputs if is_map(space)}
    return sizes.pop() if is_map(inputs[0]) and len(sizes) == 1 else None


def split(inputs: Sequence[Space]) -> tuple[tuple[Space, ...], tuple[Space, ...]]:
    """Return the spaces of images and maps, and the spaces of labels and vectors."""
    return tuple(filter(is_map, inputs)), tuple(space for space in inputs if not is_map(space))


class Apart(nn.Module):
    """Inputs in two groups: one image of all images and maps, one vector of all labels and vectors.

    Labels become one map of 0 and 1 per class, or a one-hot vector.

    Args:
        inputs: spaces, in the order of the call.

    Attributes:
        channels: of the image.
        width: size of the vector; 0 where there is none.
    """

    def __init__(self, inputs: Sequence[Space]) -> None:
        super().__init__()
        maps, others = split(inputs)
        self.mapped = [is_map(space) for space in inputs]
        self.image, self.vector = Channels(maps), Flat(others) if others else None
        self.channels, self.width = sum(map(channel_count, maps)), flat_width(others)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Map tensors ``[batch, *shape]`` to ``[batch, channels, h, w]`` and ``[batch, width]``."""
        maps = [given for given, mapped in zip(inputs, self.mapped, strict=True) if mapped]
        others = [given for given, mapped in zip(inputs, self.mapped, strict=True) if not mapped]
        return self.image(*maps), None if self.vector is None else self.vector(*others)


def tiled(image: Tensor, vector: Tensor | None) -> Tensor:
    """Return an image ``[batch, channels, h, w]`` with one constant channel per number of a vector."""
    if vector is None:
        return image
    return torch.cat((image, vector[:, :, None, None].expand(-1, -1, *image.shape[2:])), dim=1)


class Tiled(Apart):
    """All inputs as the channels of one image; each number of the vector becomes a constant channel.

    As StarGAN joins domains (model.py), and BicycleGAN codes (models/networks.py).

    Args:
        inputs: spaces, in the order of the call.
    """

    def forward(self, *inputs: Tensor) -> Tensor:  # type: ignore[override]
        """Map tensors ``[batch, *shape]`` to ``[batch, channels + width, h, w]``."""
        return tiled(*super().forward(*inputs))


def read(inputs: Sequence[Space]) -> list[nn.Module]:
    """Return the first layer of a network of one image: none for a single image, else :class:`Tiled`."""
    return [] if len(inputs) == 1 and not inputs[0].is_label else [Tiled(inputs)]


def ends(makes: Space, gaussian: bool = False) -> list[nn.Module]:
    """Return the last layers of a network: into the bounds, or a mean and a logarithm of the variance."""
    if gaussian:
        return [Pair(makes.shape, makes.shape)]
    return [] if makes.bounds is None else [Bounded(*makes.bounds)]
