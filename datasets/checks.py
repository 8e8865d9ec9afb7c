"""Checks of every dataset when it is loaded: declarations that agree, and a few rows of every stream.

`datasets.pixels` and `datasets.indexed` check whole arrays when a dataset is built. These checks are for
laws, streams and subclasses, which produce rows on demand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from gan_bench.datasets.base import REFERENCE_SPLITS, Dataset
from gan_bench.datasets.errors import DatasetError
from gan_bench.datasets.field_checks import check_values
from gan_bench.datasets.sources import Fields, IndexedSource, SampledSource
from gan_bench.spaces import Space

PROBE = 64  # rows drawn of a law
DIMENSIONS = {"scalar": 1, "planar": 1, "vectors": 1, "images": 3}
SIZES = {"scalar": 1, "planar": 2}
ATTRIBUTES = ("name", "kind", "spaces", "streams", "truth", "content_hash")


def check(dataset: Dataset) -> None:
    """Check the declarations of a dataset, and a few rows of every stream and reference.

    Raises:
        DatasetError: for streams, spaces and truth that do not agree; rows of another number, shape or type
            than declared, values that are not finite or leave the bounds, labels outside of 0 to classes - 1;
            draws that do not follow the generator; fields that differ between the streams that have them.
    """
    if lacking := [name for name in ATTRIBUTES if not hasattr(dataset, name)]:
        raise DatasetError(f"the dataset has no {', '.join(lacking)}; expected {', '.join(ATTRIBUTES)}")
    _check_streams(dataset.streams, dataset.spaces)
    _check_main_field(dataset)
    for stream, split, fields in _probes(dataset):
        where = f"stream {stream}" + (f", {split} split" if split else "")
        for field, values in fields.items():
            check_values(dataset, field, values, where if field == stream else f"{where}, field {field}")


def _check_streams(streams: Mapping[str, tuple[str, ...]], spaces: Mapping[str, Space]) -> None:
    """Check that every stream names fields that have a space, by the rules of `Dataset.streams`."""
    for name, declared in (("streams", streams), ("spaces", spaces)):
        if not isinstance(declared, Mapping):
            raise DatasetError(f"{name} = {declared!r}: expected a mapping by name, as in {{'real': ...}}")
    if streams.get("real") != ("real",):
        raise DatasetError(f"streams = {dict(streams)}: expected a stream real of the field real among them")
    for stream, fields in streams.items():
        if isinstance(fields, str) or not fields:
            raise DatasetError(f"stream {stream} has the fields {fields!r}, expected a tuple of names")
        if len(fields) == 1 and fields[0] != stream:
            raise DatasetError(f"stream {stream} has one field, {fields[0]}: name both alike")
        if len(fields) > 1 and stream in spaces:
            raise DatasetError(f"stream {stream} has several fields, and there is a field of that name")
        for field in fields:
            if not isinstance(spaces.get(field), Space):
                raise DatasetError(f"stream {stream}: there is no Space of its field {field}")
    if unread := {*spaces} - {field for fields in streams.values() for field in fields}:
        raise DatasetError(f"there is a Space of {min(unread)}, which is a field of no stream")


def _check_main_field(dataset: Dataset) -> None:
    """Check that `real` suits the kind of the dataset, and labels its truth."""
    shape, kind, size = dataset.shape, dataset.kind, SIZES.get(dataset.kind)
    if len(shape) != DIMENSIONS[kind] or (size is not None and shape != (size,)):
        expected = {"images": "(channels, height, width)", "vectors": "(dimensions,)"}.get(kind, f"({size},)")
        raise DatasetError(f"samples have shape {shape}, of {kind} data {expected} is expected")
    if dataset.extractor is not None and kind != "images":
        raise DatasetError(f"extractor = {dataset.extractor!r}: {kind} data have none, only images do")
    if "label" in dataset.spaces and dataset.truth.classes is None:
        raise DatasetError("field label: there are labels, but the truth states no number of classes")
    if "label" in dataset.spaces and dataset.spaces["label"] != Space(classes=dataset.truth.classes):
        raise DatasetError(
            f"field label has the space '{dataset.spaces['label']}', the truth states "
            f"{dataset.truth.classes} classes"
        )


def _probes(dataset: Dataset) -> Iterator[tuple[str, str, Fields]]:
    """Yield stream, split (empty for a law) and a few rows by field."""
    for stream in dataset.streams:
        for split in dataset.splits:
            source = dataset.stream(stream, split)
            if isinstance(source, SampledSource):
                yield stream, "", _drawn(dataset, stream, source)
                break
            if not isinstance(source, IndexedSource):
                raise DatasetError(f"stream {stream} is a {type(source).__name__}, expected a Source")
            if len(source) < 2:
                raise DatasetError(
                    f"stream {stream}: the {split} split has {len(source)} rows, expected at least 2"
                )
            rows = torch.tensor([0, len(source) // 2, len(source) - 1])
            fields = _fields(dataset, stream, source.gather(rows), len(rows))
            if split in REFERENCE_SPLITS:
                _check_reference(dataset, stream, split, len(source), fields)
            yield stream, split, fields


def _check_reference(dataset: Dataset, stream: str, split: str, length: int, fields: Fields) -> None:
    """Check that the references of a stream's fields are its rows: as many, and the same first one."""
    for field, values in fields.items():
        reference = dataset.reference(split, 2, field)
        if dataset.reference_rows(split, field) != length or not torch.equal(reference[:1], values[:1]):
            raise DatasetError(
                f"stream {stream}: field {field} has other rows in the {split} split than stream "
                f"{dataset.home(field)}; metrics pair the fields of a reference row by row"
            )
        check_values(dataset, field, reference, f"the {split} reference of {field}")


def _drawn(dataset: Dataset, stream: str, source: SampledSource) -> Fields:
    """Return a few rows of a law by field, drawn twice to see that they follow the generator."""

    def draw(of: str, law: SampledSource) -> Fields:
        return _fields(dataset, of, law.sample(PROBE, torch.Generator().manual_seed(0)), PROBE)

    rows = draw(stream, source)
    if not _same(rows, draw(stream, source)):
        raise DatasetError(f"stream {stream} draws from something beside the generator that it is given")
    for field in rows:
        home = dataset.home(field)
        other = dataset.stream(home)
        if home == stream or not isinstance(other, SampledSource):
            continue
        if not _same({field: rows[field]}, draw(home, other)):
            raise DatasetError(
                f"stream {stream} draws other rows of {field} than stream {home} from the same generator"
            )
    return rows


def _fields(dataset: Dataset, stream: str, rows: Tensor | Fields, count: int) -> Fields:
    """Return rows of a stream by field, as many and of such shapes as the dataset declares."""
    declared = dataset.streams[stream]
    fields = rows if isinstance(rows, dict) else {stream: rows}
    if {*fields} != {*declared}:
        found = f"the fields {', '.join(fields)}" if isinstance(rows, dict) else "one tensor"
        raise DatasetError(f"stream {stream} gives {found}, expected {', '.join(declared)}")
    if isinstance(rows, dict) and len(declared) == 1:
        raise DatasetError(f"stream {stream} gives a dict of its only field, expected a tensor")
    for field, values in fields.items():
        name = f"stream {stream}" + (f", field {field}" if field != stream else "")
        if not isinstance(values, Tensor):
            raise DatasetError(f"{name} gives {type(values).__name__}, expected a tensor or a dict of them")
        expected = (count, *dataset.spaces[field].shape)
        if tuple(values.shape) != expected:
            raise DatasetError(
                f"{name} gives shape {tuple(values.shape)} for {count} rows, expected {expected}"
            )
    return fields


def _same(one: Fields, other: Fields) -> bool:
    return all(torch.equal(one[name].nan_to_num(), other[name].nan_to_num()) for name in one)
