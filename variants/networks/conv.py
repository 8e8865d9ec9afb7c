"""The DCGAN recipe (Radford et al. 2016, arXiv:1511.06434) for square images of side 4s, s >= 4."""

from __future__ import annotations

import math

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.family import Family, Purpose
from gan_bench.variants.networks.inputs import (
    are_codes,
    channel_count,
    flat_width,
    is_map,
    joined,
    vector_layers,
)
from gan_bench.variants.networks.layers import (
    ACTIVATIONS,
    POOLINGS,
    Autoencoder,
    Bounded,
    Pair,
    Stack,
    View,
    activation_layer,
)
from gan_bench.variants.networks.mlp import code_critic
from gan_bench.variants.networks.norms import NORMS, norm_layer
from gan_bench.variants.networks.registry import register_family
from gan_bench.variants.networks.sizing import largest_within, parameter_count

Layers = list[nn.Module]


@register_family("conv", init="normal", aliases=("dcgan",))
class Convolutions(Family):
    """Strided convolutions at three resolutions, side/4 -> side/2 -> side, without dense layers on the way.

    Further images, and maps of labels, are joined as channels. Vectors and labels beside an image are
    embedded and joined at side/4 (:class:`~gan_bench.variants.networks.inputs.MapJoin`); a generator joins
    labels, as one-hot vectors, with its latent vector. Critics of vectors alone, such as the codes of an
    adversarial autoencoder, are perceptrons of two layers of 4 * width.
    """

    declared = {
        "width": Hyperparameter(
            64, "structural", "channels at side/2; twice as many at side/4", low=1
        ),
        "activation": Hyperparameter(
            "relu", "structural", "of generators, decoders and translators", choices=ACTIVATIONS
        ),
        "critic_activation": Hyperparameter(
            "leaky_relu", "structural", "of the other networks", choices=ACTIVATIONS
        ),
        "norm": Hyperparameter(
            "batch", "structural", "of generators', decoders' and translators' inner layers", choices=NORMS
        ),
        "encoder_norm": Hyperparameter(
            "none", "structural", "of encoders, after the second convolution", choices=NORMS, implied=True
        ),
        "pooling": Hyperparameter(
            "strided", "structural", "how critics and encoders halve the side: by convolutions of 4x4, or of "
            "3x3 followed by pooling", choices=POOLINGS,
        ),
    }  # fmt: skip

    def generator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return transposed convolutions from a vector, without a norm on the last."""
        return self._from_vector("generator", inputs, makes)

    def decoder(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a generator; a code that is a map of side/4 passes a convolution of 3x3 instead."""
        if not is_map(inputs[0]):
            return self._from_vector("decoder", inputs, makes)
        side, coarse = self._side("decoder", (makes,)), inputs[0].shape[-2:]
        if coarse != (side // 4, side // 4) or any(map(is_map, inputs[1:])):
            raise self.lacks("decoder", inputs, f"one map is expected, of side {side // 4} to make {makes}")
        o = self.options
        start = _coarse(channel_count(inputs[0]), side, o.width, o.norm, o.activation)
        return joined(inputs, start, 2 * o.width, _rise(makes, o.width, o.norm, o.activation), o.activation)

    def translator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return two halvings, a convolution of 3x3 at side/4, and two doublings."""
        side, o = self._side("translator", inputs), self.options
        if self._side("translator", (makes,)) != side:
            raise self.lacks("translator", inputs, f"the side stays the same, so it cannot make {makes}")
        down = _fall(inputs, o.width, o.norm, o.activation, "strided")
        up = [
            *_coarse(2 * o.width, side, o.width, o.norm, o.activation),
            *_rise(makes, o.width, o.norm, o.activation),
        ]
        return joined(inputs, down, 2 * o.width, up, o.activation)

    def encoder(self, inputs: tuple[Space, ...], makes: Space | None, *, gaussian: bool) -> nn.Module:
        """Return the critic's convolutions; without `makes`, the code is the map of side/4."""
        side, o = self._side("encoder", inputs), self.options
        code = makes or Space((2 * o.width, side // 4, side // 4))
        if len(code.shape) > 1 and code.shape[1:] != (side // 4, side // 4):
            raise self.lacks("encoder", inputs, f"codes are vectors or maps of side {side // 4}, not {code}")
        times = 2 if gaussian else 1
        last: Layers = []
        if len(code.shape) == 3 and (makes or gaussian):
            last = [nn.Conv2d(2 * o.width, times * code.shape[0], 3, padding=1)]
        elif len(code.shape) <= 1:
            size = times * math.prod(code.shape)
            last = [nn.Conv2d(2 * o.width, size, side // 4), View(*(code.shape if times == 1 else (size,)))]
        if gaussian:
            last.append(Pair(code.shape, code.shape))
        elif code.bounds is not None:
            last.append(Bounded(*code.bounds))
        down = _fall(inputs, o.width, o.encoder_norm, o.critic_activation, o.pooling)
        network = joined(inputs, down, 2 * o.width, last, o.critic_activation)
        network.makes = code
        return network

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return convolutions to one score, without a norm on the first; of vectors alone a perceptron."""
        o = self.options
        if are_codes(inputs):
            return code_critic(inputs, [4 * o.width, 4 * o.width], norm, o.critic_activation, classes)
        last: Layers = [View(1 + classes), Pair((), (classes,))] if classes else [View()]
        return self._judge("critic", inputs, norm, 1 + classes, last)

    def classifier(self, inputs: tuple[Space, ...], classes: int) -> nn.Module:
        """Return the critic's convolutions without norms, to one logit per class."""
        return self._judge("classifier", inputs, "none", classes, [View(classes)])

    def autoencoder(self, data: Space, *, norm: str) -> nn.Module:
        """Return a network with a code of 2 * width, narrowed to at most the critic's size."""
        side, o = self._side("autoencoder", (data,)), self.options

        def autoencoder(scale: float) -> nn.Module:
            width = max(1, int(o.width * scale))
            down = _fall((data,), width, norm, o.critic_activation, o.pooling)
            code = [*down, nn.Conv2d(2 * width, 2 * width, side // 4), View(2 * width)]
            back = _spread(2 * width, data, width, norm, o.critic_activation)
            return Autoencoder(*code, *back, code_layers=len(code))

        critic = self._judge("autoencoder", (data,), "none", 1, [View()])
        return largest_within(parameter_count(critic), autoencoder)

    def _from_vector(self, purpose: Purpose, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        o = self.options
        self._side(purpose, (makes,))
        if any(map(is_map, inputs)):
            raise self.lacks(purpose, inputs, "vectors and labels are expected; a translator takes images")
        spread = _spread(flat_width(inputs), makes, o.width, o.norm, o.activation)
        return Stack(*vector_layers(inputs), *spread)

    def _judge(
        self, purpose: Purpose, inputs: tuple[Space, ...], norm: str, outputs: int, last: Layers
    ) -> nn.Module:
        """Return a network from images to ``outputs`` numbers per sample, which pass the ``last`` layers."""
        side, o = self._side(purpose, inputs), self.options
        down = _fall(inputs, o.width, norm, o.critic_activation, o.pooling)
        head = [nn.Conv2d(2 * o.width, outputs, side // 4), *last]
        return joined(inputs, down, 2 * o.width, head, o.critic_activation)

    def _side(self, purpose: Purpose, spaces: tuple[Space, ...]) -> int:
        """Return the side of all images, of which the first space must be one."""
        sides = {side for space in spaces if is_map(space) for side in space.shape[-2:]}
        if not is_map(spaces[0]) or len(sides) != 1 or min(sides) < 16 or min(sides) % 4:
            expected = "images of shape (channels, side, side) are expected, side >= 16 divisible by 4"
            raise self.lacks(purpose, spaces, f"{expected}; mlp takes any shape")
        return sides.pop()


def _fall(inputs: tuple[Space, ...], width: int, norm: str, activation: str, pooling: str) -> Layers:
    """Return the layers from images to the map of side/4, of 2 * width channels."""
    side = inputs[0].shape[-1]
    return [
        *_halving(sum(channel_count(space) for space in inputs if is_map(space)), width, pooling),
        activation_layer(activation),
        *_halving(width, 2 * width, pooling),
        *norm_layer(norm, 2 * width, (side // 4, side // 4)),
        activation_layer(activation),
    ]


def _halving(channels: int, features: int, pooling: str) -> Layers:
    if pooling == "strided":
        return [nn.Conv2d(channels, features, 4, stride=2, padding=1)]
    pool = nn.AvgPool2d(2) if pooling == "average" else nn.MaxPool2d(2)
    return [nn.Conv2d(channels, features, 3, padding=1), pool]


def _coarse(channels: int, side: int, width: int, norm: str, activation: str) -> Layers:
    """Return a convolution at side/4, with its norm and activation."""
    return [
        nn.Conv2d(channels, 2 * width, 3, padding=1),
        *norm_layer(norm, 2 * width, (side // 4, side // 4)),
        activation_layer(activation),
    ]


def _spread(code: int, image: Space, width: int, norm: str, activation: str) -> Layers:
    """Return the layers from a vector to an image."""
    coarse = (image.shape[-1] // 4, image.shape[-1] // 4)
    return [
        View(code, 1, 1),
        nn.ConvTranspose2d(code, 2 * width, coarse[0]),
        *norm_layer(norm, 2 * width, coarse),
        activation_layer(activation),
        *_rise(image, width, norm, activation),
    ]


def _rise(image: Space, width: int, norm: str, activation: str) -> Layers:
    """Return the layers from the map of side/4 to an image."""
    channels, side, _ = image.shape
    layers: Layers = [
        nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
        *norm_layer(norm, width, (side // 2, side // 2)),
        activation_layer(activation),
        nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1),
    ]
    return [*layers, Bounded(*image.bounds)] if image.bounds is not None else layers
