"""Rows that belong together: those of given inputs, and training rows of several fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Undefined
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.sources import IndexedSource

DOMAIN = "domain_a"
IMAGES = ("domain_b", "real")
"""Fields that `Truth.mapping` maps to: the second domain, which is the main field of such data."""


def paired(dataset: Dataset, field: str, given: Mapping[str, Tensor], split: str) -> Tensor | None:
    """Return the raw rows of a field that belong to given inputs, in their order.

    Args:
        dataset: the dataset that the inputs are of.
        field: name of the wanted field.
        given: raw inputs by field, equally many rows each, as `Dataset.given` returns them.
        split: of the inputs.

    Returns:
        shape (n, *shape): images under the known map (float64), else the rows that the data pair with the
        inputs; None where the data know neither.
    """
    mapping = dataset.truth.mapping
    if mapping is not None and {*given} == {DOMAIN} and field in IMAGES:
        points = given[DOMAIN].double().cpu()
        return torch.from_numpy(mapping(points.flatten(1).numpy())).reshape(points.shape)
    if not given or field not in dataset.spaces:
        return None
    rows = len(next(iter(given.values())))
    return dataset.paired(field, tuple(given), split, rows)


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
    stream = next((name for name, has in dataset.streams.items() if {*names} <= {*has}), None)
    if stream is None:
        raise Undefined(f"{dataset.name} has no stream of {' and '.join(names)}")
    source = dataset.stream(stream, "train")
    assert isinstance(source, IndexedSource)
    few = min(count, len(source))
    rows = source.gather(torch.arange(few) * len(source) // few)
    return {name: rows[name] if isinstance(rows, dict) else rows for name in names}
