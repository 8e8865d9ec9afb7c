"""Where real batches come from, and what is known of the truth.

``datasets.load("ring")`` gives a `Dataset`; `names()` lists them, `register_dataset` adds one.
"""

from datasets import digits, mnist, sources, toy  # noqa: F401 - importing them registers their datasets
from datasets.base import Dataset, DatasetError, Truth
from datasets.places import Places, Unreachable, cache_folder, data_roots
from datasets.registry import Info, UnknownName, info, load, names, register_dataset
from datasets.sources import (
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
