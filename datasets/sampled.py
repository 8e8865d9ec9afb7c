"""Datasets that are a law: infinite data, a truth in closed form, constant references."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from gan_bench.datasets.base import REFERENCE_SPLITS, Dataset, DatasetError, Kind, Truth, choose
from gan_bench.datasets.errors import check_count
from gan_bench.datasets.hashing import declarations, hash_of
from gan_bench.datasets.scales import Affine, Scale
from gan_bench.datasets.sources import Fields, SampledSource
from gan_bench.datasets.weights import equal
from gan_bench.spaces import Space

REFERENCE_BLOCK = 10_000  # drawn whole, so that a smaller reference is a prefix of a larger one

Draw = Callable[[int, torch.Generator, torch.dtype], Tensor]
Law = Callable[[int, torch.Generator, torch.dtype], Tensor | Fields]


class LawSource(SampledSource):
    """Samples of a law given as a function of count, generator and dtype."""

    def __init__(self, draw: Law):
        self.draw = draw

    def sample(
        self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> Tensor | Fields:
        """Return `count` independent samples, shape (count, *shape), or a dict of fields of them."""
        return self.draw(count, generator, dtype)


class SampledDataset(Dataset):
    """A dataset that is a law: the same stream for every split, references from a generator of their own.

    Args:
        name, kind, shape, truth: as in `Dataset`; `truth.description` is part of the content hash, and so are
            weights that differ.
        draw: the law.
        shift, scale: of ``real``: prepared = (raw - shift) / scale in each dimension; None leaves the data as
            they are.
        version: raise it when the law or the order in which it draws changes.
        others: laws of further streams by name: of a field of that name, or of the fields that the law
            returns. ``labelled`` gives the fields ``real`` and ``label``. A law that gives a field of another
            draws that field as the other does.
        spaces: of fields, part of the content hash. Those left out are numbers without bounds, of the shape
            of one sample that is drawn for it; ``label`` has the truth's classes.
        scales: conversions of other fields, as in `Dataset`; part of the content hash.
        block: rows of a reference that are drawn together.
        constants: hash of constants of the law that its description leaves out (random matrices).

    Raises:
        DatasetError: for a shift without a scale or the reverse, numbers of them that differ from the
            dimensions, or spaces and scales of fields that no law returns.
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
        spaces: Mapping[str, Space] | None = None,
        scales: Mapping[str, Scale] | None = None,
        block: int = REFERENCE_BLOCK,
        constants: str = "",
    ):
        self.name, self.kind, self.truth, self.version, self.block = name, kind, truth, version, block
        affine = _affine(name, shape, shift, scale)
        self.scales = ({"real": affine} if affine else {}) | dict(scales or {})
        laws = {"real": draw, **(others or {})}
        self.sources = {stream: LawSource(law) for stream, law in laws.items()}
        rows = {stream: _one(stream, law) for stream, law in laws.items() if stream != "real"}
        self.streams = {"real": ("real",)} | {stream: tuple(fields) for stream, fields in rows.items()}
        found = {field: self._space_of(field, row) for of in rows.values() for field, row in of.items()}
        self.spaces = found | {"real": Space(tuple(shape))} | dict(spaces or {})
        for field in (*(spaces or {}), *self.scales):
            choose("field", field, {"real", *found}, name)
        prepare = (affine.shift, affine.scale) if affine else None
        definition = {"name": name, "version": version, "law": truth.description, "prepare": prepare}
        definition |= declarations(spaces or {}, scales or {}) if spaces or scales else {}
        definition |= {"constants": constants} if constants else {}
        definition |= {"weights": truth.weights} if truth.unequal else {}
        self.content_hash = hash_of(definition | {"reference": block})

    def stream(self, name: str = "real", split: str = "train") -> SampledSource:
        """Return the law, which is the same for every split."""
        choose("stream", name, self.streams, self.name)
        choose("split", split, self.splits, self.name)
        return self.sources[name]

    def reference(self, split: str = "test", count: int | None = None, field: str = "real") -> Tensor:
        """Return samples from a generator seeded by content hash and split; 10,000 by default."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        check_count(self.name, count)
        stream, count = self.home(field), self.block if count is None else count
        # A labelled stream draws as the main one does: so do all streams that share fields.
        root = next(name for name, fields in self.streams.items() if {*fields} & {*self.streams[stream]})
        own = "" if root == "real" else f" {root}"
        seed = hashlib.sha256(f"{self.content_hash} reference {split}{own}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(seed[:8]) >> 1)
        blocks = [
            self.sources[stream].sample(self.block, generator) for _ in range(max(1, -(-count // self.block)))
        ]
        return torch.cat([rows[field] if isinstance(rows, dict) else rows for rows in blocks])[:count]

    def _space_of(self, field: str, row: Tensor) -> Space:
        """Return the space of a field that is not declared, from one sample (1, *shape)."""
        return Space(classes=self.truth.classes) if field == "label" else Space(tuple(row.shape[1:]))


def _affine(
    name: str, shape: tuple[int, ...], shift: tuple[float, ...] | None, scale: tuple[float, ...] | None
) -> Affine | None:
    """Return the scale of ``real``, None where both are None."""
    if shift is None and scale is None:
        return None
    if shift is None or scale is None or not len(shift) == len(scale) == shape[-1]:
        raise DatasetError(
            f"{name}: shift = {shift} and scale = {scale}; expected {shape[-1]} numbers each, or neither"
        )
    return Affine(tuple(shift), tuple(scale))


def _one(stream: str, law: Law) -> Fields:
    """Return one sample of a law by field, shape (1, *shape) each."""
    rows = law(1, torch.Generator().manual_seed(0), torch.float32)
    return rows if isinstance(rows, dict) else {stream: rows}


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
