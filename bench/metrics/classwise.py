"""Metrics of samples of classes that are asked for, each class compared with its own real images.

A class has few real images in a split (35 of digits), and the values depend on their number: they are read
beside the row "real data, by class", which has as many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gan_bench.bench.metrics.base import NO_VALUE, Undefined
from gan_bench.bench.metrics.fidelity import fid
from gan_bench.bench.metrics.neighbours import MANIFOLD_K, recall
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

_FIELDS: dict[str, Any] = {
    "ability": "sample_labelled",
    "low": 0.0,
    "when": "final",
    "kinds": ("images",),
    "truth": ("classes",),
    "extractor": "classes",
    "splits": ("test", "validation"),
}
_RECALL: dict[str, Any] = {
    **_FIELDS,
    "unit": "fraction of real",
    "direction": "max",
    "high": 1.0,
    "settings": {"k": MANIFOLD_K},
}


@register("recall_by_class", title="Recall within classes", **_RECALL)
def recall_by_class(made: Samples, target: Samples, truth: Truth) -> float:
    """Mean over classes of the recall of a class's real images by samples of that class.

    Low where the samples of a class are alike, even if all classes occur.
    """
    return float(np.mean(by_class(recall, made, target, truth)))


@register("least_recall", title="Least recall within a class", **_RECALL)
def least_recall(made: Samples, target: Samples, truth: Truth) -> float:
    """Recall of a class's real images by samples of that class, for the class where it is lowest."""
    return float(np.min(by_class(recall, made, target, truth)))


@register("fid_by_class", title="FID within classes", direction="min", **_FIELDS)
def fid_by_class(made: Samples, target: Samples, truth: Truth) -> float:
    """Mean over classes of the FID between samples of a class and the class's real images."""
    return float(np.mean(by_class(fid, made, target, truth)))


def by_class(
    metric: Callable[[Samples, Samples, Truth], float], made: Samples, target: Samples, truth: Truth
) -> list[float]:
    """Return a metric's value for each class.

    Raises:
        Undefined: with the class, where the metric has no value for one, or there are no samples of it.
    """
    assert truth.classes is not None
    _ = made.features, target.features  # undefined as a whole where some are not finite
    values = []
    for label in range(truth.classes):
        try:
            samples, real = of_class(made, label), target.once(of_class, label)
            if not len(samples) or not len(real):
                raise Undefined(f"there are no {'real' if len(samples) else 'generated'} samples of it")
            values.append(metric(samples, real, truth))
        except NO_VALUE as reason:
            raise Undefined(f"class {label}: {reason}") from None
    return values


def of_class(samples: Samples, label: int) -> Samples:
    """Return the samples that were asked to be of a class, or the real ones that are."""
    if "label" not in samples.given:
        raise Undefined(f"{samples.dataset.name} pairs no label with {samples.field}")
    return samples.where(samples.given["label"].cpu() == label)
