"""Probes: simple classifiers on codes, fitted on training rows and tested on held-out ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

if TYPE_CHECKING:
    from sklearn.base import ClassifierMixin

TRAINING = 60_000
"""Training rows, all of MNIST's."""
FITTED = 10_000
"""Training rows of the linear probe at most: each of its steps reads all of them."""
STEPS = 1_000

_FIELDS: dict[str, Any] = {
    "unit": "fraction of held-out",
    "direction": "max",
    "low": 0.0,
    "high": 1.0,
    "when": "final",
    "truth": ("classes",),
    "reads": ("label",),
    "training": TRAINING,
    "splits": ("test", "validation"),
}


@register("nearest_code", title="1-NN accuracy on codes", ability="encode", **_FIELDS)
def nearest_code(made: Samples, _target: None, _truth: Truth) -> float:
    """Fraction of held-out codes whose nearest training code (Euclidean) has the same label.

    Codes of an untrained encoder do well already, so it ranks nothing: see the row "untrained".
    """
    return accuracy(_nearest(), made)


@register("nearest_features", title="1-NN accuracy on features", ability="features", **_FIELDS)
def nearest_features(made: Samples, _target: None, _truth: Truth) -> float:
    """Fraction of held-out samples whose nearest training sample in the encoder's features has their label.

    The features are what the encoder's last layer reads: the measure of BiGAN's table 1
    (arXiv:1605.09782). It ranks nothing: see the row "untrained".
    """
    return accuracy(_nearest(), made)


@register(
    "linear_code", title="Linear probe on codes", ability="encode", version=2,
    **{**_FIELDS, "training": FITTED},
)  # fmt: skip
def linear_code(made: Samples, _target: None, _truth: Truth) -> float:
    """Fraction of held-out codes that a logistic regression, fitted on training codes, labels rightly.

    Of at most 10,000 training rows. Codes are standardised; scikit-learn's default penalty.
    It ranks nothing: see the row "untrained".
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return accuracy(make_pipeline(StandardScaler(), LogisticRegression(max_iter=STEPS)), made)


def accuracy(classifier: ClassifierMixin, made: Samples) -> float:
    """Return the share of held-out rows that a classifier, fitted on the training rows, labels rightly."""
    assert made.training is not None
    if len(np.unique(_labels(made.training))) < 2:
        raise Undefined("the training rows are of one class")
    classifier.fit(made.training.coordinates, _labels(made.training))
    return float(classifier.score(made.coordinates, _labels(made)))


def _nearest() -> ClassifierMixin:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_neighbors=1, algorithm="brute")


def _labels(samples: Samples) -> np.ndarray:
    return samples.given["label"].cpu().numpy()
