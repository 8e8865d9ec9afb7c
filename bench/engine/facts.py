"""Facts about a dataset, as games receive them."""

from __future__ import annotations

from typing import Any

from gan_bench.variants.declarations import DataSpec


def data_spec(dataset: Any) -> DataSpec:
    """Return the spaces, streams, class weights and native grid of a `datasets.base.Dataset`."""
    return DataSpec(dataset.spaces, dataset.streams, dataset.class_weights, dataset.enlarged)
