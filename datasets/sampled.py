"""Datasets that are a law: infinite data, a truth in closed form, constant references."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from gan_bench.datasets.base import (
    REFERENCE_SPLITS,
    Dataset,
    DatasetError,
    Kind,
    Truth,
    choose,
    floating,
    hash_of,
)
from gan_bench.datasets.sources import Fields, SampledSource
from gan_bench.datasets.weights import equal

REFERENCE_BLOCK = 10_000  # drawn whole, so that a smaller reference is a prefix of a larger one

Draw = Callable[[int, torch.Generator, torch.dtype], Tensor]
Law = Callable[[int, torch.Generator, torch.dtype], Tensor | Fields]


class LawSource(SampledSource):
    """Samples of a law given as a function of count, generator and dtype."""

    def __init__(self, draw: Law, shape: tuple[int, ...]):
        self.draw, self.shape = draw, shape

    def sample(
        self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> Tensor | Fields:
        """Return `count` independent samples, shape (count, *shape), or fields of them."""
        return self.draw(count, generator, dtype)


class SampledDataset(Dataset):
    """A dataset that is a law: the same stream for every split, references from a generator of their own.

    Args:
        name, kind, shape, truth: as in `Dataset`; `truth.description` is part of the content hash, and so are
            weights that differ.
        draw: the law.
        shift, scale: prepared = (raw - shift) / scale in each dimension; None leaves the data as it is.
        version: raise it when the law or the order in which it draws changes.
        others: laws of further streams by name. ``labelled`` gives the fields ``real`` and ``label``, and
            draws as `draw` does.
        block: rows of a reference that are drawn together.
        constants: hash of constants of the law that its description leaves out (random matrices).
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
        others: Mapping[str, Law] | None = None,
        block: int = REFERENCE_BLOCK,
        constants: str = "",
    ):
        self.name, self.kind, self.shape, self.truth, self.version = name, kind, shape, truth, version
        laws: dict[str, Law] = {"real": draw, **(others or {})}
        self.sources = {stream: LawSource(law, shape) for stream, law in laws.items()}
        self.streams = tuple(laws)
        self.affine = (shift, scale) if shift and scale else None
        self.block = block
        definition = {"name": name, "version": version, "law": truth.description, "prepare": self.affine}
        definition |= {"constants": constants} if constants else {}
        definition |= {"weights": truth.weights} if truth.unequal else {}
        self.content_hash = hash_of(definition | {"reference": block})

    def stream(self, name: str = "real", split: str = "train") -> SampledSource:
        """Return the law, which is the same for every split."""
        choose("stream", name, self.streams, self.name)
        choose("split", split, self.splits, self.name)
        return self.sources[name]

    def reference(self, split: str = "test", count: int | None = None) -> Tensor:
        """Return samples from a generator seeded by content hash and split; float32, 10,000 by default."""
        return self._given("real", split, count)

    def reference_labels(self, split: str = "test") -> Tensor | None:
        """Return the labels of `reference(split)`; None if the law has no labelled stream."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        return self._reference("labelled", split, None)["label"] if "labelled" in self.sources else None

    def _given(self, name: str, split: str, count: int | None) -> Tensor:
        choose("stream", name, [known for known in self.streams if known != "labelled"], self.name)
        return self._reference(name, split, count)["real"]

    def _given_labels(self, split: str, real: Tensor | None, count: int | None) -> Tensor:
        if real is None:
            return super()._given_labels(split, real, self.block if count is None else count)
        return self._reference("labelled", split, len(real))["label"]

    def _reference(self, stream: str, split: str, count: int | None) -> Fields:
        """Return rows of a stream's reference; a labelled stream's rows are those of the main one."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        count = self.block if count is None else count
        if count < 0:
            raise DatasetError(f"{self.name}: a reference needs a count of 0 or more, got {count}")
        own = "" if stream in ("real", "labelled") else f" {stream}"
        seed = hashlib.sha256(f"{self.content_hash} reference {split}{own}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(seed[:8]) >> 1)
        drawn = [
            self.sources[stream].sample(self.block, generator) for _ in range(max(1, -(-count // self.block)))
        ]
        blocks = [rows if isinstance(rows, dict) else {"real": rows} for rows in drawn]
        return {field: torch.cat([block[field] for block in blocks])[:count] for field in blocks[0]}

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return (raw - shift) / scale if the dataset declares it, else the data as it is."""
        prepared = raw.to(floating(raw, dtype))
        if self.affine is None:
            return prepared
        # By columns with plain numbers: constants as tensors would have to travel to a GPU for every batch.
        columns = zip(prepared.unbind(-1), *self.affine, strict=True)
        return torch.stack([(column - shift) / scale for column, shift, scale in columns], dim=-1)

    def restore(self, samples: Tensor) -> Tensor:
        """Invert `prepare`."""
        if self.affine is None:
            return samples
        columns = zip(samples.unbind(-1), *self.affine, strict=True)
        return torch.stack([column * scale + shift for column, shift, scale in columns], dim=-1)


class Constants:
    """Constants of a law, copied once to each device and type: a copy for every batch would stall a GPU."""

    def __init__(self, constants: Tensor):
        self.constants = constants
        self._copies: dict[tuple[torch.device, torch.dtype], Tensor] = {}

    def __call__(self, device: torch.device, dtype: torch.dtype) -> Tensor:
        """Return the constants on `device`, as `dtype`."""
        where = (device, dtype)
        if where not in self._copies:
            self._copies[where] = self.constants.to(*where)
        return self._copies[where]


def labelled_dataset(
    name: str,
    kind: Kind,
    truth: Truth,
    draw: Callable[[int, torch.Generator, torch.dtype], Fields],
    *,
    version: int = 1,
    block: int = REFERENCE_BLOCK,
    constants: str = "",
) -> SampledDataset:
    """Return a law of labelled points as a dataset with the streams ``real`` and ``labelled``.

    Args:
        name, kind, truth, version, block, constants: as in `SampledDataset`; the truth has a mean.
        draw: gives the fields ``real`` and ``label``.
    """

    def points(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        return draw(count, generator, dtype)["real"]

    assert truth.mean is not None
    return SampledDataset(
        name, kind, (len(truth.mean),), truth, points,
        version=version, others={"labelled": draw}, block=block, constants=constants,
    )  # fmt: skip


def mixture(name: str, centres: Tensor, std: float, description: str, version: int = 1) -> SampledDataset:
    """Return an equal mixture of isotropic Gaussians in the plane, labelled by their components.

    Args:
        name: the dataset's name.
        centres: float64, shape (M, 2).
        std: standard deviation of a component in each dimension.
        description: the law in one line; part of the content hash.
        version: as in `Dataset`.
    """
    placed = Constants(centres)

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Fields:
        chosen = torch.randint(len(centres), (count,), generator=generator, device=generator.device)
        noise = torch.randn(count, 2, generator=generator, device=generator.device, dtype=dtype)
        points = noise.mul_(std).add_(placed(generator.device, dtype).index_select(0, chosen))
        return {"real": points, "label": chosen}

    spread = (centres.var(dim=0, correction=0) + std**2).sqrt()
    truth = Truth(
        mean=tuple(round(value, 12) + 0.0 for value in centres.mean(dim=0).tolist()),
        std=tuple(spread.tolist()),
        modes=centres,
        mode_std=std,
        classes=len(centres),
        weights=equal(len(centres)),
        description=description,
    )
    return labelled_dataset(name, "planar", truth, draw, version=version)
