"""The interface of a dataset: named streams of raw fields, their scales for networks, the truth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar, Literal

import torch
from torch import Tensor

from gan_bench.datasets.errors import DatasetError, check_count, choose
from gan_bench.datasets.finite import Restored, finite_rows
from gan_bench.datasets.scales import IDENTITY, Scale
from gan_bench.datasets.sources import IndexedSource, Source
from gan_bench.datasets.truth import Truth
from gan_bench.datasets.weights import Weights, equal, labels_by_weight, shares
from gan_bench.spaces import Grid, Space

Kind = Literal["scalar", "planar", "vectors", "images"]
SPLITS = ("train", "validation", "test")
REFERENCE_SPLITS = ("validation", "test")


class Dataset(ABC):
    """Streams of real data, and known facts of their distribution.

    A field is one kind of value: an image, its label, a point of a domain. A stream reads one field, or
    several whose rows belong together. Raw fields are the source's (uint8 for images); networks see prepared
    ones. A subclass sets the attributes below and defines `stream` and `reference`.

    Attributes:
        name: identity of the data in use (``"digits"`` also where it replaces MNIST).
        kind: of the main field ``real``: ``"scalar"`` (1-D), ``"planar"`` (2-D), ``"vectors"`` (of more
            dimensions) or ``"images"``.
        spaces: the space of every field by its name; every dataset has ``real``. Bounds are those of prepared
            values.
        streams: fields by stream. Every dataset has the stream ``real``. A stream of one field has the
            field's name and gives tensors, one of several gives a dict of them: ``labelled`` (real, label),
            ``pairs`` (a, b), ``masked`` (context, hole, whole), ``low_high`` (low, high) or others. In the
            references the rows of all fields of a stream belong together.
        scales: conversions by field; fields without one are seen as they are. Labels are never converted.
        truth: known facts of the distribution.
        content_hash: SHA-256 (hexadecimal) over the data or its definition, its splits and preprocessing.
        version: raised when the definition changes; part of the hash.
        extractor: for images, the name of their feature extractor (`python -m bench list extractors`); with
            None, metrics on features are undefined.
        enlarged: the native pixels of images that are enlarged, None where pixels are as they were taken.
        notes: sentences about the data that planning shows: files that were converted.
        stand_in_for: name of the unreachable dataset that this one replaces, else None.
        stand_in_reason: the reason as a sentence for the terminal, else None.
    """

    name: str
    kind: Kind
    spaces: Mapping[str, Space]
    streams: Mapping[str, tuple[str, ...]] = MappingProxyType({"real": ("real",)})
    scales: Mapping[str, Scale] = MappingProxyType({})
    truth: Truth
    content_hash: str
    version: int = 1
    extractor: str | None = None
    enlarged: Grid | None = None
    notes: tuple[str, ...] = ()
    stand_in_for: str | None = None
    stand_in_reason: str | None = None
    splits: ClassVar[tuple[str, ...]] = SPLITS

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one sample of ``real``, ``(channels, height, width)`` for images."""
        return self.spaces["real"].shape

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Return the lowest and highest prepared value of ``real``, None where there is no bound."""
        return self.spaces["real"].bounds

    @abstractmethod
    def stream(self, name: str = "real", split: str = "train") -> Source:
        """Return the raw data of one split of a stream, on the CPU; `Source.to` moves it.

        Raises:
            DatasetError: for a stream or split that this dataset does not have.
        """

    @abstractmethod
    def reference(self, split: str = "test", count: int | None = None, field: str = "real") -> Tensor:
        """Return the first `count` raw rows of a field's reference, with which metrics compare; default: all.

        The reference of an infinite source has 10,000 rows by default. The rows are always the same, and
        never rows of training; row i of a field belongs to row i of every field that shares a stream with it.

        Returns:
            shape (count, *shape), on the CPU; fewer rows where the split has fewer.

        Raises:
            DatasetError: for a split other than validation and test, an unknown field, or a count below 0.
        """

    def home(self, field: str) -> str:
        """Return the stream that `reference` reads a field from: the first that has it.

        Raises:
            DatasetError: for a field that this dataset does not have.
        """
        choose("field", field, self.spaces, self.name)
        return next(stream for stream, fields in self.streams.items() if field in fields)

    def reference_rows(self, split: str = "test", field: str = "real") -> int | None:
        """Return the number of rows of a field's whole reference; None for an infinite source."""
        source = self.stream(self.home(field), choose("reference split", split, REFERENCE_SPLITS, self.name))
        return len(source) if isinstance(source, IndexedSource) else None

    def reference_labels(self, split: str = "test") -> Tensor | None:
        """Return the labels of `reference(split)`, int64, shape (count,); None for data without labels."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        return self.reference(split, field="label") if "label" in self.spaces else None

    def given(
        self, fields: Iterable[str], split: str = "test", count: int | None = None
    ) -> dict[str, Tensor]:
        """Return raw reference rows of fields by name, as inputs of a trained game's abilities.

        Rows of fields that share a stream belong together. ``label`` that shares none with another field
        asked for gives labels in the proportions of `class_weights`, equally frequent classes in turn.

        Args:
            fields: names of fields.
            split: validation or test.
            count: rows at most (a finite reference may have fewer); default: all.

        Raises:
            DatasetError: for a field that this dataset does not have, or a count below 0.
        """
        wanted = tuple(fields)
        if "label" in wanted and "label" not in self.spaces:
            raise DatasetError(f"{self.name}: there are no labels")
        free = "label" in wanted and not any(
            self._together("label", field) for field in wanted if field != "label"
        )
        return {
            field: self._free_labels(split, count)
            if free and field == "label"
            else self.reference(split, count, field)
            for field in wanted
        }

    def paired(
        self, field: str, inputs: Iterable[str], split: str = "test", count: int | None = None
    ) -> Tensor | None:
        """Return the raw rows of a field that belong to those of `given(inputs)`, as targets of what is made.

        Args:
            field: name of the field that an ability makes.
            inputs: names of the fields that it is given.
            split, count: as in `given`.

        Returns:
            shape (count, *shape); None where the data do not pair the field with its inputs (there are none,
            or labels alone), so that only distributions can be compared.

        Raises:
            DatasetError: for a field that this dataset does not have.
        """
        names = tuple(inputs)
        for name in (field, *names):
            choose("field", name, self.spaces, self.name)
        if {*names} <= {"label"} or not all(self._together(field, name) for name in names):
            return None
        return self.reference(split, count, field)

    def label_of(self, field: str) -> str | None:
        """Return the field of labels whose rows belong to those of a field: ``label``, or ``label_*``."""
        labels = sorted(name for name in self.spaces if name == "label" or name.startswith("label_"))
        return next((name for name in labels if self._together(field, name)), None)

    def _together(self, field: str, other: str) -> bool:
        """Return whether reference rows of two fields belong together: they are one, or share a stream."""
        return field == other or any({field, other} <= {*fields} for fields in self.streams.values())

    def _free_labels(self, split: str, count: int | None) -> Tensor:
        check_count(self.name, count)
        rows = count if count is not None else len(self.reference(split, field="label"))
        return labels_by_weight(self.class_weights or equal(self.truth.classes or 1), rows)

    @cached_property
    def class_weights(self) -> Weights | None:
        """Return the probability of each class: from the truth, else its share of `_known_labels`.

        Return None if there are no classes or no such labels; games then draw classes equally often.
        """
        if self.truth.classes is None or self.truth.weights is not None:
            return None if self.truth.classes is None else self.truth.weights
        labels = self._known_labels()
        return None if labels is None or not len(labels) else shares(labels, self.truth.classes)

    def _known_labels(self) -> Tensor | None:
        """Return the labels from which class weights are estimated, int64: the validation reference's."""
        return self.reference_labels("validation")

    def prepare(self, raw: Tensor, field: str = "real", dtype: torch.dtype | None = None) -> Tensor:
        """Return raw values (..., *shape) of a field as networks see them: floats, or labels as they are.

        Args:
            raw: raw values, any leading dimensions; unchanged.
            field: its name.
            dtype: a floating type; default: the raw values' own, float32 for integers.

        Raises:
            DatasetError: for a field that this dataset does not have.
        """
        return raw if self._space(field).is_label else self.scales.get(field, IDENTITY).prepare(raw, dtype)

    def restore(self, samples: Tensor, field: str = "real") -> Tensor:
        """Return prepared or generated samples (..., *shape) of a field as raw values; inverse of `prepare`.

        Raises:
            DatasetError: for a field that this dataset does not have.
            ValueError: for samples that are not finite, where the field has no such values.
        """
        return samples if self._space(field).is_label else self.scales.get(field, IDENTITY).restore(samples)

    def restore_finite(self, samples: Tensor, field: str = "real") -> Restored:
        """Restore the samples (n, *shape) that are finite on both scales, and count the others."""
        rows = finite_rows(self.restore(finite_rows(samples), field))
        return Restored(rows, len(samples) - len(rows))

    def _space(self, field: str) -> Space:
        return self.spaces[choose("field", field, self.spaces, self.name)]

    def __repr__(self) -> str:
        stands = f" standing in for {self.stand_in_for}" if self.stand_in_for else ""
        return f"<dataset {self.name}{stands}: {self.kind} {self.shape}, {self.content_hash[:12]}>"
