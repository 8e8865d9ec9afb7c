"""Where real batches come from, and what is known of the truth.

``datasets.load("ring")`` gives a `Dataset`; `names()` lists them, `register_dataset` adds one.
"""

# Importing these modules registers their datasets; `registry.ORDER` has the order of lists and tables.
from gan_bench.datasets import curves, digits, mixtures, mnist, pairs, sources, stacked, toy  # noqa: F401
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
