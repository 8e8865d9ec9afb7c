"""Inputs of networks that work on maps: images joined as channels, labels projected."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from gan_bench.spaces import Space
from gan_bench.variants.networks.inputs import OneHot

Size = tuple[int, int]


def is_map(space: Space) -> bool:
    """Return whether a sample is an image, or a map of labels ``(h, w)``."""
    return len(space.shape) == (2 if space.is_label else 3)


def is_vector(space: Space) -> bool:
    """Return whether a sample is a vector or one label."""
    return len(space.shape) == (0 if space.is_label else 1)


def size_of(space: Space) -> Size:
    """Return height and width of an image or a map of labels."""
    return space.shape[-2], space.shape[-1]


class Channels(nn.Module):
    """All inputs as the channels of one image.

    Images keep their channels. Labels, one per sample or per position, become one map of 0 and 1 per class.
    A vector becomes one constant map per number. (StarGAN, model.py; BicycleGAN, models/networks.py.)

    Args:
        inputs: their spaces; the first has the size of the image.

    Attributes:
        count: channels of the image.
    """

    def __init__(self, inputs: Sequence[Space]) -> None:
        super().__init__()
        self.size = size_of(inputs[0])
        self.read = nn.ModuleList(
            nn.Identity() if space.classes is None else OneHot(space.classes) for space in inputs
        )
        self.count = sum(space.classes or space.shape[0] for space in inputs)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Map tensors ``[batch, *shape]`` to ``[batch, count, h, w]``."""
        return torch.cat([self._channels(r, x) for r, x in zip(self.read, inputs, strict=True)], dim=1)

    def _channels(self, read: nn.Module, given: Tensor) -> Tensor:
        x = read(given)
        if x.ndim == 2:
            return x[:, :, None, None].expand(-1, -1, *self.size)
        return x.permute(0, 3, 1, 2) if isinstance(read, OneHot) else x


class Projection(nn.Module):
    """The part of a critic's score that depends on a label: the product of its embedding and the features.

    Miyato & Koyama 2018 (arXiv:1802.05637, equation 3).

    Args:
        classes: number of labels.
        features: size of the features.
        window: side of the square of features that one score of a map is computed from, in a convolution of
            stride 1 with padding 1; 0 for features without positions.
    """

    def __init__(self, classes: int, features: int, window: int = 0) -> None:
        super().__init__()
        self.embed = nn.Embedding(classes, features)
        self.window = window

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Map ``[batch, features]`` and labels ``[batch]`` to ``[batch]``; maps to maps of scores."""
        embedded = self.embed(labels)
        if not self.window:
            return (embedded * features).sum(1)
        means = avg_pool2d(features, self.window, stride=1, padding=1)
        return (embedded[:, :, None, None] * means).sum(1)
