"""Rows that belong together: those of given inputs, and training rows of several fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Undefined
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.sources import IndexedSource


def paired(dataset: Dataset, field: str, given: Mapping[str, Tensor], split: str) -> Tensor | None:
    """Return the raw rows of a field that belong to given inputs, in their order.

    Args:
        dataset: the dataset that the inputs are of.
        field: name of the wanted field; ``label`` for the inputs' labels, whatever the data call them.
        given: raw inputs by field, equally many rows each, as `Dataset.given` returns them.
        split: of the inputs.

    Returns:
        shape (n, *shape): images under the known map (float64), else the rows that the data pair with the
        inputs; None where the data know neither.
    """
    if known := dataset.truth.map_of(given, field):
        names, mapping = known
        rows = [given[name].double().cpu().numpy() for name in names]
        return torch.from_numpy(np.asarray(mapping(*rows), dtype=np.float64))
    if not given:
        return None
    if field == "label" and (label := dataset.label_of(next(iter(given)))):
        field = label
    if field not in dataset.spaces:
        return None
    rows_of = len(next(iter(given.values())))
    return dataset.paired(field, tuple(given), split, rows_of)


def training_source(dataset: Dataset, fields: Collection[str]) -> IndexedSource:
    """Return the training split of the first stream of finite data that has all fields.

    Raises:
        Undefined: if no stream of the dataset has all fields.
    """
    stream = next((name for name, has in dataset.streams.items() if {*fields} <= {*has}), None)
    if stream is None:
        raise Undefined(f"{dataset.name} has no stream of {' and '.join(fields)}")
    source = dataset.stream(stream, "train")
    assert isinstance(source, IndexedSource)
    return source


def training_rows(dataset: Dataset, fields: Iterable[str], count: int) -> dict[str, Tensor]:
    """Return raw training rows by field, which belong together, evenly spread over finite data.

    Args:
        dataset: finite data.
        fields: names of fields.
        count: rows at most.

    Raises:
        Undefined: if no stream of the dataset has all fields.
    """
    names = tuple(dict.fromkeys(fields))
    source = training_source(dataset, names)
    few = min(count, len(source))
    rows = source.gather(torch.arange(few) * len(source) // few)
    return {name: rows[name] if isinstance(rows, dict) else rows for name in names}
