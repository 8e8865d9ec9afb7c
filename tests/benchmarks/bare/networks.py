"""Networks as people write them, of torch's own layers."""

from __future__ import annotations

import copy

from torch import nn


class Unknown(ValueError):
    """A setting or layer that no hand-written loop has."""


def perceptron(inputs: int, outputs: int, hidden: list[int], slope: float) -> nn.Sequential:
    """The same layers as family ``mlp``; slope 0 is ReLU."""
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(slope) if slope else nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def plain(network: nn.Module) -> nn.Sequential:
    """A network of the harness rebuilt of torch's own layers, with torch's own initial weights.

    Raises:
        Unknown: for layers of its own that the harness has no twin of in torch.
    """
    from gan_bench.variants.networks.layers import Bounded, View
    from gan_bench.variants.networks.norms import BatchNorm

    layers: list[nn.Module] = []
    for layer in network.children():
        if isinstance(layer, View):
            if len(layer.shape) > 1:
                layers.append(nn.Unflatten(1, layer.shape))
            elif not (layers and isinstance(layers[-1], nn.Linear)):
                layers.append(nn.Flatten())
        elif isinstance(layer, BatchNorm):
            kind = nn.BatchNorm1d if isinstance(layers[-1], nn.Linear) else nn.BatchNorm2d
            layers.append(kind(len(layer.weight), layer.eps))
        elif isinstance(layer, Bounded):
            if (layer.centre, layer.radius) != (0.0, 1.0):
                raise Unknown(f"no hand-written layer for the range {layer.centre} ± {layer.radius}")
            layers.append(nn.Tanh())
        elif type(layer).__module__.startswith("torch.nn."):
            layers.append(copy.deepcopy(layer).to_empty(device="cpu"))
            getattr(layers[-1], "reset_parameters", bool)()
        else:
            raise Unknown(f"no hand-written twin of layer {type(layer).__name__}")
    return nn.Sequential(*layers)
