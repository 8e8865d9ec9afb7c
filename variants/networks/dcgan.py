"""The DCGAN recipe (Radford et al. 2016, arXiv:1511.06434) for square images of side 4s, s >= 4."""

from __future__ import annotations

import math

from torch import nn

from gan_bench.variants.networks.layers import Autoencoder, Bounded, Stack, View, activation_layer, norm_layer
from gan_bench.variants.networks.registry import ArchitectureError, register_family
from gan_bench.variants.networks.sizing import largest_within, parameter_count


@register_family(
    "dcgan",
    width=64,
    activation="relu",
    critic_activation="leaky_relu",
    norm="batch",
    pooling="strided",
    init="normal",
)
def dcgan(
    role: str,
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    *,
    critic_norm: str,
    bounds: tuple[float, float] | None,
    width: int,
    activation: str,
    critic_activation: str,
    norm: str,
    pooling: str,
) -> nn.Module:
    """Build strided convolutions between a vector and an image: side/4 -> side/2 -> side, no dense layers.

    Args:
        role: ``generator``, ``critic`` or ``autoencoder`` (code of 2 * width, narrowed to at most the
            critic's number of parameters).
        inputs, outputs: ``(d,)`` and ``(channels, side, side)``; ``()`` is a score.
        critic_norm: normalisation inside critics, not on their first layer.
        bounds: range of the output.
        width: channels at the finer of the two inner resolutions; the coarser has twice as many.
        activation, critic_activation: of generators, and of the other roles.
        norm: normalisation of a generator's inner layers.
        pooling: a critic's downsampling: ``strided`` convolutions of 4x4, or convolutions of 3x3 followed by
            ``average`` or ``max`` pooling of 2x2.

    Raises:
        ArchitectureError: for data that are not square images with a side divisible by 4.
    """
    image = outputs if role == "generator" else inputs
    if len(image) != 3 or image[1] != image[2] or image[1] % 4 or image[1] < 16:
        raise ArchitectureError(
            "architecture dcgan joins images of shape (channels, side, side), side >= 16 divisible by 4, "
            f"not {image}; mlp takes any shape"
        )
    if role == "generator":
        return Stack(*_decoder(inputs[0], image, width, norm, activation, bounds))
    if role == "critic":
        return Stack(
            *_encoder(image, math.prod(outputs), width, critic_norm, critic_activation, pooling),
            View(*outputs),
        )
    critic = Stack(*_encoder(image, 1, width, "none", critic_activation, pooling))

    def autoencoder(scale: float) -> nn.Module:
        channels = max(1, int(width * scale))
        encoder = _encoder(image, 2 * channels, channels, critic_norm, critic_activation, pooling)
        decoder = _decoder(2 * channels, image, channels, critic_norm, critic_activation, bounds)
        return Autoencoder(*encoder, *decoder, code_layers=len(encoder))

    return largest_within(parameter_count(critic), autoencoder)


def _decoder(
    code: int,
    image: tuple[int, ...],
    width: int,
    norm: str,
    activation: str,
    bounds: tuple[float, float] | None,
) -> list[nn.Module]:
    channels, side, _ = image
    layers: list[nn.Module] = [
        View(code, 1, 1),
        nn.ConvTranspose2d(code, 2 * width, side // 4),
        *norm_layer(norm, 2 * width, (side // 4, side // 4)),
        activation_layer(activation),
        nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
        *norm_layer(norm, width, (side // 2, side // 2)),
        activation_layer(activation),
        nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1),
    ]
    return [*layers, Bounded(*bounds)] if bounds is not None else layers


def _encoder(
    image: tuple[int, ...], code: int, width: int, norm: str, activation: str, pooling: str
) -> list[nn.Module]:
    channels, side, _ = image
    return [
        *_halving(channels, width, pooling),
        activation_layer(activation),
        *_halving(width, 2 * width, pooling),
        *norm_layer(norm, 2 * width, (side // 4, side // 4)),
        activation_layer(activation),
        nn.Conv2d(2 * width, code, side // 4),
        View(code),
    ]


def _halving(channels: int, features: int, pooling: str) -> list[nn.Module]:
    if pooling == "strided":
        return [nn.Conv2d(channels, features, 4, stride=2, padding=1)]
    pool = nn.AvgPool2d(2) if pooling == "average" else nn.MaxPool2d(2)
    return [nn.Conv2d(channels, features, 3, padding=1), pool]
