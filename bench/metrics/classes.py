"""Class metrics: what the dataset's own classifier sees in the generated images, beside the real ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.metrics.registry import register
from bench.metrics.samples import Samples
from datasets.base import Truth

CONFIDENCE = 0.9

_FIELDS: dict[str, Any] = {"kinds": ("images",), "truth": ("classes",), "extractor": "classes"}


@register(
    "classes",
    title="Classes captured",
    direction="max",
    low=0.0,
    settings={"confidence": CONFIDENCE},
    **_FIELDS,
)
def classes(fake: Samples, _real: Samples, _truth: Truth) -> float:
    """Number of classes that at least one image is given with a probability of 0.9 or more.

    The mode rule for images: a confident label stands for being near a mode. One image is enough, so this
    falls only when classes are truly gone; `class_distance` shows imbalance.
    """
    confidence, label = fake.logits.softmax(1).max(1)
    return float(label[confidence >= CONFIDENCE].unique().numel())


@register("class_distance", title="Class histogram distance", direction="min", low=0.0, high=1.0, **_FIELDS)
def class_distance(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Total variation between the histograms of predicted classes: half the sum of absolute differences."""
    return min(1.0, float(0.5 * np.abs(_shares(fake) - _shares(real)).sum()))


@register("class_kl", title="Class histogram KL", direction="min", low=0.0, unit="nats", **_FIELDS)
def class_kl(fake: Samples, real: Samples, _truth: Truth) -> float:
    """KL(generated || real) of the histograms of predicted classes.

    A class that is generated but never seen in real images makes it infinite, and so undefined.
    """
    fakes, reals = _shares(fake), _shares(real)
    seen = fakes > 0
    with np.errstate(divide="ignore"):
        return max(0.0, float(np.sum(fakes[seen] * np.log(fakes[seen] / reals[seen]))))


@register("class_entropy", title="Class entropy", direction="target", low=0.0, unit="nats", **_FIELDS)
def class_entropy(fake: Samples, _real: Samples, _truth: Truth) -> float:
    """Entropy of the histogram of predicted classes; best at the real images' own (balanced: log 10)."""
    share = _shares(fake)
    share = share[share > 0]
    return max(0.0, float(-np.sum(share * np.log(share))))


def _shares(samples: Samples) -> np.ndarray:
    """Share of each predicted class, shape (classes,)."""
    counts = np.bincount(samples.logits.argmax(1).numpy(), minlength=samples.logits.shape[1])
    return counts / counts.sum()
