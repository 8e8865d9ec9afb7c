"""Distributions whose truth is known in closed form.

Every batch has new samples, so there is no training set to memorise.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.sampled import SampledDataset, mixture


@register_dataset(
    "gaussian1d",
    kind="scalar",
    title="1-D Gaussian",
    source="N(4, 1.25), the usual first example",
)
def gaussian1d() -> Dataset:
    """Return N(4, 1.25): mean 4, standard deviation 1.25."""
    from scipy.special import ndtr, ndtri  # a fifth of a second that other data should not wait for

    mean, std = 4.0, 1.25

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        noise = torch.randn(count, 1, generator=generator, device=generator.device, dtype=dtype)
        return noise.mul_(std).add_(mean)

    truth = Truth(
        mean=(mean,),
        std=(std,),
        cdf=lambda x: ndtr((np.asarray(x) - mean) / std),
        quantile=lambda p: mean + std * ndtri(np.asarray(p)),
        description="x ~ N(mean 4, std 1.25)",
    )
    return SampledDataset("gaussian1d", "scalar", (1,), truth, draw)


@register_dataset(
    "dirac",
    kind="scalar",
    title="Dirac's delta at 0",
    source="Mescheder et al. 2018 (arXiv:1801.04406), definition 2.1",
)
def dirac() -> Dataset:
    """Return the point mass at 0, the real data of Dirac-GAN."""

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        return torch.zeros(count, 1, device=generator.device, dtype=dtype)

    truth = Truth(mean=(0.0,), std=(0.0,), equilibrium=0.0, description="x = 0")
    return SampledDataset("dirac", "scalar", (1,), truth, draw)


@register_dataset("quadratic", kind="planar", title="Quadratic curve", source="y = 10 + x^2, x ~ U(-50, 50)")
def quadratic() -> Dataset:
    """Return points of y = 10 + x^2, x uniform on (-50, 50); training sees them standardised.

    Networks see (raw - mean) / std with the exact moments, as raw values reach 2,510. With a = 50:
    E y = 10 + a^2 / 3 and Var y = a^4 (1/5 - 1/9).
    """
    half = 50.0
    mean = (0.0, 10 + half**2 / 3)
    std = (half / math.sqrt(3), half**2 * math.sqrt(1 / 5 - 1 / 9))

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        x = (
            torch.rand(count, generator=generator, device=generator.device, dtype=dtype)
            .mul_(2 * half)
            .sub_(half)
        )
        return torch.stack((x, x.square().add_(10)), dim=1)

    truth = Truth(
        mean=mean, std=std, distance=distance_to_parabola, description="x ~ U(-50, 50), y = 10 + x^2"
    )
    return SampledDataset("quadratic", "planar", (2,), truth, draw, shift=mean, scale=std)


def distance_to_parabola(points: np.ndarray, half: float = 50.0, lift: float = 10.0) -> np.ndarray:
    """Return the Euclidean distance from points (n, 2) to y = lift + x^2, |x| <= half; shape (n,), float64.

    The nearest point's x solves x^3 + (1/2 + lift - q) x - p / 2 = 0 for a point (p, q), or is an end of the
    curve. Points with a value that is not finite are infinitely far.
    """
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    distances = np.full(len(points), np.inf)
    finite = np.isfinite(points).all(axis=1)
    p, q = points[finite].T[..., None]
    companion = np.zeros((len(p), 3, 3))
    companion[:, 1, 0] = companion[:, 2, 1] = 1
    companion[:, 0, 2], companion[:, 1, 2] = p[:, 0] / 2, q[:, 0] - lift - 0.5
    # Complex roots are no candidates, but their real parts are points of the curve too, so they do no harm.
    roots = np.linalg.eigvals(companion).real
    x = np.concatenate([roots.clip(-half, half), np.broadcast_to([-half, half], (len(p), 2))], axis=1)
    distances[finite] = np.hypot(x - p, lift + x**2 - q).min(axis=1)
    return distances


@register_dataset(
    "ring", kind="planar", title="Ring of 8 Gaussians", source="Srivastava et al. 2017 (VEEGAN), table 1"
)
def ring() -> Dataset:
    """Return eight Gaussians, standard deviation 0.01, evenly on the unit circle."""
    angles = torch.arange(8, dtype=torch.float64) * (2 * math.pi / 8)  # no end point: it would double a mode
    centres = torch.stack((angles.cos(), angles.sin()), dim=1)
    return mixture("ring", centres, 0.01, "equal mixture of 8 N((cos t, sin t), 0.01^2 I), t = 2 pi k / 8")


@register_dataset(
    "grid", kind="planar", title="Grid of 25 Gaussians", source="Srivastava et al. 2017 (VEEGAN), table 1"
)
def grid() -> Dataset:
    """Return twenty-five Gaussians, standard deviation 0.05, on {-4, -2, 0, 2, 4}^2."""
    ticks = torch.arange(-4.0, 5.0, 2.0, dtype=torch.float64)
    description = "equal mixture of 25 N(c, 0.05^2 I), c in {-4, -2, 0, 2, 4}^2"
    return mixture("grid", torch.cartesian_prod(ticks, ticks), 0.05, description)
