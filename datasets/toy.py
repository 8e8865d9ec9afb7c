"""Distributions whose truth is known in closed form: the first examples of every newcomer.

Samples are drawn anew for every batch, so there is no training set to memorise.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from datasets.base import REFERENCE_SPLITS, Dataset, DatasetError, Kind, Truth, choose, floating, hash_of
from datasets.registry import register_dataset
from datasets.sources import SampledSource

REFERENCE_BLOCK = (
    10_000  # references are drawn in whole blocks, so that a smaller one is a prefix of a larger
)

Draw = Callable[[int, torch.Generator, torch.dtype], Tensor]


class ToySource(SampledSource):
    """Samples of a law given as a function of count, generator and dtype."""

    def __init__(self, draw: Draw, shape: tuple[int, ...]):
        self.draw, self.shape = draw, shape

    def sample(self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """`count` independent samples, shape (count, *shape)."""
        return self.draw(count, generator, dtype)


class ToyDataset(Dataset):
    """A dataset that is a law: the same stream for every split, references from a generator of their own.

    Args:
        name, kind, shape, truth: as in `Dataset`; `truth.description` is part of the content hash.
        draw: the law.
        shift, scale: prepared = (raw - shift) / scale in each dimension; None leaves the data as it is.
        version: raise it when the law or the order in which it draws changes.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        shape: tuple[int, ...],
        truth: Truth,
        draw: Draw,
        *,
        shift: tuple[float, ...] | None = None,
        scale: tuple[float, ...] | None = None,
        version: int = 1,
    ):
        self.name, self.kind, self.shape, self.truth, self.version = name, kind, shape, truth, version
        self.source = ToySource(draw, shape)
        self.affine = (shift, scale) if shift and scale else None
        self.content_hash = hash_of(
            {
                "name": name,
                "version": version,
                "law": truth.description,
                "prepare": self.affine,
                "reference": REFERENCE_BLOCK,
            }
        )

    def stream(self, name: str = "real", split: str = "train") -> SampledSource:
        """The law itself, whatever the split."""
        choose("stream", name, self.streams, self.name)
        choose("split", split, self.splits, self.name)
        return self.source

    def reference(self, split: str = "test", count: int | None = None) -> Tensor:
        """Samples from a generator seeded by the content hash and the split; float32, 10,000 by default."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        count = REFERENCE_BLOCK if count is None else count
        if count < 0:
            raise DatasetError(f"{self.name}: a reference needs a count of 0 or more, got {count}")
        seed = hashlib.sha256(f"{self.content_hash} reference {split}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(seed[:8]) >> 1)
        blocks = [self.source.sample(REFERENCE_BLOCK, generator) for _ in range(-(-count // REFERENCE_BLOCK))]
        return torch.cat([torch.empty(0, *self.shape), *blocks])[:count]

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """(raw - shift) / scale where the dataset declares it, else the data as it is."""
        prepared = raw.to(floating(raw, dtype))
        if self.affine is None:
            return prepared
        shift, scale = (prepared.new_tensor(values) for values in self.affine)
        return (prepared - shift) / scale

    def restore(self, samples: Tensor) -> Tensor:
        """The inverse of `prepare`."""
        if self.affine is None:
            return samples
        shift, scale = (samples.new_tensor(values) for values in self.affine)
        return samples * scale + shift


@register_dataset(
    "gaussian1d",
    kind="scalar",
    title="1-D Gaussian",
    source="the 1-D example of Goodfellow et al. 2014, fig. 1",
)
def gaussian1d() -> Dataset:
    """N(4, 1.25): mean 4, standard deviation 1.25."""
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
    return ToyDataset("gaussian1d", "scalar", (1,), truth, draw)


@register_dataset("quadratic", kind="planar", title="Quadratic curve", source="y = 10 + x^2, x ~ U(-50, 50)")
def quadratic() -> Dataset:
    """Points of y = 10 + x^2 with x uniform on (-50, 50), standardised by their exact moments for training.

    Networks see (raw - mean) / std, since raw values reach 2,510. With a = 50: E y = 10 + a^2 / 3 and
    Var y = a^4 (1/5 - 1/9).
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
    return ToyDataset("quadratic", "planar", (2,), truth, draw, shift=mean, scale=std)


def distance_to_parabola(points: np.ndarray, half: float = 50.0, lift: float = 10.0) -> np.ndarray:
    """Euclidean distance from points (n, 2) to y = lift + x^2, |x| <= half; shape (n,), float64.

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
    "ring", kind="planar", title="Ring of 8 Gaussians", source="Srivastava et al. 2017 (VEEGAN), 4.1"
)
def ring() -> Dataset:
    """Eight Gaussians, standard deviation 0.01, evenly on the unit circle."""
    angles = torch.arange(8, dtype=torch.float64) * (2 * math.pi / 8)  # no end point: it would double a mode
    centres = torch.stack((angles.cos(), angles.sin()), dim=1)
    return mixture("ring", centres, 0.01, "equal mixture of 8 N((cos t, sin t), 0.01^2 I), t = 2 pi k / 8")


@register_dataset(
    "grid", kind="planar", title="Grid of 25 Gaussians", source="Srivastava et al. 2017 (VEEGAN), 4.1"
)
def grid() -> Dataset:
    """Twenty-five Gaussians, standard deviation 0.05, on {-4, -2, 0, 2, 4}^2."""
    ticks = torch.arange(-4.0, 5.0, 2.0, dtype=torch.float64)
    description = "equal mixture of 25 N(c, 0.05^2 I), c in {-4, -2, 0, 2, 4}^2"
    return mixture("grid", torch.cartesian_prod(ticks, ticks), 0.05, description)


def mixture(name: str, centres: Tensor, std: float, description: str, version: int = 1) -> ToyDataset:
    """An equal mixture of isotropic Gaussians in the plane.

    Args:
        name: the dataset's name.
        centres: float64, shape (M, 2).
        std: standard deviation of a component in each dimension.
        description: the law in one line; part of the content hash.
        version: as in `Dataset`.
    """
    placed: dict[
        tuple[torch.device, torch.dtype], Tensor
    ] = {}  # a copy to a GPU for every batch would stall it

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        where = (generator.device, dtype)
        if where not in placed:
            placed[where] = centres.to(*where)
        chosen = torch.randint(len(centres), (count,), generator=generator, device=generator.device)
        noise = torch.randn(count, 2, generator=generator, device=generator.device, dtype=dtype)
        return noise.mul_(std).add_(placed[where].index_select(0, chosen))

    spread = (centres.var(dim=0, correction=0) + std**2).sqrt()
    truth = Truth(
        mean=tuple(round(value, 12) + 0.0 for value in centres.mean(dim=0).tolist()),
        std=tuple(spread.tolist()),
        modes=centres,
        mode_std=std,
        description=description,
    )
    return ToyDataset(name, "planar", (2,), truth, draw, version=version)
