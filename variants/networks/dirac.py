"""Dirac-GAN's networks of one parameter, for games whose dynamics are known in closed form."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from gan_bench.variants.networks.registry import ArchitectureError, register_family


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

    def forward(self, latent: Tensor) -> Tensor:
        """Map ``[batch, any]`` to ``[batch, *outputs]``."""
        return self.weight.reshape(self.outputs).expand(len(latent), *self.outputs)


class Slope(Signs):
    """A critic psi . x, without a bias."""

    traced: ClassVar[dict[str, str]] = {"psi": "weight"}

    def forward(self, samples: Tensor) -> Tensor:
        """Map ``[batch, *inputs]`` to ``[batch]``."""
        return samples.flatten(1) @ self.weight


@register_family("dirac", radius=1e-3, init="default")
def dirac(
    role: str,
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    *,
    critic_norm: str,
    bounds: tuple[float, float] | None,
    radius: float,
) -> nn.Module:
    """Return theta or psi of Dirac-GAN (Mescheder et al. 2018, definition 2.1).

    Args:
        role: ``generator`` or ``critic``.
        inputs, outputs: shapes of one sample.
        critic_norm: must be ``none``.
        bounds: must be ``None``.
        radius: distance of (theta, psi) from the equilibrium at the start, for samples of one dimension.

    Raises:
        ArchitectureError: for anything but an unbounded generator and a critic that gives a score.
    """
    distance = radius / math.sqrt(2)
    if role == "generator" and bounds is None:
        return Point(outputs, distance)
    if role == "critic" and outputs == () and critic_norm == "none":
        return Slope(math.prod(inputs), distance)
    raise ArchitectureError(
        f"architecture dirac has an unbounded generator and a critic of one score without normalisation, no "
        f"{role} from {inputs} to {outputs} with critic_norm {critic_norm} and bounds {bounds}; mlp has"
    )
