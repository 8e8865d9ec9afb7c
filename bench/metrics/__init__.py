"""Metrics: features, then statistics, then a value that says what it is (see `bench.metrics.base`)."""

from __future__ import annotations

# isort: off
# Importing a family registers its metrics; this order is the order of lists and tables.
from gan_bench.bench.metrics import (  # noqa: F401
    fidelity,
    neighbours,
    classes,
    degenerate,
    modes,
    distances,
    moments,
    tasks,
    dynamics,
)

# isort: on
from gan_bench.bench.metrics.base import Measurement, Metric, MetricError, Undefined
from gan_bench.bench.metrics.evaluator import Evaluator
from gan_bench.bench.metrics.registry import UnknownMetric, info, names, register

__all__ = [
    "Evaluator",
    "Measurement",
    "Metric",
    "MetricError",
    "Undefined",
    "UnknownMetric",
    "info",
    "names",
    "register",
]
