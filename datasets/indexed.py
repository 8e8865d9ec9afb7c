"""Datasets of finite data: a source for every field in three splits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from gan_bench.datasets.base import REFERENCE_SPLITS, SPLITS, Dataset, Kind, Truth, choose
from gan_bench.datasets.errors import DatasetError, check_count
from gan_bench.datasets.hashing import hash_of
from gan_bench.datasets.scales import Pixels, Scale
from gan_bench.datasets.sources import AlignedSource, IndexedSource, ResidentSource
from gan_bench.spaces import Space

LEAST = 2  # rows of a split: there is no covariance of one

Streams = Mapping[str, str | tuple[str, ...]]
"""Stream -> its fields, whose rows belong together; or one field, which it reads under its own name."""


class IndexedDataset(Dataset):
    """Finite data in the splits ``train``, ``validation`` and ``test``, which are disjoint.

    `datasets.arrays.finite_dataset` makes one of arrays.

    Args:
        name, kind, truth, version, extractor: as in `Dataset`.
        splits: for each split the source of every field.
        streams: for each stream its fields, which are read row by row together; or one field as a string,
            which the stream reads alone, in an order of its own: ``{"pairs": ("a", "b"), "real": "b"}``
            gives the field b the second name real.
        spaces, scales: by field, as in `Dataset`.
        content_hash: as in `Dataset`; by default computed from `definition` and the bytes of all fields,
            which have to be resident.
        definition: facts of the data beside their bytes, for the content hash; anything that JSON can write.

    Raises:
        DatasetError: where a split is missing, unknown or has fewer than two rows; a split lacks a field, or
            its rows have another shape than the field's space; fields of a stream differ in length; pixels
            are not uint8; or data that are not resident have no content hash.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        splits: Mapping[str, Mapping[str, IndexedSource]],
        *,
        streams: Streams,
        spaces: Mapping[str, Space],
        scales: Mapping[str, Scale],
        truth: Truth,
        version: int = 1,
        content_hash: str | None = None,
        definition: object = None,
        extractor: str | None = None,
    ):
        require_splits(name, splits)
        self.name, self.kind, self.truth = name, kind, truth
        self.version, self.extractor = version, extractor
        self.streams = {
            stream: (stream,) if isinstance(fields, str) else tuple(fields)
            for stream, fields in streams.items()
        }
        second = {stream: field for stream, field in streams.items() if isinstance(field, str)}
        read = [field for fields in self.streams.values() for field in fields]
        self._origins = {field: choose("field", second.get(field, field), spaces, name) for field in read}
        self.spaces = {field: spaces[origin] for field, origin in self._origins.items()}
        self.scales = {field: scales[origin] for field, origin in self._origins.items() if origin in scales}
        self.sources = {split: self._sources(split, splits[split]) for split in SPLITS}
        self.content_hash = content_hash or self._hash(definition)

    def _sources(self, split: str, given: Mapping[str, IndexedSource]) -> dict[str, IndexedSource]:
        """Return the checked source of every field in a split."""
        for field, origin in self._origins.items():
            if origin not in given:
                raise DatasetError(
                    f"{self.name}: the {split} split has no field {origin}; it has {', '.join(given)}"
                )
            self._check_source(split, field, given[origin])
        sources = {field: given[origin] for field, origin in self._origins.items()}
        if unread := {*given} - {*self._origins.values()}:
            raise DatasetError(f"{self.name}: no stream reads the field {min(unread)} of the {split} split")
        for stream, fields in self.streams.items():
            lengths = {field: len(sources[field]) for field in fields}
            if len({*lengths.values()}) > 1:
                counts = ", ".join(f"{rows} of {field}" for field, rows in lengths.items())
                raise DatasetError(
                    f"{self.name}: the {split} split has {counts}; the fields of stream {stream} must have "
                    "equally many"
                )
        return sources

    def _check_source(self, split: str, field: str, source: IndexedSource) -> None:
        what, space = self._rows(field), self.spaces[field]
        require_rows(self.name, split, len(source), what)
        if tuple(source.shape) != space.shape:
            like = "" if split == "train" else " as in the train split"
            raise DatasetError(
                f"{self.name}: {what} of the {split} split have shape {tuple(source.shape)}, expected "
                f"{space.shape}{like}"
            )
        bytes_expected = isinstance(self.scales.get(field), Pixels)
        if bytes_expected and isinstance(source, ResidentSource) and source.data.dtype != torch.uint8:
            raise DatasetError(
                f"{self.name}: {what} of the {split} split are {source.data.dtype}, expected uint8: "
                "datasets.pixels.to_pixels converts others, and so does Split.of"
            )

    def _rows(self, field: str) -> str:
        """Return the words of messages for the rows of a field."""
        return "images" if self.kind == "images" and field == "real" else f"rows of {field}"

    def stream(self, name: str = "real", split: str = "train") -> IndexedSource:
        """Return the rows of a split: a tensor for a stream of one field, a dict of fields for others."""
        fields = self.streams[choose("stream", name, self.streams, self.name)]
        sources = self.sources[choose("split", split, self.splits, self.name)]
        return sources[name] if fields == (name,) else AlignedSource({f: sources[f] for f in fields})

    def reference(self, split: str = "test", count: int | None = None, field: str = "real") -> Tensor:
        """Return the first `count` rows of the split (all, if it has fewer), in their order, raw."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        return self._all(split, choose("field", field, self.spaces, self.name), count)

    def _all(self, split: str, field: str, count: int | None = None) -> Tensor:
        check_count(self.name, count)
        source = self.sources[split][field]
        rows = source.gather(torch.arange(len(source) if count is None else min(count, len(source))))
        assert isinstance(rows, Tensor)
        return rows

    def _together(self, field: str, other: str) -> bool:
        """Return whether two fields share a stream, under these names or others of the same rows."""
        pair = {self._origins[field], self._origins[other]}
        return len(pair) == 1 or any(
            pair <= {self._origins[name] for name in fields} for fields in self.streams.values()
        )

    def _known_labels(self) -> Tensor | None:
        """Return the training labels, which training on finite data sees."""
        return self._all("train", "label") if "label" in self.spaces else None

    def _hash(self, definition: object) -> str:
        distinct: list[ResidentSource] = []  # rows under two names count once
        for sources in self.sources.values():
            for field, source in sources.items():
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
