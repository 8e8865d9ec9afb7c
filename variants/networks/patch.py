"""PatchGAN critics, which score overlapping squares of an image (Isola et al. 2017, arXiv:1611.07004)."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.inputs import MapJoin, channel_count
from gan_bench.variants.networks.layers import ACTIVATIONS, Stack
from gan_bench.variants.networks.map_critic import MapCritic
from gan_bench.variants.networks.maps import Size, common_size, read, split
from gan_bench.variants.networks.registry import register_family

KERNEL = 4


def receptive_field(layers: int) -> int:
    """Return the side of the square that a score depends on, with some layers of stride 2 (70 for 3)."""
    side = 1 + 2 * (KERNEL - 1)  # two convolutions of stride 1
    for _ in range(layers):
        side = 2 * (side - 1) + KERNEL
    return side


@register_family("patch", version=2, init="normal")
class Patch(Family):
    """Critics with a map of scores; the published one has 3 layers of stride 2 and scores squares of 70x70.

    There are fewer such layers where the square would be larger than the image (34 pixels for 2 layers, 16
    for 1), but at least one. Images and maps of labels among the inputs are joined as channels, as pix2pix
    joins both images. Labels are projected onto the features of each square (Miyato & Koyama 2018), vectors
    are embedded and joined with the features (ALI). Logits are a dense layer of the features' mean over the
    map, where StarGAN has a convolution of the whole map (model.py).
    """

    channels_last = True
    declared = {
        "width": Hyperparameter(
            64, "structural", "channels of the first layer; later ones have twice to 8 times as many", low=1
        ),
        "layers": Hyperparameter(3, "structural", "layers of stride 2, at most", low=1),
        "affine": Hyperparameter(False, "structural", "trained scales and shifts of instance norms"),
        "critic_activation": Hyperparameter(
            "leaky_relu", "structural", "after each layer", choices=ACTIVATIONS
        ),
    }  # fmt: skip

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return 4x4 convolutions, without a norm on the first (models/networks.py, NLayerDiscriminator)."""
        o = self.options
        size = self._size(inputs)
        maps, others = split(inputs)
        vectors = [space for space in others if not space.is_label]
        halvings, recipe = self._halvings(size), Recipe(norm, o.affine, activation=o.critic_activation)
        layers = self._layers(sum(map(channel_count, maps)), size, halvings, recipe)
        features = o.width * min(2**halvings, 8)
        join = MapJoin(features, vectors, o.critic_activation) if vectors else None
        body = Stack(*read(maps), *layers)
        return MapCritic(inputs, body, join, width=features, window=KERNEL, classes=classes)

    def _layers(self, channels: int, size: Size, halvings: int, recipe: Recipe) -> list[nn.Module]:
        """Return the layers before the score: the stride-2 ones, and one of stride 1."""
        width, layers = self.options.width, []
        for n in range(halvings + 1):
            stride, features = 2 if n < halvings else 1, width * min(2**n, 8)
            size = (size[0] // 2, size[1] // 2) if stride == 2 else (size[0] - 1, size[1] - 1)
            plain = replace(recipe, norm="none") if n == 0 else recipe
            layers += [*plain.strided(channels, features, KERNEL, size, stride), recipe.activate()]
            channels = features
        return layers

    def _size(self, inputs: tuple[Space, ...]) -> Size:
        """Return the size of all images, of which the first input must be one."""
        size = common_size(inputs)
        if size is None or min(size) < 6:
            why = "images of one size, with sides of at least 6, are expected; mlp takes any shape"
            raise self.lacks("critic", inputs, why)
        return size

    def _halvings(self, size: Size) -> int:
        fitting = [n for n in range(1, self.options.layers + 1) if receptive_field(n) <= min(size)]
        return max(fitting, default=1)
