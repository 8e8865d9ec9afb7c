"""Datasets that are a law: infinite data, a truth known in closed form, references that never change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import torch
from torch import Tensor

from datasets.base import REFERENCE_SPLITS, Dataset, DatasetError, Kind, Truth, choose, floating, hash_of
from datasets.sources import SampledSource

REFERENCE_BLOCK = 10_000  # drawn whole, so that a smaller reference is a prefix of a larger one

Draw = Callable[[int, torch.Generator, torch.dtype], Tensor]


class LawSource(SampledSource):
    """Samples of a law given as a function of count, generator and dtype."""

    def __init__(self, draw: Draw, shape: tuple[int, ...]):
        self.draw, self.shape = draw, shape

    def sample(self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """`count` independent samples, shape (count, *shape)."""
        return self.draw(count, generator, dtype)


class SampledDataset(Dataset):
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
        self.source = LawSource(draw, shape)
        self.affine = (shift, scale) if shift and scale else None
        definition = {"name": name, "version": version, "law": truth.description, "prepare": self.affine}
        self.content_hash = hash_of(definition | {"reference": REFERENCE_BLOCK})

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
        # By columns with plain numbers: constants as tensors would have to travel to a GPU for every batch.
        columns = zip(prepared.unbind(-1), *self.affine, strict=True)
        return torch.stack([(column - shift) / scale for column, shift, scale in columns], dim=-1)

    def restore(self, samples: Tensor) -> Tensor:
        """The inverse of `prepare`."""
        if self.affine is None:
            return samples
        columns = zip(samples.unbind(-1), *self.affine, strict=True)
        return torch.stack([column * scale + shift for column, shift, scale in columns], dim=-1)


def mixture(name: str, centres: Tensor, std: float, description: str, version: int = 1) -> SampledDataset:
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
    return SampledDataset(name, "planar", (2,), truth, draw, version=version)
