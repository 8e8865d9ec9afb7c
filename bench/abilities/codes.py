"""Codes, clusters and classes that a trained game gives to test rows."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_bench.bench.abilities.bounded import fitting
from gan_bench.bench.abilities.subject import SPLIT, Subject
from gan_bench.bench.metrics.pairing import paired

ROWS = 1_000
CLASSIFIED = 10_000
CLASSES = 100
"""Classes up to which a confusion matrix is kept, which has a number for each two of them."""
COLUMNS = 10


def codes(subject: Subject) -> dict[str, Tensor]:
    """Return codes of test rows, for their picture in the plane.

    Returns:
        `codes` (n, d); `label` (n,), the rows' classes, where the data have labels; `prior` (n, d), draws of
        the prior, where the game makes some. Nothing where the game does not encode, or codes are not finite.
    """
    if (found := subject.answers("encode", ROWS)) is None:
        return {}
    encoded, given = found[0].flatten(1), found[1]
    count = min(len(encoded), fitting(ROWS, encoded[:1].nbytes))
    kept = {"codes": encoded[:count]}
    kept |= _label(subject, given, count)
    if "prior" in subject.abilities and not subject.abilities["prior"].inputs:
        prior = subject.make("prior", subject.draws("prior", count))
        if prior is not None and prior[0].numel() == encoded.shape[1]:
            kept["prior"] = prior.flatten(1)
    return kept


def clusters(subject: Subject, columns: int | None = None) -> dict[str, Tensor]:
    """Return the clusters that test rows are put into: each its most confident rows, as pictures.

    The confidence is the softmax of the logits that the ability returns.

    Args:
        subject: the trained model.
        columns: rows shown of each cluster; default: 10, and no more than fit a record.

    Returns:
        `cluster` (n,) of each test row; `label` (n,), its class, where the data have labels; `rows`
        (clusters, columns, *shape), raw inputs, the most confident first; `shown` (clusters,), how many of
        them there are: the others are empty. Points are kept as `points` (n, 1 or 2) in place of both. Of
        a game that does not encode, `plane` (n, 2) has the principal components of the inputs, and
        `explained` (2,) their shares of the variance. Nothing where the game does not cluster, or logits are
        not finite.
    """
    if (found := subject.answers("cluster", ROWS)) is None:
        return {}
    logits, given = found
    confidence, cluster = logits.double().softmax(1).max(1)
    kept = {"cluster": cluster} | _label(subject, given, len(cluster))
    inputs = given[subject.abilities["cluster"].inputs[0]]
    if inputs[0].numel() <= 2:
        return kept | {"points": inputs.flatten(1)}
    count = logits.shape[1]
    if columns is None:
        columns = fitting(COLUMNS, count * inputs[:1].nbytes)
    pictures = torch.zeros((count, columns, *inputs.shape[1:]), dtype=inputs.dtype)
    shown = torch.zeros(count, dtype=torch.int64)
    for place in range(count):
        members = torch.nonzero(cluster == place)[:, 0]
        best = members[confidence[members].argsort(descending=True, stable=True)][:columns]
        pictures[place, : len(best)], shown[place] = inputs[best], len(best)
    kept |= {"rows": pictures, "shown": shown}
    return kept if "encode" in subject.abilities else kept | _components(inputs)


def confusion(subject: Subject) -> dict[str, Tensor]:
    """Return how often test rows of each class are given each class.

    Returns:
        `counts` (classes, classes), true classes as rows. Nothing where the game does not classify, the data
        have no labels or more than 100 classes, or logits are not finite.
    """
    if (found := subject.answers("classify", CLASSIFIED)) is None:
        return {}
    logits, given = found
    truth = _label(subject, given, len(logits)).get("label")
    if truth is None or logits.shape[1] > CLASSES:
        return {}
    classes, given_classes = subject.dataset.truth.classes or logits.shape[1], logits.shape[1]
    pairs = truth.long() * given_classes + logits.argmax(1)
    return {"counts": pairs.bincount(minlength=classes * given_classes).reshape(classes, given_classes)}


def _components(inputs: Tensor) -> dict[str, Tensor]:
    """Return the first two principal components of inputs, and their shares of the variance."""
    from sklearn.decomposition import PCA

    pca = PCA(2, svd_solver="full")
    plane = pca.fit_transform(inputs.flatten(1).double().numpy())
    return {"plane": torch.from_numpy(plane), "explained": torch.from_numpy(pca.explained_variance_ratio_)}


def _label(subject: Subject, given: dict[str, Tensor], rows: int) -> dict[str, Tensor]:
    if "label" not in subject.dataset.spaces:
        return {}
    labels = paired(subject.dataset, "label", given, SPLIT)
    return {} if labels is None else {"label": labels[:rows]}
