"""Layers that join the inputs of a network: labels, vectors and feature maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.networks.layers import Stack, View, activation_layer


class OneHot(nn.Module):
    """Labels as vectors of 0 and 1, in the type of the network's weights.

    Args:
        classes: number of labels.
        dim: the dimension of the classes.
    """

    typed: Tensor

    def __init__(self, classes: int, dim: int = -1) -> None:
        super().__init__()
        self.classes, self.dim = classes, dim
        # Empty: it has the type of the weights, whatever the network's other inputs are.
        self.register_buffer("typed", torch.empty(0, device="cpu"), persistent=False)

    def forward(self, labels: Tensor) -> Tensor:
        """Map ``[batch, ...]`` (int64) to ``[batch, ..., classes]``, or with the classes at ``dim``."""
        numbers = torch.arange(self.classes, device=labels.device)
        return (labels.unsqueeze(-1) == numbers).movedim(-1, self.dim).to(self.typed.dtype)


class Flat(nn.Module):
    """All inputs as one vector: samples flattened, labels as one-hot vectors, in the order of the inputs.

    Args:
        inputs: their spaces.

    Attributes:
        width: size of the vector.
    """

    def __init__(self, inputs: Sequence[Space]) -> None:
        super().__init__()
        self.read = nn.ModuleList(
            OneHot(space.classes) if space.classes is not None else nn.Identity() for space in inputs
        )
        self.width = flat_width(inputs)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Map tensors ``[batch, ...]`` to ``[batch, width]``."""
        vectors = [read(given).reshape(len(given), -1) for read, given in zip(self.read, inputs, strict=True)]
        return torch.cat(vectors, dim=1)


def flat_width(inputs: Sequence[Space]) -> int:
    """Return the size of all inputs as one vector."""
    return sum(math.prod(space.shape) * (space.classes or 1) for space in inputs)


def vector_layers(inputs: Sequence[Space]) -> list[nn.Module]:
    """Return the layers that make one vector of all inputs: none for a single vector."""
    alone = len(inputs) == 1 and not inputs[0].is_label
    if alone and len(inputs[0].shape) == 1:
        return []
    return [View(flat_width(inputs))] if alone else [Flat(inputs)]


def is_map(space: Space) -> bool:
    """Return whether samples are images, feature maps ``(channels, h, w)`` or maps of labels ``(h, w)``."""
    return len(space.shape) == (2 if space.is_label else 3)


def are_codes(spaces: Sequence[Space]) -> bool:
    """Return whether samples are vectors, alone or with labels beside the first of them."""
    return len(spaces[0].shape) == 1 and all(len(space.shape) == (not space.is_label) for space in spaces)


def channel_count(space: Space) -> int:
    """Return the channels of an image or feature map, or those that a map of labels becomes."""
    return space.classes or space.shape[0]


class Channels(nn.Module):
    """Maps of one size, joined as channels; maps of labels become one-hot channels.

    Args:
        inputs: their spaces.
    """

    def __init__(self, inputs: Sequence[Space]) -> None:
        super().__init__()
        self.read = nn.ModuleList(
            OneHot(space.classes, dim=1) if space.classes is not None else nn.Identity() for space in inputs
        )

    def forward(self, *inputs: Tensor) -> Tensor:
        """Map tensors ``[batch, channels, h, w]``, or ``[batch, h, w]`` of labels, to one map."""
        return torch.cat([read(given) for read, given in zip(self.read, inputs, strict=True)], dim=1)


class MapJoin(nn.Module):
    """A feature map joined with vectors and labels: each is embedded and joined as channels.

    A vector passes a dense layer, a label an embedding; every position of the map receives the same
    embedding. A convolution of 1x1 then mixes features and embeddings at each position, as in the critic
    of pairs in ALI (Dumoulin et al. 2017, arXiv:1606.00704).

    Args:
        channels: of the map, before and after.
        inputs: spaces of the vectors and labels.
        activation: name of the activation after the mixing.
    """

    def __init__(self, channels: int, inputs: Sequence[Space], activation: str) -> None:
        super().__init__()
        self.embed = nn.ModuleList(embedding(space, channels) for space in inputs)
        self.mix = nn.Conv2d(channels * (1 + len(inputs)), channels, 1)
        self.activation = activation_layer(activation)

    def forward(self, features: Tensor, *inputs: Tensor) -> Tensor:
        """Map ``[batch, channels, h, w]`` and the inputs ``[batch, ...]`` to ``[batch, channels, h, w]``."""
        embedded = [embed(given) for embed, given in zip(self.embed, inputs, strict=True)]
        maps = [e[:, :, None, None].expand(-1, -1, *features.shape[2:]) for e in embedded]
        return self.activation(self.mix(torch.cat((features, *maps), dim=1)))


class Joined(nn.Module):
    """A network of maps that other inputs join on the way.

    Args:
        inputs: spaces, in the order of the call.
        features: layers of the maps.
        join: joins their features with the other inputs.
        head: the last layers.
    """

    makes: Space | None = None

    def __init__(self, inputs: Sequence[Space], features: Stack, join: nn.Module, head: Stack) -> None:
        super().__init__()
        self.maps = [is_map(space) for space in inputs]
        self.features, self.join, self.head = features, join, head

    def forward(self, *inputs: Tensor) -> Any:
        """Apply the layers to the inputs ``[batch, ...]``."""
        return self.head(self._joined(inputs))

    def hidden(self, *inputs: Tensor) -> Tensor:
        """Return the activations ``[batch, ...]`` that the last layer with weights reads."""
        return self.head.hidden(self._joined(inputs))

    def activations(self, *inputs: Tensor) -> list[Tensor]:
        """Return what each layer with weights reads, but for the first one and for normalisations."""
        maps, others = self._apart(inputs)
        found, features = self.features.passed(*maps)
        joined = self.join(features, *others)
        return [*found, features, joined, *self.head.activations(joined)]

    def _joined(self, inputs: Sequence[Tensor]) -> Tensor:
        maps, others = self._apart(inputs)
        return self.join(self.features(*maps), *others)

    def _apart(self, inputs: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return the maps, and the other inputs."""
        maps = [given for given, mapped in zip(inputs, self.maps, strict=True) if mapped]
        return maps, [given for given, mapped in zip(inputs, self.maps, strict=True) if not mapped]


def joined(
    inputs: Sequence[Space], features: list[nn.Module], channels: int, head: list[nn.Module], activation: str
) -> Stack | Joined:
    """Return a network of layers that take all maps among the inputs as channels; others join on the way.

    Args:
        inputs: spaces, in the order of the call.
        features: the layers before other inputs join.
        channels: number of channels of their features.
        head: the layers after it.
        activation: name of the activation after the joining, see :class:`MapJoin`.
    """
    maps = [space for space in inputs if is_map(space)]
    first = [] if len(maps) == 1 and not maps[0].is_label else [Channels(maps)]
    others = [space for space in inputs if not is_map(space)]
    if not others:
        return Stack(*first, *features, *head)
    return Joined(inputs, Stack(*first, *features), MapJoin(channels, others, activation), Stack(*head))


def embedding(space: Space, features: int) -> nn.Module:
    """Return a network from a label or a vector to ``[batch, features]``."""
    if space.classes is not None and space.shape == ():
        return nn.Embedding(space.classes, features)
    return nn.Sequential(*vector_layers((space,)), nn.Linear(flat_width((space,)), features))
