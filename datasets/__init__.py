"""Where real batches come from, and what is known of the truth.

``datasets.load("ring")`` gives a `Dataset`; `names()` lists them, `register_dataset` adds one.
"""

# isort: off
# Importing them registers their datasets, in the order of lists and tables.
from gan_bench.datasets import toy, curves, mixtures, pairs, digits, mnist, stacked, sources  # noqa: F401

# isort: on
from gan_bench.datasets.base import Dataset, DatasetError, Truth
from gan_bench.datasets.places import Places, Unreachable, cache_folder, data_roots
from gan_bench.datasets.registry import Info, UnknownName, info, load, names, register_dataset
from gan_bench.datasets.sources import (
    AlignedSource,
    IndexedSource,
    ResidentSource,
    SampledSource,
    Source,
    StreamingSource,
)

__all__ = [
    "AlignedSource",
    "Dataset",
    "DatasetError",
    "IndexedSource",
    "Info",
    "Places",
    "ResidentSource",
    "SampledSource",
    "Source",
    "StreamingSource",
    "Truth",
    "UnknownName",
    "Unreachable",
    "cache_folder",
    "data_roots",
    "info",
    "load",
    "names",
    "register_dataset",
    "sources",
]
