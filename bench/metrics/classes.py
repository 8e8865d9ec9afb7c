"""Class metrics: predictions of the dataset's own classifier for generated and for real images."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_bench.bench.metrics.histograms import bounded, divergence, shares
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth
from gan_bench.datasets.weights import equal

CONFIDENCE = 0.9

_FIELDS: dict[str, Any] = {"kinds": ("images",), "truth": ("classes",), "extractor": "classes"}


@register(
    "classes",
    title="Classes captured",
    unit="count",
    direction="max",
    low=0.0,
    settings={"confidence": CONFIDENCE},
    target=lambda truth: truth.classes,
    **_FIELDS,
)
def classes(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Number of classes that the classifier gives to at least one image with a probability of 0.9 or more.

    One image is enough, so the number falls only where a class is missing; `class_distance` shows imbalance.
    """
    confidence, label = made.logits.softmax(1).max(1)
    return float(label[confidence >= CONFIDENCE].unique().numel())


# With a thousand classes a reference holds a few images of each: its histogram says little.
_FEW: dict[str, Any] = {**_FIELDS, "without": ("class_modes",)}


@register("class_distance", title="Class histogram distance", direction="min", low=0.0, high=1.0, **_FEW)
def class_distance(made: Samples, target: Samples, _truth: Truth) -> float:
    """Total variation distance between the histograms of predicted classes of generated and real images.

    Half the sum of the absolute differences of shares.
    """
    return bounded(float(0.5 * np.abs(_shares(made) - _shares(target)).sum()), 0.0, 1.0)


@register("class_kl", title="Class histogram KL", direction="min", low=0.0, unit="nats", **_FEW)
def class_kl(made: Samples, target: Samples, _truth: Truth) -> float:
    """KL divergence from the real to the generated images' histogram of predicted classes; 0 is equal.

    KL(generated || real). Undefined where a generated class is not predicted for any real image.
    """
    return divergence(_shares(made), _shares(target), "classes")


_MODES: dict[str, Any] = {
    **_FIELDS,
    "truth": ("class_modes",),
    "splits": ("test", "validation"),
    "ranks": ("class_modes",),
}


@register(
    "class_modes",
    title="Modes captured, by class",
    unit="count",
    direction="max",
    low=0.0,
    target=lambda truth: truth.class_modes,
    **_MODES,
)
def class_modes(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Number of classes that are the most probable one of at least one image.

    The modes of stacked MNIST, counted as by Metz et al. 2017 (section 3.3.1) and PacGAN: without a threshold
    of confidence.
    """
    return float(np.count_nonzero(_shares(made)))


@register("class_mode_kl", title="KL over modes, by class", direction="min", low=0.0, unit="nats", **_MODES)
def class_mode_kl(made: Samples, _target: Samples, truth: Truth) -> float:
    """KL divergence from the data's mode weights to the histogram of predicted classes; 0 is equal.

    KL(generated || data), from 0 to -log(least weight). Classes that count as modes are equally frequent, as
    in the papers, unless the truth states weights.
    """
    assert truth.class_modes is not None
    return divergence(_shares(made), np.array(truth.weights or equal(truth.class_modes)), "classes")


@register(
    "class_entropy", title="Class histogram entropy", direction="target", low=0.0, unit="nats", **_FIELDS
)
def class_entropy(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Entropy of the histogram of predicted classes; best at that of the real images.

    The logarithm of the number of classes where all are equally frequent.
    """
    share = _shares(made)
    share = share[share > 0]
    return bounded(float(-np.sum(share * np.log(share))), 0.0)


def _shares(samples: Samples) -> np.ndarray:
    """Return the share of each predicted class, shape (classes,)."""
    counts = np.bincount(samples.logits.argmax(1).cpu().numpy(), minlength=samples.logits.shape[1])
    return shares(counts, "samples")
