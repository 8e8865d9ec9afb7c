"""Layers that networks of different roles share."""

from __future__ import annotations

from torch import nn

from gan_bench.variants.declarations import Tied


def weighted_layers(network: nn.Module) -> tuple[str, ...]:
    """Return the full names of the layers that have weights of their own, from input to output."""
    return tuple(
        name for name, layer in network.named_modules() if list(layer.named_parameters(recurse=False))
    )


def tied(network: nn.Module, to: str, *, first: int = 0, last: int = 0) -> Tied | nn.Module:
    """Return a network that shares its first or last layers with another role.

    Args:
        network: a network of the same layers as the other role's, where they are shared.
        to: the other role.
        first, last: number of shared layers with weights; the network itself is returned if both are 0.
    """
    names = weighted_layers(network)
    shared = (*names[:first], *names[max(first, len(names) - last) :])
    return Tied(network, to, shared) if shared else network
