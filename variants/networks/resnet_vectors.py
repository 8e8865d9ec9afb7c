"""Residual networks between images and vectors or scores, as in SNGAN (arXiv:1802.05957)."""

from __future__ import annotations

import math

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.family import Family, Purpose
from gan_bench.variants.networks.inputs import (
    MapJoin,
    are_codes,
    channel_count,
    flat_width,
    is_map,
    vector_layers,
)
from gan_bench.variants.networks.layers import Autoencoder, Stack, View
from gan_bench.variants.networks.map_critic import MapCritic
from gan_bench.variants.networks.maps import Size, common_size, ends, read, split
from gan_bench.variants.networks.mlp import code_critic
from gan_bench.variants.networks.residual import ascent, descent, pyramid
from gan_bench.variants.networks.sizing import largest_within, parameter_count
from gan_bench.variants.networks.styles import Styled


class VectorNetworks(Family):
    """The purposes of :class:`~gan_bench.variants.networks.resnet.ResNet` that have a vector at one end."""

    def generator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a dense layer and blocks that double the side (SNGAN, gen_models/resnet_small.py)."""
        return self._from_vector("generator", inputs, makes, self.options.generator_norm)

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return blocks that halve the side, and a score of their sum (SNGAN, snresnet_small.py).

        Of vectors alone, return two dense layers of 4 * width and a score.
        """
        o = self.options
        if are_codes(inputs):
            return code_critic(inputs, [4 * o.width, 4 * o.width], norm, o.critic_activation, classes)
        size = self._size("critic", inputs)
        maps, others = split(inputs)
        vectors = [space for space in others if not space.is_label]
        recipe = Recipe(norm, o.affine, activation=o.critic_activation)
        layers = descent(sum(map(channel_count, maps)), size, o.width, recipe)
        features = pyramid(size, o.width)[-1][1]
        join = MapJoin(features, vectors, o.critic_activation) if vectors else None
        body = Stack(*read(maps), *layers)
        return MapCritic(inputs, body, join, width=features, window=0, classes=classes)

    def autoencoder(self, data: Space, *, norm: str) -> nn.Module:
        """Return an encoder and a generator, narrowed to at most the critic's size."""
        size, o = self._size("autoencoder", (data,)), self.options

        def autoencoder(scale: float) -> nn.Module:
            width = max(1, int(o.width * scale))
            recipe = Recipe(norm, o.affine, activation=o.critic_activation)
            coarse, features = pyramid(size, width)[-1]
            flat = features * math.prod(coarse)
            down = [*descent(channel_count(data), size, width, recipe), View(flat), nn.Linear(flat, features)]
            up = ascent(features, size, channel_count(data), width, recipe)
            return Autoencoder(*down, *up, *ends(data), code_layers=len(down))

        plain = self.critic((data,), norm="none", classes=0)
        return largest_within(parameter_count(plain), autoencoder)

    def classifier(self, inputs: tuple[Space, ...], classes: int) -> nn.Module:
        """Return blocks that halve the side, and a dense layer."""
        return self._to_vector("classifier", inputs, Space((classes,)), False)

    def _from_vector(self, purpose: Purpose, inputs: tuple[Space, ...], makes: Space, norm: str) -> nn.Module:
        size, o = self._size(purpose, (makes,)), self.options
        if any(map(is_map, inputs)):
            raise self.lacks(purpose, inputs, "vectors and labels are expected; a translator takes images")
        recipe = self._recipe(norm)
        if norm != "adaptive":
            layers = ascent(flat_width(inputs), size, channel_count(makes), o.width, recipe)
            return Stack(*vector_layers(inputs), *layers, *ends(makes))
        first = inputs[:1]
        layers = ascent(flat_width(first), size, channel_count(makes), o.width, recipe)
        return Styled(inputs, [*vector_layers(first), *layers, *ends(makes)], 4 * o.width)

    def _to_vector(
        self, purpose: Purpose, inputs: tuple[Space, ...], makes: Space, gaussian: bool
    ) -> nn.Module:
        size, o = self._size(purpose, inputs), self.options
        maps, others = split(inputs)
        recipe = Recipe(o.encoder_norm, o.affine, activation=o.critic_activation)
        layers = descent(sum(map(channel_count, maps)) + flat_width(others), size, o.width, recipe)
        coarse, features = pyramid(size, o.width)[-1]
        if o.head == "mean":
            layers.append(nn.AdaptiveAvgPool2d(1))
        else:
            features *= math.prod(coarse)
        shape = (2 * math.prod(makes.shape),) if gaussian else makes.shape
        layers += [View(features), nn.Linear(features, math.prod(shape)), View(*shape)]
        network = Stack(*read(inputs), *layers, *ends(makes, gaussian))
        network.makes = makes
        return network

    def _recipe(self, norm: str, reflect: bool = False) -> Recipe:
        o = self.options
        return Recipe(norm, o.affine, 4 * o.width, o.activation, reflect, o.dropout)

    def _size(self, purpose: Purpose, spaces: tuple[Space, ...]) -> Size:
        """Return the size of all images, of which the first space must be one."""
        size = common_size(spaces)
        if size is None or not pyramid(size, 1):
            why = "images of one size, with even sides above 4, are expected; mlp takes any shape"
            raise self.lacks(purpose, spaces, why)
        return size
