"""Task metrics: what a trained game makes of labels or data. They ask for an ability, not for a variant."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from gan_bench.bench.metrics.modes import nearest_modes
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

Given = Mapping[str, Tensor]


@register(
    "label_accuracy",
    title="Label accuracy",
    direction="max",
    ability="sample_labelled",
    low=0.0,
    high=1.0,
    truth=("classes",),
    extractor="classes",
    version=2,  # 2: classes are asked for as often as the data have them
    splits=("test", "validation"),
)
def label_accuracy(fake: Samples, given: Given, truth: Truth) -> float:
    """Fraction of samples of the class that was asked for, each class as often as the data have it.

    A sample's class is its nearest mode where modes are known, else what the dataset's own classifier sees.
    """
    seen = nearest_modes(fake, truth)[0] if truth.modes is not None else fake.logits.argmax(1).numpy()
    return float(np.mean(seen == given["label"].cpu().numpy()))


@register(
    "reconstruction_error",
    title="Reconstruction error",
    direction="min",
    ability="reconstruct",
    low=0.0,
    splits=("test", "validation"),
)
def reconstruction_error(fake: Samples, given: Given, _truth: Truth) -> float:
    """Mean Euclidean distance between held-out samples and their reconstructions, over sqrt(dimensions).

    On the scale that networks are trained on.
    """
    real = Samples(given["real"], fake.dataset)
    squares = np.square(fake.prepared - real.prepared).mean(1)
    return float(np.sqrt(squares).mean())


@register(
    "mapping_error",
    title="Error of the map",
    direction="min",
    ability="translate",
    low=0.0,
    truth=("mapping",),
    splits=("test", "validation"),
)
def mapping_error(fake: Samples, given: Given, truth: Truth) -> float:
    """Mean Euclidean distance from where held-out points were taken to where the known map takes them."""
    assert truth.mapping is not None
    there = truth.mapping(Samples(given["domain_a"], fake.dataset).points)
    return float(np.linalg.norm(fake.points - there, axis=1).mean())
