"""Networks of your own: a generator and a critic. Change the layers.

Train them:   python -m bench run --suite ring --architecture template --plugin FILE
Check them:   python -m bench check FILE
"""

import math

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants import Hyperparameter
from gan_bench.variants.networks import Family, register_family
from gan_bench.variants.networks.inputs import Flat
from gan_bench.variants.networks.layers import Bounded, Stack, View


@register_family("template")
class Template(Family):
    """Perceptrons with one hidden layer."""

    # Options, given as --architecture 'template, width=32' or in a suite's [architectures.LABEL].
    declared = {"width": Hyperparameter(64, "structural", "features of the hidden layer", low=1)}

    # Inputs are spaces (shape, bounds, classes), in the order in which the network is called.
    # `makes` is the space of what it makes: its bounds are kept by a tanh that is scaled to them.
    def generator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a network from latents, and labels if there are some, to samples."""
        bounded = [Bounded(*makes.bounds)] if makes.bounds else []
        return Stack(*self.layers(inputs, math.prod(makes.shape)), View(*makes.shape), *bounded)

    # norm: none, batch, instance, layer, virtual. classes: number of class outputs beside the score, or 0.
    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return a network from samples, and what else is judged with them, to a score for each."""
        if norm not in ("none", "layer") or classes:
            expected = f"norm none or layer and no classes, not {norm} and {classes}"
            raise self.lacks("critic", inputs, f"it takes {expected}")  # planning shows this sentence
        between = [nn.LayerNorm(self.options.width)] if norm == "layer" else []
        return Stack(*self.layers(inputs, 1, *between), View())

    def layers(self, inputs: tuple[Space, ...], outputs: int, *between: nn.Module) -> list[nn.Module]:
        """Return the layers from flattened inputs to numbers."""
        vector, width = Flat(inputs), self.options.width  # samples flattened, labels as one-hot vectors
        hidden = [vector, nn.Linear(vector.width, width), *between, nn.LeakyReLU(0.2)]
        return [*hidden, nn.Linear(width, outputs)]
