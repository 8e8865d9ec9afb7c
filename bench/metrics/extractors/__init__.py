"""Feature extractors. A dataset names its own (`Dataset.extractor`), by the name registered here."""

from __future__ import annotations

from gan_bench.bench.metrics.extractors import shipped  # noqa: F401 - importing it registers them
from gan_bench.bench.metrics.extractors.base import Extractor, Outputs
from gan_bench.bench.metrics.extractors.registry import (
    extractor,
    extractor_names,
    of_dataset,
    register_extractor,
    try_out,
)

__all__ = [
    "Extractor",
    "Outputs",
    "extractor",
    "extractor_names",
    "of_dataset",
    "register_extractor",
    "try_out",
]
