"""Datasets of finite data: sources by split and stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from gan_bench.datasets.base import REFERENCE_SPLITS, SPLITS, Dataset, Kind, Truth, choose, hash_of
from gan_bench.datasets.errors import DatasetError
from gan_bench.datasets.scales import Pixels, Scale
from gan_bench.datasets.sources import AlignedSource, IndexedSource, ResidentSource
from gan_bench.spaces import Space

LEAST = 2  # rows of a split: there is no covariance of one

Sources = Mapping[str, Mapping[str, IndexedSource]]
"""Split -> stream -> source; a source of several fields is an :class:`AlignedSource`."""


class IndexedDataset(Dataset):
    """Finite data in the splits ``train``, ``validation`` and ``test``, which are disjoint.

    Args:
        name, kind, spaces, scales, truth, version, extractor: as in `Dataset`.
        sources: of every stream in every split.
        content_hash: as in `Dataset`; by default computed from `definition` and the bytes of all fields,
            which have to be resident.
        definition: facts of the data beside their bytes, for the content hash; anything that JSON can write.

    Raises:
        DatasetError: where a split is missing or unknown or has fewer than two rows, splits differ in their
            streams or the shapes of fields, or data that are not resident have no content hash.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        sources: Sources,
        *,
        spaces: Mapping[str, Space],
        scales: Mapping[str, Scale],
        truth: Truth | None = None,
        version: int = 1,
        content_hash: str | None = None,
        definition: object = None,
        extractor: str | None = None,
    ):
        self.name, self.kind, self.version, self.extractor = name, kind, version, extractor
        self.spaces, self.scales, self.truth = dict(spaces), dict(scales), truth or Truth()
        require_splits(name, sources)
        self.sources = {split: dict(sources[split]) for split in SPLITS}
        train = self.sources["train"]
        self.streams = {stream: tuple(fields_of(stream, source)) for stream, source in train.items()}
        for split, streams in self.sources.items():
            self._check(split, streams)
        self.content_hash = content_hash or self._hash(definition)

    def _check(self, split: str, streams: Mapping[str, IndexedSource]) -> None:
        found = {stream: tuple(fields_of(stream, source)) for stream, source in streams.items()}
        if found != self.streams:
            raise DatasetError(
                f"{self.name}: the {split} split has the streams {found}, the train split {self.streams}"
            )
        for stream, source in streams.items():
            require_rows(self.name, split, len(source), self._rows(stream))
            for field, values in fields_of(stream, source).items():
                where, space = f"{self._rows(field)} of the {split} split", self.spaces[field]
                if tuple(values.shape) != space.shape:
                    like = "" if split == "train" else " as in the train split"
                    raise DatasetError(
                        f"{self.name}: {where} have shape {tuple(values.shape)}, expected {space.shape}{like}"
                    )
                pixels = isinstance(self.scales.get(field), Pixels) and isinstance(values, ResidentSource)
                if pixels and values.data.dtype != torch.uint8:
                    raise DatasetError(
                        f"{self.name}: {where} are {values.data.dtype}, expected uint8: Split.of and "
                        "datasets.pixels.to_pixels convert others"
                    )

    def _rows(self, field: str) -> str:
        """Return the words of messages for the rows of a field, or of a stream."""
        return "images" if self.kind == "images" and field == "real" else f"rows of {field}"

    def stream(self, name: str = "real", split: str = "train") -> IndexedSource:
        """Return the rows of a split: a tensor for a stream of one field, a dict of fields for others."""
        choose("stream", name, self.streams, self.name)
        return self.sources[choose("split", split, self.splits, self.name)][name]

    def reference(self, split: str = "test", count: int | None = None, field: str = "real") -> Tensor:
        """Return the first `count` rows of the split (all, if it has fewer), in their order, raw."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        stream = self.home(field)
        source = fields_of(stream, self.sources[split][stream])[field]
        if count is not None and count < 0:
            raise DatasetError(f"{self.name}: a reference needs a count of 0 or more, got {count}")
        rows = source.gather(torch.arange(len(source) if count is None else min(count, len(source))))
        assert isinstance(rows, Tensor)
        return rows

    def _known_labels(self) -> Tensor | None:
        """Return the training labels, which training on finite data sees."""
        if "label" not in self.spaces:
            return None
        stream = self.home("label")
        source = fields_of(stream, self.sources["train"][stream])["label"]
        rows = source.gather(torch.arange(len(source)))
        assert isinstance(rows, Tensor)
        return rows

    def _hash(self, definition: object) -> str:
        distinct: list[ResidentSource] = []  # a source of two streams counts once
        for streams in self.sources.values():
            for field, source in [item for stream in streams.items() for item in fields_of(*stream).items()]:
                if not isinstance(source, ResidentSource):
                    what = self._rows(field)
                    raise DatasetError(
                        f"{self.name}: {what} that are not resident need a content_hash of their own"
                    )
                if all(source is not other for other in distinct):
                    distinct.append(source)
        return hash_of(definition, *[source.data.numpy() for source in distinct])


def require_splits(name: str, given: Iterable[str]) -> None:
    """Raise DatasetError unless `given` are the names of all splits and of no others."""
    given = tuple(given)
    for split in given:
        choose("split", split, SPLITS, name)
    for split in SPLITS:
        if split not in given:
            raise DatasetError(f"{name}: there is no {split} split; expected {', '.join(SPLITS)}")


def require_rows(name: str, split: str, rows: int, what: str) -> None:
    """Raise DatasetError if a split has too few rows."""
    if rows < LEAST:
        raise DatasetError(f"{name}: the {split} split has {rows} {what}, expected at least {LEAST}")


def fields_of(stream: str, source: IndexedSource) -> dict[str, IndexedSource]:
    """Return the source of every field of a stream; a source of one field has the stream's name."""
    return dict(source.fields) if isinstance(source, AlignedSource) else {stream: source}
