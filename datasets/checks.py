"""Checks of every dataset when it is loaded: a few rows must have the declared shapes, types and ranges.

`datasets.pixels` and `datasets.images` check whole arrays when a dataset is built. These checks are for
laws, streams and subclasses, which produce rows on demand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from gan_bench.datasets.base import REFERENCE_SPLITS, Dataset, DatasetError
from gan_bench.datasets.sources import Fields, IndexedSource, SampledSource, Source

PROBE = 64  # rows drawn of a law
DIMENSIONS = {"scalar": 1, "planar": 1, "vectors": 1, "images": 3}
SIZES = {"scalar": 1, "planar": 2}
ATTRIBUTES = ("name", "kind", "shape", "truth", "content_hash")


def check(dataset: Dataset) -> None:
    """Check a few rows of every stream and reference of a dataset.

    Raises:
        DatasetError: for rows of another number, shape or type than declared, values that are not finite or
            leave the bounds, labels outside of 0 to classes - 1, or draws that do not follow the generator.
    """
    if lacking := [name for name in ATTRIBUTES if not hasattr(dataset, name)]:
        raise DatasetError(f"the dataset has no {', '.join(lacking)}; expected {', '.join(ATTRIBUTES)}")
    shape, kind = dataset.shape, dataset.kind
    size = SIZES.get(kind)
    if len(shape) != DIMENSIONS[kind] or min(shape) < 1 or (size is not None and shape != (size,)):
        expected = {"images": "(channels, height, width)", "vectors": "(dimensions,)"}.get(kind, f"({size},)")
        raise DatasetError(f"samples have shape {shape}, of {kind} data {expected} is expected")
    if dataset.extractor is not None and kind != "images":
        raise DatasetError(f"extractor = {dataset.extractor!r}: {kind} data have none, only images do")
    for stream, split, rows in _probes(dataset):
        where = f"stream {stream}" + (f", {split} split" if split else "")
        fields = rows if isinstance(rows, dict) else {"real": rows}
        for field, values in fields.items():
            _check_field(
                dataset, field, values, f"{where}, field {field}" if isinstance(rows, dict) else where
            )
    for split in REFERENCE_SPLITS:
        if dataset.reference_rows(split) is not None:
            _check_field(dataset, "real", dataset.reference(split, 2), f"the {split} reference")


def _probes(dataset: Dataset) -> Iterator[tuple[str, str, Tensor | Fields]]:
    """Yield stream, split (empty for a law) and a few rows."""
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
            yield stream, split, _counted(source.gather(rows), len(rows), source, stream)


def _drawn(dataset: Dataset, stream: str, source: SampledSource) -> Tensor | Fields:
    rows, again = (
        _counted(source.sample(PROBE, torch.Generator().manual_seed(0)), PROBE, source, stream)
        for _ in range(2)
    )
    if not _same(rows, again):
        raise DatasetError(f"stream {stream} draws from something beside the generator that it is given")
    if stream == "labelled" and isinstance(rows, dict):
        real = dataset.stream("real", "train")
        if isinstance(real, SampledSource):
            bare = real.sample(PROBE, torch.Generator().manual_seed(0))
            if not _same(bare, rows.get("real", bare)):
                raise DatasetError(
                    "stream labelled draws other points than stream real from the same generator"
                )
    return rows


def _counted(rows: Tensor | Fields, count: int, source: Source, stream: str) -> Tensor | Fields:
    for field, values in (rows if isinstance(rows, dict) else {"": rows}).items():
        name = f"stream {stream}" + (f", field {field}" if field else "")
        if not isinstance(values, Tensor):
            raise DatasetError(f"{name} gives {type(values).__name__}, expected a tensor or a dict of them")
        expected = (count,) if field == "label" else (count, *source.shape)
        if tuple(values.shape) != expected:
            raise DatasetError(
                f"{name} gives shape {tuple(values.shape)} for {count} rows, expected {expected}"
            )
    return rows


def _same(one: Tensor | Fields, other: Tensor | Fields) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same(one[name], other[name]) for name in one)
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return torch.equal(one.nan_to_num(), other.nan_to_num())
    return False


def _check_field(dataset: Dataset, field: str, values: Tensor, where: str) -> None:
    if field == "label":
        _check_labels(dataset.truth.classes, values, where)
        return
    if dataset.kind == "images" and values.dtype != torch.uint8:
        raise DatasetError(
            f"{where}: images are {values.dtype}, expected uint8: datasets.pixels.to_pixels converts"
        )
    if dataset.kind != "images" and not values.is_floating_point():
        raise DatasetError(f"{where}: points are {values.dtype}, expected floats")
    if broken := int((~values.isfinite()).flatten(1).any(1).sum()):
        raise DatasetError(f"{where}: {broken} of {len(values)} rows read are not finite")
    prepared = dataset.prepare(values, torch.float32)
    if not prepared.is_floating_point() or prepared.shape != values.shape:
        raise DatasetError(
            f"{where}: prepare gives {prepared.dtype} of shape {tuple(prepared.shape)}, expected floats of "
            f"shape {tuple(values.shape)}"
        )
    largest = float(prepared.abs().max())
    if not math.isfinite(largest) or math.isinf(float(prepared.square().sum())):
        raise DatasetError(
            f"{where}: prepared values reach {largest:g}, whose square float32 cannot hold: "
            "bring them to the order of 1 (of a SampledDataset: shift and scale)"
        )
    if dataset.bounds is not None:
        low, high = dataset.bounds
        if prepared.min() < low or prepared.max() > high:
            raise DatasetError(
                f"{where}: prepared values go from {prepared.min():g} to {prepared.max():g}, "
                f"the bounds are {low:g} to {high:g}"
            )


def _check_labels(classes: int | None, labels: Tensor, where: str) -> None:
    if classes is None:
        raise DatasetError(f"{where}: there are labels, but the truth states no number of classes")
    if labels.dtype != torch.int64:
        raise DatasetError(f"{where}: labels are {labels.dtype}, expected int64")
    if len(labels) and (labels.min() < 0 or labels.max() >= classes):
        raise DatasetError(
            f"{where}: labels go from {int(labels.min())} to {int(labels.max())}, with classes = {classes} "
            f"expected 0 to {classes - 1}"
        )
