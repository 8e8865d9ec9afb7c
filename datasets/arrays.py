"""Finite datasets of arrays: paired images, masks, low and high resolution, labels and numbers by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from gan_bench.datasets.base import DatasetError, Kind, Truth, choose
from gan_bench.datasets.field_checks import check_values
from gan_bench.datasets.hashing import declarations
from gan_bench.datasets.indexed import IndexedDataset, Streams, require_splits
from gan_bench.datasets.numbers import to_labels, to_numbers
from gan_bench.datasets.pixels import to_pixels
from gan_bench.datasets.scales import IDENTITY, PIXELS, Pixels, Scale
from gan_bench.datasets.sources import IndexedSource, ResidentSource
from gan_bench.spaces import Space


def finite_dataset(
    name: str,
    splits: Mapping[str, Mapping[str, Any]],
    *,
    streams: Streams,
    spaces: Mapping[str, Space] | None = None,
    scales: Mapping[str, Scale] | None = None,
    kind: Kind = "images",
    truth: Truth | None = None,
    preprocessing: str = "none",
    version: int = 1,
    content_hash: str | None = None,
    extractor: str | None = None,
) -> IndexedDataset:
    """Return a dataset of several fields, from arrays, tensors, lists or sources.

    Args:
        name, kind, version, extractor: as in `Dataset`.
        splits: for each split the rows of every field. Fields without a space are images, whole numbers from
            0 to 255, (n, height, width) or (n, channels, height, width); `datasets.pixels.to_pixels` converts
            others.
        streams: as in `IndexedDataset`: ``{"pairs": ("a", "b"), "real": "b"}``.
        spaces: of fields that are no images: labels, whole numbers from 0 to classes - 1, or numbers.
        scales: of fields with a space; without one networks see the numbers as they are.
        truth: known facts of ``real``; by default the number of classes, if there is a field ``label``.
        preprocessing: description of the preprocessing, part of the content hash.
        content_hash: needed for sources that are not resident, computed from the bytes for those that are.

    Raises:
        DatasetError: for data that no rule converts, or that do not fit their spaces or each other; the
            message names the split and the field.
    """
    require_splits(name, splits)
    stated = dict(spaces or {})
    for field in (*stated, *(scales or {})):
        choose("field", field, splits["train"], name)
    sources = {
        split: {
            field: _source(rows, stated.get(field), f"{name}: {field} of the {split} split")
            for field, rows in fields.items()
        }
        for split, fields in splits.items()
    }
    every = {f: stated.get(f) or Space(tuple(s.shape), Pixels.bounds) for f, s in sources["train"].items()}
    conversions = {f: (scales or {}).get(f, IDENTITY if f in stated else PIXELS) for f in every}
    dataset = IndexedDataset(
        name, kind, sources, streams=streams, spaces=every, scales=conversions,
        truth=truth or Truth(classes=every["label"].classes if "label" in every else None),
        version=version, content_hash=content_hash, extractor=extractor,
        definition={
            "name": name, "version": version, "preprocessing": preprocessing, "streams": dict(streams),
            **declarations(every, conversions),
        },
    )  # fmt: skip
    for split, fields in dataset.sources.items():
        for field, source in fields.items():
            if isinstance(source, ResidentSource) and not isinstance(dataset.scales[field], Pixels):
                check_values(dataset, field, source.data, f"{name}: {field} of the {split} split")
    return dataset


def _source(rows: Any, space: Space | None, where: str) -> IndexedSource:
    """Return the rows of one field as a source."""
    if isinstance(rows, IndexedSource):
        return rows
    try:
        if space is None:
            return ResidentSource(torch.from_numpy(to_pixels(rows)))
        shape = space.shape
        return ResidentSource(to_labels(rows, shape=shape) if space.is_label else to_numbers(rows, shape))
    except DatasetError as error:
        raise DatasetError(f"{where}: {error}") from error
