"""PatchGAN critics, which score overlapping squares of an image (Isola et al. 2017, arXiv:1611.07004)."""

from __future__ import annotations

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.inputs import MapJoin, channel_count, is_map
from gan_bench.variants.networks.layers import ACTIVATIONS, Stack
from gan_bench.variants.networks.map_critic import MapCritic
from gan_bench.variants.networks.maps import Size, read, size_of, split
from gan_bench.variants.networks.registry import register_family

KERNEL = 4


def receptive_field(layers: int) -> int:
    """Return the side of the square that a score depends on, with some layers of stride 2 (70 for 3)."""
    side = 1 + 2 * (KERNEL - 1)  # two convolutions of stride 1
    for _ in range(layers):
        side = 2 * (side - 1) + KERNEL
    return side


@register_family("patch", init="normal")
class Patch(Family):
    """Critics with a map of scores; the published one has 3 layers of stride 2 and scores squares of 70x70.

    On smaller images there are fewer such layers, as long as the square is larger than the image (34 pixels
    for 2 layers, 16 for 1), but at least one. Images and maps of labels among the inputs are joined as
    channels, as pix2pix joins both images. Labels are projected onto the features of each square (Miyato & Koyama
    2018), vectors are embedded and joined with them. Logits are a dense layer of the features' mean over
    the map, where StarGAN has a convolution of the whole map (model.py).
    """

    declared = {
        "width": Hyperparameter(64, "structural", "channels of the first layer; they double, to 8 times as many", low=1),
        "layers": Hyperparameter(3, "structural", "layers of stride 2, at most", low=1),
        "affine": Hyperparameter(False, "structural", "trained scales and shifts of instance norms"),
        "critic_activation": Hyperparameter("leaky_relu", "structural", "after each layer", choices=ACTIVATIONS),
    }  # fmt: skip

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return 4x4 convolutions, without a norm on the first (models/networks.py, NLayerDiscriminator)."""
        o = self.options
        size = self._size(inputs)
        maps, others = split(inputs)
        vectors = [space for space in others if not space.is_label]
        layers = _layers(maps, size, self._halvings(size), o.width, Recipe(norm, o.affine, activation=o.critic_activation))
        features = o.width * min(2 ** self._halvings(size), 8)
        join = MapJoin(features, vectors, o.critic_activation) if vectors else None
        body = Stack(*read(maps), *layers)
        return MapCritic(inputs, body, join, width=features, window=KERNEL, classes=classes)
