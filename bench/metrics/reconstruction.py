"""Metrics of reconstructions: the error by pixel, and the label that is kept."""

from __future__ import annotations

import numpy as np

from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import WHITE, Samples
from gan_bench.bench.metrics.tasks import predicted_labels, right_share
from gan_bench.datasets.base import Truth


@register(
    "reconstruction_mse",
    title="Reconstruction MSE",
    unit="squared intensity, 0 to 1",
    direction="min",
    ability="reconstruct",
    paired=True,
    low=0.0,
    high=1.0,
    kinds=("images",),
    splits=("test", "validation"),
)
def reconstruction_mse(made: Samples, target: Samples, _truth: Truth) -> float:
    """Mean squared difference of held-out images and their reconstructions, by pixel on the scale 0 to 1.

    Mean over pixels, channels and images, of intensities rounded to bytes. Empty borders count, so values are
    comparable between images of one preparation only; read them beside those of the mean image and of PCA.
    """
    return float(np.square((made.coordinates - target.coordinates) / WHITE).mean())


@register(
    "reconstruction_label",
    title="Label kept in the reconstruction",
    unit="fraction of inputs",
    direction="max",
    ability="reconstruct",
    low=0.0,
    high=1.0,
    truth=("classes",),
    reads=("label",),
    extractor="classes",
    splits=("test", "validation"),
)
def reconstruction_label(made: Samples, _target: Samples, truth: Truth) -> float:
    """Fraction of held-out samples whose reconstruction is of the class of their label.

    A reconstruction's class is its nearest mode where modes are known, else the prediction of the dataset's
    own classifier, which is not right about all real images either (see the row of real data).
    """
    return right_share(predicted_labels(made, truth), made)
