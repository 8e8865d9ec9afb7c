"""Metrics of what a trained game makes from labels or data, asked for by ability."""

from __future__ import annotations

import numpy as np

from gan_bench.bench.metrics.modes import nearest_modes
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth


@register(
    "label_accuracy",
    title="Label accuracy",
    unit="fraction of generated",
    direction="max",
    ability="sample_labelled",
    low=0.0,
    high=1.0,
    truth=("classes",),
    extractor="classes",
    version=2,  # 2: classes are asked for as often as the data have them
    splits=("test", "validation"),
)
def label_accuracy(made: Samples, _target: Samples, truth: Truth) -> float:
    """Fraction of samples that are of the class that was asked for.

    Classes are asked for as often as the data have them. A sample's class is its nearest mode where modes are
    known, else the prediction of the dataset's own classifier.
    """
    return right_share(predicted_labels(made, truth), made)


def right_share(predictions: np.ndarray, made: Samples) -> float:
    """Return the share of rows whose predicted class, ``[n]``, is that of the label they were given."""
    return float(np.mean(predictions == made.given["label"].cpu().numpy()))


def predicted_labels(made: Samples, truth: Truth) -> np.ndarray:
    """Return each sample's class: of its nearest mode where modes are known, else the classifier's."""
    return nearest_modes(made, truth)[0] if truth.modes is not None else made.logits.argmax(1).cpu().numpy()


@register(
    "reconstruction_error",
    title="Reconstruction error",
    unit="normalised units",
    direction="min",
    ability="reconstruct",
    paired=True,
    low=0.0,
    splits=("test", "validation"),
)
def reconstruction_error(made: Samples, target: Samples, _truth: Truth) -> float:
    """Root mean square difference between held-out samples and their reconstructions.

    Root over the dimensions of a sample, then mean over samples, on the scale that networks are trained on.
    """
    squares = np.square(made.prepared - target.prepared).mean(1)
    return float(np.sqrt(squares).mean())
