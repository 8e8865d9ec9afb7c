"""Datasets: sources of real batches, and known facts of their distributions.

``datasets.load("ring")`` returns a `Dataset`; `names()` lists them, `register_dataset` adds one.
"""

# Importing these modules registers their datasets; `registry.ORDER` has the order of lists and tables.
from gan_bench.datasets import (  # noqa: F401
    blended,
    cifar,
    curves,
    digits,
    domains,
    facades,
    hues,
    mixtures,
    mnist,
    outlines,
    pairs,
    photographs,
    sources,
    stacked,
    super_resolution_sets,
    tints,
    toy,
    usps,
)
from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Dataset, DatasetError, Truth
from gan_bench.datasets.folders import Folders, Unreachable, cache_folder, data_roots
from gan_bench.datasets.registry import Info, UnknownName, info, load, names, register_dataset
from gan_bench.datasets.sources import (
    AlignedSource,
    IndexedSource,
    ResidentSource,
    SampledSource,
    Source,
    StreamingSource,
)

Places = Folders  # its former name, which plug-ins may import

__all__ = [
    "AlignedSource",
    "Dataset",
    "DatasetError",
    "Folders",
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
    "finite_dataset",
    "info",
    "load",
    "names",
    "register_dataset",
    "sources",
]
