"""Accuracy of domains and of labels in a target domain, and agreement of generated pairs."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.bench.metrics.blocks import blocks
from gan_bench.bench.metrics.pairing import training_rows
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.tasks import right_share
from gan_bench.datasets.base import Dataset, Truth

MOST = 2000  # training images of the domains' classifier
CLASSIFIED: dict[str, Any] = {
    "unit": "fraction of images", "direction": "max", "reads": ("label",), "low": 0.0, "high": 1.0,
    "splits": ("test", "validation"),
}  # fmt: skip


@register(
    "domain_accuracy",
    title="Domain accuracy",
    unit="fraction of translated",
    direction="max",
    ability="translate",
    reads=("target",),
    low=0.0,
    high=1.0,
    kinds=("images",),
    any_of=("moves",),
    splits=("test", "validation"),
    settings={"classifier": "logistic regression of colours", "rows": MOST},
)
def domain_accuracy(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Fraction of translated images that are of the domain that was asked for, by a logistic regression.

    It is fitted to mean and standard deviation of each channel of the training images. It says nothing of
    what an image shows: a wrong map can have a domain accuracy of 1, so this metric never ranks.
    """
    found = _classifier(made.dataset).predict(_colours(made.rows))
    return float(np.mean(found == made.given["target"].cpu().numpy()))


@register("target_accuracy", title="Target accuracy", ability="classify_b", any_of=("labelled_b",),
          ranks=("blended-digits", "blended-mnist", "mnist-usps", "usps-mnist"), **CLASSIFIED)  # fmt: skip
def target_accuracy(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Fraction of images of the target domain whose class is found; training has not seen their labels."""
    return right_share(made.coordinates.argmax(1), made)


@register("source_accuracy", title="Source accuracy", ability="classify_a", any_of=("labelled_a",),
          **CLASSIFIED)  # fmt: skip
def source_accuracy(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Fraction of images of the source domain whose class is found."""
    return right_share(made.coordinates.argmax(1), made)


@register(
    "pair_agreement",
    title="Label agreement of pairs",
    unit="fraction of pairs",
    direction="max",
    beside=("sample_a",),
    low=0.0,
    high=1.0,
    kinds=("images",),
    truth=("classes",),
    any_of=("domain_b",),
    extractor="classes",
)
def pair_agreement(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Fraction of generated pairs, an image of each domain, that the dataset's classifier gives one class.

    It is 1 for pairs that all show one class; `classes` tells how many there are.
    """
    return float((made.logits.argmax(1) == made.beside["sample_a"].logits.argmax(1)).double().mean())


@cache
def _classifier(dataset: Dataset) -> Any:
    """Return a classifier of a dataset's domains, fitted to rows evenly spread over its training split."""
    from sklearn.linear_model import LogisticRegression  # slow to import
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = training_rows(dataset, ("real", "domain"), MOST)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(_colours(rows["real"]), rows["domain"].numpy())


def _colours(images: Tensor) -> np.ndarray:
    """Return mean and standard deviation of each channel of images (n, c, h, w), shape (n, 2 c)."""
    colours = np.empty((len(images), 2 * images.shape[1]))
    for rows in blocks(len(images), math.prod(images.shape[1:]) * colours.itemsize):
        pixels = images[rows].cpu().numpy().astype(np.float64)
        colours[rows] = np.concatenate((pixels.mean((2, 3)), pixels.std((2, 3))), axis=1)
    return colours
