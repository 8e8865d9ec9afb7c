"""Gradient penalties: the points, the target norm and the power.

A penalty is an object, so that *objective + penalty + normalisation* compose: WGAN-GP is the Wasserstein
objective with ``GradientPenalty(points="interpolates", target=1)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Literal

from torch import Tensor

from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.network import Network, Score
from gan_bench.variants.noise import Noise

ALLOW = "allow_batchnorm_penalty"
Draw = tuple[str, int]
"""Name of a penalty's draw, and number of the judged input that it is for."""


@dataclass(frozen=True)
class GradientPenalty:
    """scale * weight * mean((||grad D(x)|| - target)^power), per-sample norms over all dimensions of x.

    Attributes:
        points: ``interpolates`` between real and fake, one uniform weight per pair (Gulrajani et al. 2017,
            algorithm 1); ``perturbed`` real samples, x + a b std(x) u with u uniform on the unit cube, one
            uniform a per sample and b = 0.5 (DRAGAN); ``real``; ``fake``.
        target: the norm without penalty.
        power: of the distance from the target.
        default_weight: the weight in the paper.
        weight: name of the hyperparameter that is the weight; two penalties of a game have two.
        scale: constant factor beside the weight (1/2 in R1).
        log: name of the unweighted penalty in the history.
    """

    points: Literal["interpolates", "perturbed", "real", "fake"] = "interpolates"
    target: float = 1.0
    power: float = 2.0
    default_weight: float = 10.0
    weight: str = "penalty_weight"
    scale: float = 1.0
    log: str = "penalty"

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Return the hyperparameters that a variant with this penalty declares."""
        return {
            self.weight: Hyperparameter(
                self.default_weight, doc=f"weight of the gradient penalty ({self.points} points)", low=0.0
            ),
            ALLOW: Hyperparameter(
                False, "structural", "penalise a critic with BatchNorm, whose samples share their gradients"
            ),
        }

    def noise(self, shapes: Sequence[tuple[int, ...]]) -> dict[Draw, Noise]:
        """Return the noise that a round with this penalty draws, for judged inputs of these shapes."""
        along = Noise(law="uniform")
        match self.points:
            case "interpolates":
                return {("interpolation", 0): along}
            case "perturbed":
                units = {("perturbation", i): Noise(shape, "uniform") for i, shape in enumerate(shapes)}
                return {("perturbation_length", 0): along, **units}
        return {}

    def weighted(self, value: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the term that a value of the penalty adds to the critic's loss."""
        weight = getattr(hp, self.weight)
        return (weight if self.scale == 1.0 else self.scale * weight) * value

    def __call__(
        self,
        critic: Network,
        real: tuple[Tensor, ...],
        fake: tuple[Tensor, ...],
        noise: Mapping[Draw, Tensor],
        score: Score | None = None,
    ) -> Tensor:
        """Return the unweighted penalty, a scalar.

        Args:
            critic: the network whose input gradients are penalised.
            real, fake: the judged inputs, each ``[batch, *shape]``; the norm is over all of them.
            noise: the declared draws, ``[batch, ...]``; of a longer batch the first entries are used.
            score: function of critic and inputs to one score per sample; default: the critic's output.
        """
        points = tuple(self._points(i, *sides, noise) for i, sides in enumerate(zip(real, fake, strict=True)))
        squared = sum_of_squares(critic.input_gradient(points, score))
        if self.target == 0.0 and self.power >= 2.0:
            return squared.mean() if self.power == 2.0 else squared.pow(self.power / 2.0).mean()
        # The square root has no derivative at 0, where a fresh critic of rectifiers may well be flat.
        distance = (squared + 1e-12).sqrt() - self.target
        return distance.square().mean() if self.power == 2.0 else distance.abs().pow(self.power).mean()

    def _points(self, number: int, real: Tensor, fake: Tensor, noise: Mapping[Draw, Tensor]) -> Tensor:
        def per_sample(name: str) -> Tensor:
            return noise[name, 0][: len(real)].reshape(-1, *[1] * (real.ndim - 1))

        match self.points:
            case "interpolates":
                return fake + per_sample("interpolation") * (real - fake)
            case "perturbed":
                unit = noise["perturbation", number].reshape(real.shape)
                return real + per_sample("perturbation_length") * (0.5 * real.std(correction=0)) * unit
        return real if self.points == "real" else fake


def sum_of_squares(slopes: tuple[Tensor, ...]) -> Tensor:
    """Return the squared norm of each sample's slopes over all inputs, ``[batch]``."""
    first, *others = (slope.flatten(1).square().sum(1) for slope in slopes)
    for other in others:
        first = first + other
    return first
