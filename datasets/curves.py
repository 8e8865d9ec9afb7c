"""Points on curves in the plane, with the exact distance to the curve and exact moments."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.sampled import SampledDataset
from gan_bench.datasets.toy import distance_to_parabola

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

VERTICES = 50_001  # of the polygon that approximates a curve, with an error below 1e-7
FAR = 1e150  # coordinates whose squares float64 cannot hold


@register_dataset("sine", kind="planar", title="Sine curve", source="y = sin x, x ~ U(-2 pi, 2 pi)")
def sine() -> Dataset:
    """Return points of y = sin x over two periods, standardised by their exact moments for training."""
    half = 2 * math.pi
    mean, std = (0.0, 0.0), (half / math.sqrt(3), math.sqrt(0.5))

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        x = _uniform(count, generator, dtype).mul_(2 * half).sub_(half)
        return torch.stack((x, x.sin()), dim=1)

    truth = Truth(
        mean=mean,
        std=std,
        distance=distance_to(lambda x: np.stack((x, np.sin(x)), axis=1), -half, half),
        description="x ~ U(-2 pi, 2 pi), y = sin x",
    )
    return SampledDataset("sine", "planar", (2,), truth, draw, shift=mean, scale=std)


@register_dataset(
    "two-curves", kind="planar", title="Two parabolas", source="y = 1 + x^2 or y = -1 - x^2, x ~ U(-2, 2)"
)
def two_curves() -> Dataset:
    """Return points of two parabolas with a gap between them, with equal chances.

    With a = 2: E y = 0 and E y^2 = 1 + 2 a^2 / 3 + a^4 / 5.
    """
    half, lift = 2.0, 1.0
    mean = (0.0, 0.0)
    std = (half / math.sqrt(3), math.sqrt(lift**2 + 2 * lift * half**2 / 3 + half**4 / 5))

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        x = _uniform(count, generator, dtype).mul_(2 * half).sub_(half)
        sign = _uniform(count, generator, dtype).sub_(0.5).sign_()
        return torch.stack((x, sign * (x.square() + lift)), dim=1)

    def distance(points: np.ndarray) -> np.ndarray:
        upper = distance_to_parabola(points, half, lift)
        return np.minimum(upper, distance_to_parabola(np.asarray(points) * [1, -1], half, lift))

    truth = Truth(
        mean=mean,
        std=std,
        distance=distance,
        description="x ~ U(-2, 2), y = s (1 + x^2), s = 1 or -1 with equal chances",
    )
    return SampledDataset("two-curves", "planar", (2,), truth, draw, shift=mean, scale=std)


@register_dataset(
    "spiral",
    kind="planar",
    title="Spiral",
    source="Archimedean, 1.5 turns: t (cos t, sin t) / 4 pi, t ~ U(pi, 4 pi)",
)
def spiral() -> Dataset:
    """Return points of an Archimedean spiral of 1.5 turns, with its outer end on the unit circle.

    Moments are the integrals over t of t cos t, t sin t and of their squares, in closed form.
    """
    low, high = math.pi, 4 * math.pi

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        t = _uniform(count, generator, dtype).mul_(high - low).add_(low)
        return torch.stack((t * t.cos(), t * t.sin()), dim=1).div_(high)

    def average(integral: Callable[[float], float], power: int) -> float:
        return (integral(high) - integral(low)) / (high - low) / high**power

    def cosine_squared(t: float) -> float:
        return t**3 / 6 + t**2 * math.sin(2 * t) / 4 + t * math.cos(2 * t) / 4 - math.sin(2 * t) / 8

    mean = (
        average(lambda t: math.cos(t) + t * math.sin(t), 1),
        average(lambda t: math.sin(t) - t * math.cos(t), 1),
    )
    squares = average(cosine_squared, 2), average(lambda t: t**3 / 3 - cosine_squared(t), 2)
    truth = Truth(
        mean=mean,
        std=(math.sqrt(squares[0] - mean[0] ** 2), math.sqrt(squares[1] - mean[1] ** 2)),
        distance=distance_to(lambda t: np.stack((t * np.cos(t), t * np.sin(t)), axis=1) / high, low, high),
        description="t (cos t, sin t) / (4 pi), t ~ U(pi, 4 pi)",
    )
    return SampledDataset("spiral", "planar", (2,), truth, draw)


def distance_to(
    curve: Callable[[np.ndarray], np.ndarray], low: float, high: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the Euclidean distance from points (n, 2) to a curve, shape (n,).

    The curve is approximated by a polygon of 50,000 edges: a point's distance is that to the two edges at
    the nearest vertex. Points with a value that is not finite, or of 1e150 and more, are infinitely far.

    Args:
        curve: parameters (m,) to points (m, 2).
        low, high: the interval of the parameter.
    """

    @functools.cache
    def polygon() -> cKDTree:
        from scipy.spatial import cKDTree  # half a second that other data should not wait for

        return cKDTree(curve(np.linspace(low, high, VERTICES)))

    def distance(points: np.ndarray) -> np.ndarray:
        tree = polygon()
        vertices = tree.data
        points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        distances = np.full(len(points), np.inf)
        finite = (np.abs(points) < FAR).all(axis=1)
        inside = points[finite]
        nearest = tree.query(inside)[1]
        ends = (nearest - 1).clip(0), (nearest + 1).clip(max=len(vertices) - 1)
        distances[finite] = np.min(
            [_to_edge(inside, vertices[nearest], vertices[end]) for end in ends], axis=0
        )
        return distances

    return distance


def _to_edge(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the distance of each point (n, 2) from its edge, from start (n, 2) to end (n, 2)."""
    edge = end - start
    length = np.maximum((edge**2).sum(1), np.finfo(float).tiny)
    along = (((points - start) * edge).sum(1) / length).clip(0, 1)
    return np.linalg.norm(points - start - along[:, None] * edge, axis=1)


def _uniform(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
    return torch.rand(count, generator=generator, device=generator.device, dtype=dtype)
