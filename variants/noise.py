"""Declared noise: a game declares its draws, the engine draws them per replica from named streams."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from gan_bench.spaces import Grid

Law = Literal[
    "normal", "antithetic", "uniform", "sphere", "integers", "categorical", "bernoulli", "permutation", "hole"
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
            ``permutation`` of the batch (int64, shape ``[batch]``); ``hole`` 0/1 floats ``[1, h, w]`` that
            are 1 in a rectangle, see :func:`hole`.
        low, high: bounds of ``uniform`` and ``integers``; of ``hole`` the sides' shares of the native grid.
        scale: factor of every draw of a floating law.
        p: probability of a one under ``bernoulli``.
        weights: of the values of ``categorical``; their sum is 1.
        grid: of ``hole``, the native pixels of the images.
        centred: of ``hole``, whether it is in the middle.
    """

    shape: tuple[int, ...] = ()
    law: Law = "normal"
    low: float = 0.0
    high: float = 1.0
    p: float = 0.5
    scale: float = 1.0
    weights: tuple[float, ...] = ()
    grid: Grid | None = None
    centred: bool = False

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
            case "hole":
                return self._holes(torch.rand((rows, batch, 2, 2), generator=generator, device=device))
        raise ValueError(f"unknown law of noise {self.law!r}")

    def _holes(self, chances: Tensor) -> Tensor:
        """Return masks of rectangles; the chances ``[rows, batch, axis, 2]`` decide side and place."""
        assert self.grid is not None
        inside = []
        for axis, spans in enumerate((self.grid.rows, self.grid.columns)):
            first, after = torch.tensor(spans, device=chances.device).unbind(1)
            least, most = (max(1, round(share * len(spans))) for share in (self.low, self.high))
            side = least + (chances[:, :, axis, 0] * (most - least + 1)).long().clamp(max=most - least)
            free = len(spans) - side
            place = free // 2 if self.centred else (chances[:, :, axis, 1] * (free + 1)).long().minimum(free)
            pixels = torch.arange(self.shape[1 + axis], device=chances.device)
            inside.append((pixels >= first[place][..., None]) & (pixels < after[place + side - 1][..., None]))
        across, along = inside
        return (across[..., :, None] & along[..., None, :])[:, :, None].float()


def hole(grid: Grid, size: tuple[int, int], low: float, high: float, *, centred: bool = False) -> Noise:
    """Return masks ``[1, h, w]`` of rectangular holes, 1 within, that leave no trace of what they cover.

    Each hole covers whole native pixels: height and width are drawn apart, uniformly among the whole numbers
    of native pixels from ``low`` to ``high`` times the grid's, and so is the place. In enlarged images it
    reaches as far as these pixels do.

    Args:
        grid: native pixels of the images.
        size: height and width of the images.
        low, high: least and largest side as a share of the image's.
        centred: place it in the middle.
    """
    return Noise((1, *size), "hole", low=low, high=high, grid=grid, centred=centred)


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
