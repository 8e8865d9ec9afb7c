"""The interface of an architecture family, which builds networks by purpose."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar, Literal

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit

Purpose = Literal["generator", "encoder", "decoder", "translator", "critic", "autoencoder", "classifier"]
PURPOSES: tuple[Purpose, ...] = (
    "generator", "encoder", "decoder", "translator", "critic", "autoencoder", "classifier",
)  # fmt: skip


class Family:
    """Base of families. A subclass declares options and defines the purposes that it can build.

    Inputs are spaces, in the order in which the network is called. The first input is the main one; a family
    states how it takes the others (labels, codes, styles, further samples), and refuses what it cannot take.
    A network returns tensors ``[batch, *makes.shape]``, unless stated otherwise below. Critics and encoders
    have a method ``hidden`` of the same inputs, which returns the activations that the last layer with
    weights reads, and critics a method ``activations``, which returns those that every such layer but the
    first reads, as a list; without them they play no game that compares or measures these.

    Args:
        options: the values of the options, as attributes.

    Class attributes:
        name: that of the registry.
        declared: options by name, declared as hyperparameters are: type, range, choices, documentation.
        bounded: whether outputs of a space with bounds lie within them; else they are linear, as published,
            and clamped only where samples are restored.
        channels_last: whether kernels, and so activations, may have their channels last in memory, in which
            oneDNN calculates narrow convolutions faster on a CPU; layers must then not ``view`` activations
            (``flatten`` and ``reshape`` they may). Inputs and outputs have the usual order.
    """

    name: ClassVar[str] = ""
    bounded: ClassVar[bool] = True
    channels_last: ClassVar[bool] = False
    declared: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, options: SimpleNamespace) -> None:
        self.options = options

    def generator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a network from a vector, and further inputs such as labels, to data."""
        raise self.lacks("generator", inputs)

    def decoder(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a network from a code (a vector or a map), and further inputs such as a style, to data."""
        raise self.lacks("decoder", inputs)

    def translator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a network from data, and further inputs such as a domain, to data; sizes may differ."""
        raise self.lacks("translator", inputs)

    def encoder(self, inputs: tuple[Space, ...], makes: Space | None, *, gaussian: bool) -> nn.Module:
        """Return a network from data to a code.

        Args:
            inputs: the data, and further inputs.
            makes: the code; ``None`` for a feature map of the family's own size, which the module states as
                its attribute ``makes``.
            gaussian: return a mean and a logarithm of the variance, both ``[batch, *makes.shape]``.
        """
        raise self.lacks("encoder", inputs)

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return a network that scores data, alone or with further inputs.

        It returns scores ``[batch]``, or a map of scores ``[batch, h, w]``.

        Args:
            inputs: what is judged together.
            norm: ``none``, ``batch``, ``instance``, ``layer`` or ``virtual``, inside the network.
            classes: above 0: return a pair, the scores and logits ``[batch, classes]``.
        """
        raise self.lacks("critic", inputs)

    def autoencoder(self, data: Space, *, norm: str) -> nn.Module:
        """Return a network from data to data with at most as many weights as the plain critic.

        Its method ``encode`` returns the code.
        """
        raise self.lacks("autoencoder", (data,))

    def classifier(self, inputs: tuple[Space, ...], classes: int) -> nn.Module:
        """Return a network from data to logits ``[batch, classes]``."""
        raise self.lacks("classifier", inputs)

    def lacks(self, purpose: Purpose, inputs: tuple[Space, ...], why: str = "") -> Misfit:
        """Return the error for a purpose that the family does not have, or inputs that it cannot take."""
        given = f" of {' and '.join(map(str, inputs))}" if inputs else ""
        return Misfit(f"architecture {self.name} has no {purpose}{given}{why and f': {why}'}")
