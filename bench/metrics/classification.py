"""Metrics of a game that classifies: how often it is right about held-out samples."""

from __future__ import annotations

from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.tasks import right_share
from gan_bench.datasets.base import Truth


@register(
    "accuracy",
    title="Accuracy",
    unit="fraction of held-out samples",
    direction="max",
    ability="classify",
    reads=("label",),
    truth=("classes",),
    low=0.0,
    high=1.0,
    splits=("test", "validation"),
)
def accuracy(made: Samples, _target: None, _truth: Truth) -> float:
    """Fraction of held-out samples whose most probable class is that of their label.

    The most probable of the data's N classes; a critic's class of generated samples (FAKE) does not count.
    """
    return right_share(made.coordinates.argmax(1), made)
