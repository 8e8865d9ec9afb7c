"""Multi-layer perceptrons between any shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.inputs import flat_width, vector_layers
from gan_bench.variants.networks.layers import (
    ACTIVATIONS,
    Autoencoder,
    Bounded,
    Dropout,
    Pair,
    Stack,
    View,
    activation_layer,
)
from gan_bench.variants.networks.norms import NORMS, norm_layer
from gan_bench.variants.networks.registry import register_family
from gan_bench.variants.networks.sizing import largest_within, parameter_count


@register_family("mlp")
class Perceptron(Family):
    """Perceptrons for every purpose. All inputs become one vector: flattened, labels as one-hot vectors.

    Generators, decoders and translators have the layers `hidden`; critics, encoders and classifiers the
    layers `critic_hidden`; an autoencoder has the critic's layers and their mirror image, narrowed to at most
    the critic's number of parameters.
    """

    declared = {
        "hidden": Hyperparameter(
            (128, 128), "structural", "widths of generators, decoders and translators", low=1
        ),
        "critic_hidden": Hyperparameter(
            (), "structural", "widths of the other networks; empty: `hidden` reversed", low=1
        ),
        "activation": Hyperparameter(
            "relu", "structural", "of generators, decoders and translators", choices=ACTIVATIONS
        ),
        "critic_activation": Hyperparameter(
            "leaky_relu", "structural", "of the other networks", choices=ACTIVATIONS
        ),
        "norm": Hyperparameter(
            "none", "structural", "of generators', decoders' and translators' hidden layers", choices=NORMS
        ),
        "encoder_norm": Hyperparameter(
            "none", "structural", "of encoders' hidden layers", choices=NORMS, implied=True
        ),
        "dropout": Hyperparameter(
            0.0, "structural", "share of features dropped after each activation of critics and encoders",
            low=0.0, high=1.0, open_high=True,
        ),
    }  # fmt: skip

    @property
    def _critic_widths(self) -> list[int]:
        return self.options.critic_hidden or self.options.hidden[::-1]

    def generator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a perceptron with the layers `hidden`; its output is within the bounds."""
        o = self.options
        hidden = _hidden(inputs, o.hidden, o.norm, o.activation)
        return Stack(*hidden, *_last(_width(inputs, o.hidden), makes))

    decoder = translator = generator

    def encoder(self, inputs: tuple[Space, ...], makes: Space | None, *, gaussian: bool) -> nn.Module:
        """Return a perceptron with the layers `critic_hidden`; without `makes`, the last is the code."""
        width = _width(inputs, self._critic_widths)
        if makes is None and not gaussian:
            features = Stack(*self._features(inputs, self.options.encoder_norm))
            features.makes = Space((width,))
            return features
        code = makes or Space((width,))
        if not gaussian:
            return Stack(*self._features(inputs, self.options.encoder_norm), *_last(width, code))
        size = math.prod(code.shape)
        network = Stack(
            *self._features(inputs, self.options.encoder_norm),
            nn.Linear(width, 2 * size),
            Pair(code.shape, code.shape),
        )
        network.makes = code
        return network

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return a perceptron with the layers `critic_hidden`."""
        return scoring(inputs, self._features(inputs, norm), self._critic_widths, classes)

    def classifier(self, inputs: tuple[Space, ...], classes: int) -> nn.Module:
        """Return a perceptron with the layers `critic_hidden`."""
        width = _width(inputs, self._critic_widths)
        return Stack(*self._features(inputs, "none"), nn.Linear(width, classes))

    def autoencoder(self, data: Space, *, norm: str) -> nn.Module:
        """Return the critic's layers and their mirror image, narrowed to at most the critic's size."""
        activation = self.options.critic_activation

        def autoencoder(scale: float) -> nn.Module:
            encoder = [max(1, int(width * scale)) for width in self._critic_widths]
            code = _hidden((data,), encoder, norm, activation)
            widths = [flat_width((data,)), *encoder]
            back = _hidden((Space((widths[-1],)),), encoder[-2::-1], norm, activation)
            return Autoencoder(*code, *back, *_last(widths[:2][-1], data), code_layers=len(code))

        plain = _hidden((data,), self._critic_widths, "none", activation)
        critic = Stack(*plain, nn.Linear(_width((data,), self._critic_widths), 1))
        return largest_within(parameter_count(critic), autoencoder)

    def _features(self, inputs: tuple[Space, ...], norm: str) -> list[nn.Module]:
        """Return the hidden layers of critics and encoders."""
        o = self.options
        return _hidden(inputs, self._critic_widths, norm, o.critic_activation, o.dropout)


def code_critic(
    inputs: Sequence[Space], hidden: list[int], norm: str, activation: str, classes: int
) -> nn.Module:
    """Return a perceptron that scores vectors and labels, of families whose other critics take images.

    Args:
        inputs: spaces of vectors and labels.
        hidden: widths of the layers.
        norm, activation: after each of them.
        classes: above 0: the network returns scores and logits.
    """
    return scoring(inputs, _hidden(inputs, hidden, norm, activation), hidden, classes)


def scoring(inputs: Sequence[Space], features: list[nn.Module], hidden: list[int], classes: int) -> nn.Module:
    """Return a network of hidden layers with a dense layer to a score, and logits where asked for."""
    outputs = nn.Linear(_width(inputs, hidden), 1 + classes)
    return Stack(*features, outputs, Pair((), (classes,)) if classes else View())


def _width(inputs: Sequence[Space], hidden: list[int]) -> int:
    """Return the number of features after the hidden layers."""
    return [flat_width(inputs), *hidden][-1]


def _hidden(
    inputs: Sequence[Space], hidden: list[int], norm: str, activation: str, dropout: float = 0.0
) -> list[nn.Module]:
    layers = vector_layers(inputs)
    width = flat_width(inputs)
    for features in hidden:
        layers += [nn.Linear(width, features), *norm_layer(norm, features), activation_layer(activation)]
        if dropout > 0.0:
            layers.append(Dropout(features, dropout))
        width = features
    return layers


def _last(width: int, makes: Space) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Linear(width, math.prod(makes.shape))]
    if len(makes.shape) != 1:
        layers.append(View(*makes.shape))
    if makes.bounds is not None:
        layers.append(Bounded(*makes.bounds))
    return layers
