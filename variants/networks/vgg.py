"""Critics in VGG's style, as in SRGAN and ESRGAN: pairs of convolutions, then dense layers."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.inputs import channel_count, flat_width
from gan_bench.variants.networks.layers import ACTIVATIONS, Pair, Stack, View
from gan_bench.variants.networks.maps import Size, common_size, read, split
from gan_bench.variants.networks.registry import register_family

SMALLEST = 4  # side of the last maps; those that would become smaller are not halved


@register_family("vgg", version=2)
class VGG(Family):
    """Critics of one score: a convolution of 3x3 and one of stride 2 for each halving, and two dense layers.

    By default those of SRGAN (arXiv:1609.04802, figure 4): 4 halvings, 64 to 512 channels, a dense layer of
    1,024. ESRGAN's for 128 pixels has ``halvings = 5``, ``kernel = 4`` and ``hidden = 100`` (BasicSR,
    archs/discriminator_arch.py). There are fewer halvings for small images. The norm follows every
    convolution but the first. Further images, and maps of labels, are joined as channels; labels, as one-hot
    vectors, and vectors become constant channels.
    """

    channels_last = True
    declared = {
        "width": Hyperparameter(
            64, "structural", "channels before the first halving; they double with each, to 8 times as many",
            low=1,
        ),
        "halvings": Hyperparameter(4, "structural", "at most", low=1),
        "kernel": Hyperparameter(3, "structural", "side of the kernels of stride 2", low=3, high=4),
        "hidden": Hyperparameter(1024, "structural", "units of the dense layer", low=1),
        "critic_activation": Hyperparameter(
            "leaky_relu", "structural", "after each layer", choices=ACTIVATIONS
        ),
    }  # fmt: skip

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return the critic; logits are further outputs of the last layer."""
        size, o = common_size(inputs), self.options
        if size is None or min(size) < SMALLEST:
            why = f"images of one size, with sides of at least {SMALLEST}, are expected; mlp takes any shape"
            raise self.lacks("critic", inputs, why)
        maps, others = split(inputs)
        recipe = Recipe(norm, activation=o.critic_activation)
        layers, features, size = self._halved(
            sum(map(channel_count, maps)) + flat_width(others), size, recipe
        )
        end = [View(1 + classes), Pair((), (classes,))] if classes else [View()]
        return Stack(
            *read(inputs), *layers, nn.Flatten(), nn.Linear(features * size[0] * size[1], o.hidden),
            recipe.activate(), nn.Linear(o.hidden, 1 + classes), *end,
        )  # fmt: skip

    def _halved(self, channels: int, size: Size, recipe: Recipe) -> tuple[list[nn.Module], int, Size]:
        """Return the convolutions, the channels of their features, and the size of their maps."""
        o, layers = self.options, []
        for n in range(o.halvings):
            half = tuple((side + 1) // 2 if o.kernel % 2 else side // 2 for side in size)
            if n and min(half) < SMALLEST:
                break
            features = o.width * min(2**n, 8)
            plain = recipe if n else replace(recipe, norm="none")
            layers += [*plain.same(channels, features, 3, size), recipe.activate()]
            size = half[0], half[1]
            layers += [*recipe.strided(features, features, o.kernel, size), recipe.activate()]
            channels = features
        return layers, channels, size
