"""Metrics of clusters: agreement of a game's categories, or of k-means on its codes, with the data's labels.

Labels are never seen by the game; they name the truth of held-out rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

RESTARTS = 10
SEED = 0  # as in the authors' program of ClusterGAN, Image_ClusterGAN.py
TRAINING = 10_000

_FIELDS: dict[str, Any] = {
    "direction": "max",
    "high": 1.0,
    "truth": ("classes",),
    "reads": ("label",),
    "splits": ("test", "validation"),
}
_CATEGORIES: dict[str, Any] = {**_FIELDS, "ability": "cluster"}
_MEANS: dict[str, Any] = {
    **_FIELDS,
    "ability": "encode",
    "when": "final",
    "settings": {"restarts": RESTARTS, "seed": SEED},
}


# The game's own categories


@register("cluster_accuracy", title="Cluster accuracy", unit="fraction of held-out", low=0.0, **_CATEGORIES)
def cluster_accuracy(made: Samples, _target: None, _truth: Truth) -> float:
    """Fraction of held-out samples in the cluster of their class, under the best one-to-one assignment.

    A sample's cluster is its most probable category. Clusters and classes are assigned to each other by the
    Hungarian algorithm on these samples; a cluster beyond the number of classes is always wrong.
    """
    return accuracy(categories(made), labels(made))


@register("cluster_purity", title="Cluster purity", unit="fraction of held-out", low=0.0, **_CATEGORIES)
def cluster_purity(made: Samples, _target: None, _truth: Truth) -> float:
    """Fraction of held-out samples that have the most frequent class of their cluster.

    At least the accuracy: several clusters may have one class. It rises with the number of clusters.
    """
    return purity(categories(made), labels(made))


@register("cluster_nmi", title="Cluster NMI", low=0.0, **_CATEGORIES)
def cluster_nmi(made: Samples, _target: None, _truth: Truth) -> float:
    """Mutual information of clusters and classes, divided by the mean of their entropies."""
    return mutual_information(categories(made), labels(made))


@register("cluster_ari", title="Cluster ARI", low=-0.5, **_CATEGORIES)
def cluster_ari(made: Samples, _target: None, _truth: Truth) -> float:
    """Adjusted Rand index: pairs of samples on which clusters and classes agree; 0 for random clusters."""
    return rand_index(categories(made), labels(made))


# K-means on codes: untrained encoders have good ones, so none of these ranks


@register(
    "kmeans_accuracy", title="K-means accuracy on codes", unit="fraction of held-out", low=0.0, **_MEANS
)
def kmeans_accuracy(made: Samples, _target: None, truth: Truth) -> float:
    """Cluster accuracy of k-means that is fitted on the codes of the held-out samples themselves.

    As many clusters as classes. It ranks nothing: see the row "untrained".
    """
    return accuracy(made.once(fitted, truth.classes), labels(made))


@register("kmeans_purity", title="K-means purity on codes", unit="fraction of held-out", low=0.0, **_MEANS)
def kmeans_purity(made: Samples, _target: None, truth: Truth) -> float:
    """Cluster purity of k-means that is fitted on the codes of the held-out samples themselves.

    The measure of ClusterGAN's program (Image_ClusterGAN.py and metric.py), which its README calls accuracy.
    """
    return purity(made.once(fitted, truth.classes), labels(made))


@register("kmeans_nmi", title="K-means NMI on codes", low=0.0, **_MEANS)
def kmeans_nmi(made: Samples, _target: None, truth: Truth) -> float:
    """Cluster NMI of k-means that is fitted on the codes of the held-out samples themselves."""
    return mutual_information(made.once(fitted, truth.classes), labels(made))


@register("kmeans_ari", title="K-means ARI on codes", low=-0.5, **_MEANS)
def kmeans_ari(made: Samples, _target: None, truth: Truth) -> float:
    """Cluster ARI of k-means that is fitted on the codes of the held-out samples themselves."""
    return rand_index(made.once(fitted, truth.classes), labels(made))


@register(
    "kmeans_train_accuracy",
    title="K-means accuracy on codes, fitted on training rows",
    unit="fraction of held-out",
    low=0.0,
    training=TRAINING,
    **_MEANS,
)
def kmeans_train_accuracy(made: Samples, _target: None, truth: Truth) -> float:
    """Cluster accuracy of k-means that is fitted on codes of training samples, up to 10,000.

    It ranks nothing: see the row "untrained".
    """
    assert made.training is not None
    return accuracy(k_means(made.training.coordinates, made.coordinates, truth.classes or 1), labels(made))


# Agreement of clusters and classes, both whole numbers from 0, shape (n,)


def accuracy(clusters: np.ndarray, classes: np.ndarray) -> float:
    """Return the share of rows in the cluster that is assigned to their class, at most one to each."""
    from scipy.optimize import linear_sum_assignment

    counts = contingency(clusters, classes)
    return float(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(classes))


def purity(clusters: np.ndarray, classes: np.ndarray) -> float:
    """Return the share of rows of their cluster's most frequent class."""
    return float(contingency(clusters, classes).max(1).sum() / len(classes))


def mutual_information(clusters: np.ndarray, classes: np.ndarray) -> float:
    """Return scikit-learn's normalised mutual information."""
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(classes, clusters))


def rand_index(clusters: np.ndarray, classes: np.ndarray) -> float:
    """Return scikit-learn's adjusted Rand index."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(classes, clusters))


def contingency(clusters: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the number of rows by cluster and class."""
    from sklearn.metrics.cluster import contingency_matrix

    return contingency_matrix(clusters, classes)


def k_means(rows: np.ndarray, others: np.ndarray, clusters: int, seed: int = SEED) -> np.ndarray:
    """Return the clusters of other rows by k-means that is fitted on rows.

    Raises:
        Undefined: for fewer different rows than clusters, or values whose squares overflow.
    """
    from sklearn.cluster import KMeans

    if not np.isfinite(np.square(np.vstack((rows, others))).sum()):
        raise Undefined("the squares of the points overflow")
    different = len(np.unique(rows, axis=0))
    if different < clusters:
        needed = f"needs as many different points, there are {different}"
        raise Undefined(f"k-means of {clusters} clusters {needed}")
    return KMeans(clusters, n_init=RESTARTS, random_state=seed).fit(rows).predict(others)


def fitted(made: Samples, clusters: int) -> np.ndarray:
    """Return the clusters of codes by k-means that is fitted on them."""
    return k_means(made.coordinates, made.coordinates, clusters)


def categories(made: Samples) -> np.ndarray:
    """Return the most probable category of each row of logits."""
    return made.coordinates.argmax(1)


def labels(made: Samples) -> np.ndarray:
    """Return the labels of the rows that a game was given."""
    return made.given["label"].cpu().numpy()
