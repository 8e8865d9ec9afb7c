"""Metrics: features of samples, then statistics of features, then values (see `bench.metrics.base`)."""

from __future__ import annotations

from gan_bench.bench.metrics import (  # noqa: F401 - importing a module registers its metrics
    adaptation,
    classes,
    classification,
    classwise,
    clusters,
    codes,
    degenerate,
    distances,
    dynamics,
    fidelity,
    inpainting,
    label_maps,
    modes,
    moments,
    neighbours,
    parzen,
    perceptual,
    pictures,
    probes,
    reconstruction,
    tasks,
    translation,
)
from gan_bench.bench.metrics.base import Measurement, Metric, MetricError, Undefined
from gan_bench.bench.metrics.descriptions import Description, describe
from gan_bench.bench.metrics.evaluator import Evaluator
from gan_bench.bench.metrics.registry import UnknownMetric, info, names, register

__all__ = [
    "Description",
    "Evaluator",
    "Measurement",
    "Metric",
    "MetricError",
    "Undefined",
    "UnknownMetric",
    "describe",
    "info",
    "names",
    "register",
]
