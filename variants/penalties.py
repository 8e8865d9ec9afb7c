"""Gradient penalties: where the points are taken, which norm is the target, to which power.

A penalty is an object, so that *objective + penalty + normalisation* compose: WGAN-GP is the Wasserstein
objective with ``GradientPenalty(points="interpolates", target=1)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from variants.hyperparameters import Hyperparameter
from variants.network import Network
from variants.noise import Noise


@dataclass(frozen=True)
class GradientPenalty:
    """weight * mean((||grad D(x)|| - target)^power), per-sample norms over all dimensions of x.

    The weight is the hyperparameter ``penalty_weight``.

    Attributes:
        points: ``interpolates`` between real and fake, one uniform weight per pair (Gulrajani et al. 2017,
            algorithm 1); ``real``; ``fake``.
        target: the norm that costs nothing.
        power: of the distance from the target.
        default_weight: the paper's.
    """

    points: Literal["interpolates", "real", "fake"] = "interpolates"
    target: float = 1.0
    power: float = 2.0
    default_weight: float = 10.0

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Return the hyperparameters that a variant with this penalty declares."""
        return {
            "penalty_weight": Hyperparameter(
                self.default_weight, doc="weight of the gradient penalty", low=0.0
            )
        }

    def noise(self) -> dict[str, Noise]:
        """Return the noise that a round with this penalty draws."""
        return {"interpolation": Noise(law="uniform")} if self.points == "interpolates" else {}

    def __call__(self, critic: Network, real: Tensor, fake: Tensor, noise: Mapping[str, Tensor]) -> Tensor:
        """Return the unweighted penalty, a scalar.

        Args:
            critic: a network that gives one score per sample.
            real, fake: batches ``[batch, *shape]``.
            noise: holds ``interpolation`` ``[batch]`` where declared.
        """
        if self.points == "interpolates":
            weight = noise["interpolation"].reshape(-1, *[1] * (real.ndim - 1))
            points = fake + weight * (real - fake)
        else:
            points = real if self.points == "real" else fake
        slopes = critic.input_gradient(points).flatten(1)
        squared = slopes.square().sum(1)
        if self.target == 0.0 and self.power == 2.0:
            return squared.mean()
        # The square root has no derivative at 0, where a fresh critic of rectifiers may well be flat.
        distance = (squared + 1e-12).sqrt() - self.target
        return distance.square().mean() if self.power == 2.0 else distance.abs().pow(self.power).mean()
