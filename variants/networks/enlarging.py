"""Parts of networks that enlarge images: the bicubic image beside which they learn details, and doublings."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.inputs import channel_count, flat_width, is_map
from gan_bench.variants.networks.layers import Stack
from gan_bench.variants.networks.maps import common_size, read, size_of, split
from gan_bench.variants.networks.residual import doublings

Layers = list[nn.Module]

SKIP = {
    "skip": Hyperparameter(
        "bicubic", "structural", "what the network adds details to: the first input enlarged by PyTorch's "
        "bicubic interpolation, or nothing, as published", choices=("bicubic", "none"),
    )
}  # fmt: skip
"""The option of families that enlarge."""


class Scaled(nn.Conv2d):
    """A convolution that keeps the size, with Kaiming's normal weights times a factor, and zero biases.

    Args:
        channels, features: before and after.
        factor: of the initial weights.
        kernel: odd side of the kernel.
    """

    def __init__(self, channels: int, features: int, factor: float, kernel: int = 3) -> None:
        super().__init__(channels, features, kernel, padding=kernel // 2)
        self.factor = factor

    @torch.no_grad()
    def reset(self, generator: torch.Generator) -> None:
        """Fill weights and biases."""
        std = self.factor * math.sqrt(2.0 / self.weight[0].numel())
        self.weight.normal_(0.0, std, generator=generator)
        assert self.bias is not None
        self.bias.zero_()


class Beside(nn.Module):
    """The sum of the first input, enlarged by bicubic interpolation, and of what a network makes.

    Args:
        body: the network, a sequence.
        factor: by which the sides grow.
    """

    def __init__(self, body: Stack, factor: int) -> None:
        super().__init__()
        self.body, self.factor = body, factor

    def forward(self, *inputs: Tensor) -> Tensor:
        """Map tensors ``[batch, *shape]`` to ``[batch, channels, factor h, factor w]``."""
        image = inputs[0]
        if self.factor > 1:
            image = interpolate(image, scale_factor=self.factor, mode="bicubic")
        return image + self.body(*inputs)


class Around(nn.Module):
    """The sum of features and of what layers make of them.

    Args:
        layers: that keep the shape.
        scale: factor of what they make.
    """

    def __init__(self, layers: Layers, scale: float = 1.0) -> None:
        super().__init__()
        self.layers, self.scale = nn.Sequential(*layers), scale

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[batch, features, h, w]`` to the same shape."""
        return x + self.scale * self.layers(x)


class Enlarging(Family):
    """Base of families whose translators keep the size of images or double it some times.

    Further images, and maps of labels, are joined as channels; labels, as one-hot vectors, and vectors
    become constant channels. The last layer is linear, as published: values beyond the bounds are clamped
    where images are restored.
    """

    bounded = False
    channels_last = True

    def translator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return the family's layers, beside the bicubic image unless ``skip = none``."""
        size = common_size(inputs)
        times = doublings(size, size_of(makes)) if size is not None and is_map(makes) else None
        if times is None or min(size or (0,)) < 2:
            why = f"images of one size are expected, which doubles to become {makes}; mlp takes any shape"
            raise self.lacks("translator", inputs, why)
        maps, others = split(inputs)
        channels = sum(map(channel_count, maps)) + flat_width(others)
        beside = self.options.skip == "bicubic"
        if beside and (inputs[0].is_label or inputs[0].shape[0] != makes.shape[0]):
            why = (
                f"{inputs[0]} has other channels than {makes}, to which it cannot be added; take skip = none"
            )
            raise self.lacks("translator", inputs, why)
        body = Stack(*read(inputs), *self.layers(channels, makes.shape[0], times, beside))
        return Beside(body, 2**times) if beside else body

    def layers(self, channels: int, makes: int, times: int, faint: bool) -> Layers:
        """Return the layers from an image to an image.

        Args:
            channels, makes: of both images.
            times: number of doublings.
            faint: begin with almost nothing, so that an untrained network gives the bicubic image.
        """
        raise NotImplementedError


def last(channels: int, makes: int, kernel: int, faint: bool) -> nn.Module:
    """Return the last convolution; a faint one begins with a hundredth of the usual weights."""
    if faint:
        return Scaled(channels, makes, 0.01, kernel)
    return nn.Conv2d(channels, makes, kernel, padding=kernel // 2)
