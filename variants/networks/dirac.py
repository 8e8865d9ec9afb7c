"""Dirac-GAN's networks of one parameter, for games whose dynamics are known in closed form."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.registry import register_family


class Signs(nn.Module):
    """A vector of parameters whose entries start at +-``distance``, with equal chances.

    Class attributes:
        traced: symbol -> parameter whose values are kept in the record's history.
    """

    def __init__(self, size: int, distance: float) -> None:
        super().__init__()
        self.distance = distance
        self.weight = nn.Parameter(torch.empty(size))

    def reset(self, generator: torch.Generator) -> None:
        """Draw the signs."""
        self.weight.copy_(torch.randint(0, 2, self.weight.shape, generator=generator) * 2 - 1)
        self.weight.mul_(self.distance)


class Point(Signs):
    """A generator whose output is theta for every latent."""

    traced: ClassVar[dict[str, str]] = {"theta": "weight"}

    def __init__(self, outputs: tuple[int, ...], distance: float) -> None:
        super().__init__(math.prod(outputs), distance)
        self.outputs = outputs

    def forward(self, latent: Tensor, *_: Tensor) -> Tensor:
        """Map ``[batch, any]`` to ``[batch, *outputs]``."""
        return self.weight.reshape(self.outputs).expand(len(latent), *self.outputs)


class Slope(Signs):
    """A critic psi . x, without a bias."""

    traced: ClassVar[dict[str, str]] = {"psi": "weight"}

    def forward(self, samples: Tensor) -> Tensor:
        """Map ``[batch, *inputs]`` to ``[batch]``."""
        return samples.flatten(1) @ self.weight


@register_family("dirac")
class Dirac(Family):
    """Theta and psi of Dirac-GAN (Mescheder et al. 2018, definition 2.1)."""

    declared = {
        "radius": Hyperparameter(
            1e-3, "structural",
            "distance of (theta, psi) from the equilibrium at the start, for samples of one dimension",
            low=0.0, open_low=True,
        )
    }  # fmt: skip

    @property
    def _distance(self) -> float:
        return self.options.radius / math.sqrt(2)

    def generator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return theta, for data without bounds."""
        if makes.bounds is not None:
            raise self.lacks("generator", inputs, f"data without bounds are expected, not {makes}")
        return Point(makes.shape, self._distance)

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return psi, for one input, without a norm or classes."""
        if len(inputs) > 1 or inputs[0].is_label or norm != "none" or classes:
            raise self.lacks(
                "critic", inputs, f"one sample, no norm and no classes are expected, not {norm} and {classes}"
            )
        return Slope(math.prod(inputs[0].shape), self._distance)
