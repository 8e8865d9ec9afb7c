"""Multi-layer perceptrons between any two shapes."""

from __future__ import annotations

import math

from torch import nn

from gan_bench.variants.networks.layers import (
    Autoencoder,
    Bounded,
    Dropout,
    Stack,
    View,
    activation_layer,
    norm_layer,
)
from gan_bench.variants.networks.registry import register_family
from gan_bench.variants.networks.sizing import largest_within, parameter_count


@register_family(
    "mlp",
    hidden=[128, 128],
    critic_hidden=[],
    activation="relu",
    critic_activation="leaky_relu",
    norm="none",
    dropout=0.0,
    init="default",
)
def mlp(
    role: str,
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    *,
    critic_norm: str,
    bounds: tuple[float, float] | None,
    hidden: list[int],
    critic_hidden: list[int],
    activation: str,
    critic_activation: str,
    norm: str,
    dropout: float,
) -> nn.Module:
    """Build a perceptron between two shapes.

    Args:
        role: ``generator`` has the layers ``hidden``; ``critic`` the layers ``critic_hidden`` (by default
            ``hidden`` reversed); ``autoencoder`` the critic's layers and their mirror image, narrowed to
            at most the critic's number of parameters.
        inputs, outputs: shapes of one sample; ``()`` is a score.
        critic_norm: normalisation of a critic's or autoencoder's hidden layers.
        bounds: range of the output, ``None`` where unbounded.
        hidden, critic_hidden: widths.
        activation, critic_activation: of generators, and of the other roles.
        norm: normalisation of a generator's hidden layers.
        dropout: share of a critic's features dropped after each activation.
    """
    critic_layers = critic_hidden or hidden[::-1]
    if role == "generator":
        return _stack(inputs, outputs, hidden, norm, activation, 0.0, bounds)
    if role == "critic":
        return _stack(inputs, outputs, critic_layers, critic_norm, critic_activation, dropout, bounds)

    def autoencoder(scale: float) -> nn.Module:
        encoder = [max(1, int(width * scale)) for width in critic_layers]
        code = _hidden(inputs, encoder, critic_norm, critic_activation, 0.0)
        widths = [math.prod(inputs), *encoder]
        back = _hidden((widths[-1],), encoder[-2::-1], critic_norm, critic_activation, 0.0)
        last = _last(widths[:2][-1], outputs, bounds)
        return Autoencoder(*code, *back, *last, code_layers=len(code))

    critic = _stack(inputs, (), critic_layers, "none", critic_activation, 0.0, None)
    return largest_within(parameter_count(critic), autoencoder)


def _stack(
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    hidden: list[int],
    norm: str,
    activation: str,
    dropout: float,
    bounds: tuple[float, float] | None,
) -> nn.Module:
    last = _last([math.prod(inputs), *hidden][-1], outputs, bounds)
    return Stack(*_hidden(inputs, hidden, norm, activation, dropout), *last)


def _hidden(
    inputs: tuple[int, ...], hidden: list[int], norm: str, activation: str, dropout: float
) -> list[nn.Module]:
    layers: list[nn.Module] = [View(math.prod(inputs))] if len(inputs) != 1 else []
    width = math.prod(inputs)
    for features in hidden:
        layers += [nn.Linear(width, features), *norm_layer(norm, features), activation_layer(activation)]
        if dropout > 0.0:
            layers.append(Dropout(features, dropout))
        width = features
    return layers


def _last(width: int, outputs: tuple[int, ...], bounds: tuple[float, float] | None) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Linear(width, math.prod(outputs))]
    if len(outputs) != 1:
        layers.append(View(*outputs))
    if bounds is not None:
        layers.append(Bounded(*bounds))
    return layers
