"""Declared noise: a game declares its draws, the engine draws them per replica from named streams."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Law = Literal[
    "normal", "antithetic", "uniform", "sphere", "integers", "categorical", "bernoulli", "permutation"
]


@dataclass(frozen=True)
class Noise:
    """One random tensor that a round needs, described for one sample of the batch.

    Attributes:
        shape: of one sample; the tensor that arrives is ``[batch, *shape]``.
        law: ``normal`` N(0, 1); ``antithetic`` the same in opposite pairs over the batch, so that a batch's
            mean is 0; ``uniform`` on [low, high); ``sphere`` of radius sqrt(d), so that each
            coordinate has variance 1; ``integers`` in [low, high) (int64); ``categorical`` 0, 1, ... with
            probabilities ``weights`` (int64); ``bernoulli`` 0/1 floats that are 1 with probability ``p``;
            ``permutation`` of the batch (int64, shape ``[batch]``).
        low, high: bounds of ``uniform`` and ``integers``.
        scale: factor of every draw of a floating law.
        p: probability of a one under ``bernoulli``.
        weights: of the values of ``categorical``; their sum is 1.
    """

    shape: tuple[int, ...] = ()
    law: Law = "normal"
    low: float = 0.0
    high: float = 1.0
    p: float = 0.5
    scale: float = 1.0
    weights: tuple[float, ...] = ()

    @property
    def floating(self) -> bool:
        """Return whether the tensor is of the training dtype, not of integers."""
        return self.law not in ("integers", "categorical", "permutation")

    def draw(self, rows: int, batch: int, generator: torch.Generator) -> Tensor:
        """Draw ``[rows, batch, *shape]`` from one generator, on its device, float32 or int64."""
        drawn = self._draw(rows, batch, generator)
        return drawn.mul_(self.scale) if self.floating and self.scale != 1.0 else drawn

    def _draw(self, rows: int, batch: int, generator: torch.Generator) -> Tensor:
        size = (rows, batch, *self.shape)
        device = generator.device
        match self.law:
            case "normal":
                return torch.randn(size, generator=generator, device=device)
            case "antithetic":
                half = torch.randn((rows, -(-batch // 2), *self.shape), generator=generator, device=device)
                return torch.cat((half, -half), dim=1)[:, :batch]
            case "uniform":
                unit = torch.rand(size, generator=generator, device=device)
                return unit.mul_(self.high - self.low).add_(self.low)
            case "sphere":
                points = torch.randn((rows, batch, math.prod(self.shape)), generator=generator, device=device)
                radius = math.sqrt(points.shape[-1])
                return torch.nn.functional.normalize(points, dim=-1).mul_(radius).reshape(size)
            case "integers":
                low, high = int(self.low), int(self.high)
                return torch.randint(low, high, size, generator=generator, device=device)
            case "categorical":
                weights = torch.tensor(self.weights, dtype=torch.float64, device=device)
                return torch.multinomial(weights, math.prod(size), True, generator=generator).reshape(size)
            case "bernoulli":
                return torch.rand(size, generator=generator, device=device).lt_(self.p)
            case "permutation":
                keys = torch.rand((rows, batch), generator=generator, device=device)
                return keys.argsort(dim=1)
        raise ValueError(f"unknown law of noise {self.law!r}")


def latent(dimension: int, law: str, scale: float = 1.0) -> Noise:
    """Return the latent prior ``normal``, ``uniform`` (the cube [-1, 1)^d) or ``sphere``, times ``scale``."""
    if law == "uniform":
        return Noise((dimension,), "uniform", low=-1.0, high=1.0, scale=scale)
    if law in ("normal", "sphere"):
        return Noise((dimension,), law, scale=scale)  # type: ignore[arg-type]
    raise ValueError(f"a latent law is normal, uniform or sphere, not {law!r}")


def label(classes: int, weights: tuple[float, ...] | None) -> Noise:
    """Return labels 0 to ``classes`` - 1 with these probabilities; ``None``: all equally frequent."""
    if weights is None or len({*weights}) == 1:
        return Noise((), "integers", low=0, high=classes)
    return Noise((), "categorical", weights=weights)
