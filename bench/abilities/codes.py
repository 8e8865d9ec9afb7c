"""Codes, clusters and classes that a trained game gives to test rows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.abilities.bounded import few, fitting, small
from gan_bench.bench.abilities.subject import SPLIT, Subject
from gan_bench.bench.metrics.pairing import paired

ROWS = 1_000
CLASSIFIED = 10_000
COLUMNS = 10


def codes(subject: Subject) -> dict[str, np.ndarray]:
    """Return codes of test rows, for their picture in the plane.

    Returns:
        `codes` (n, d); `label` (n,), the rows' classes, where the data have labels; `prior` (n, d), draws of
        the prior, where the game makes some. Nothing where the game does not encode, or codes are not finite.
    """
    if (found := subject.answers("encode", ROWS)) is None:
        return {}
    encoded, given = found[0].flatten(1), found[1]
    kept = {"codes": few(encoded, ROWS)}
    count = len(kept["codes"])
    kept |= _label(subject, given, count)
    if "prior" in subject.abilities and not subject.abilities["prior"].inputs:
        prior = subject.make("prior", subject.draws("prior", count))
        if prior is not None and prior[0].numel() == encoded.shape[1]:
            kept["prior"] = small(prior.flatten(1))
    return kept


def clusters(subject: Subject, columns: int | None = None) -> dict[str, np.ndarray]:
    """Return the clusters that test rows are put into: each its most confident rows, as pictures.

    The confidence is the softmax of the logits that the ability returns.

    Args:
        subject: the trained model.
        columns: rows shown of each cluster; default: 10, and no more than fit a record.

    Returns:
        `cluster` (n,) of each test row; `label` (n,), its class, where the data have labels; `rows`
        (clusters, columns, *shape), raw inputs, the most confident first; `shown` (clusters,), how many of
        them there are: the others are empty. Points are kept as `points` (n, 1 or 2) in place of both.
        Nothing where the game does not cluster, or logits are not finite.
    """
    if (found := subject.answers("cluster", ROWS)) is None:
        return {}
    logits, given = found
    confidence, cluster = logits.double().softmax(1).max(1)
    kept = {"cluster": small(cluster)} | _label(subject, given, len(cluster))
    inputs = given[subject.abilities["cluster"].inputs[0]]
    if inputs[0].numel() <= 2:
        return kept | {"points": small(inputs.flatten(1))}
    count = logits.shape[1]
    if columns is None:
        columns = fitting(COLUMNS, count * small(inputs[:1]).nbytes)
    pictures = torch.zeros((count, columns, *inputs.shape[1:]), dtype=inputs.dtype)
    shown = torch.zeros(count, dtype=torch.int64)
    for place in range(count):
        members = torch.nonzero(cluster == place)[:, 0]
        best = members[confidence[members].argsort(descending=True, stable=True)][:columns]
        pictures[place, : len(best)], shown[place] = inputs[best], len(best)
    return kept | {"rows": small(pictures), "shown": small(shown)}


def confusion(subject: Subject) -> dict[str, np.ndarray]:
    """Return how often test rows of each class are given each class.

    Returns:
        `counts` (classes, classes), true classes as rows. Nothing where the game does not classify, the data
        have no labels, or logits are not finite.
    """
    if (found := subject.answers("classify", CLASSIFIED)) is None:
        return {}
    logits, given = found
    truth = _label(subject, given, len(logits)).get("label")
    if truth is None:
        return {}
    counts = np.zeros((subject.dataset.truth.classes or logits.shape[1], logits.shape[1]), np.int64)
    np.add.at(counts, (truth.astype(np.int64), logits.argmax(1).numpy()), 1)
    return {"counts": counts}


def _label(subject: Subject, given: dict[str, Tensor], rows: int) -> dict[str, np.ndarray]:
    if "label" not in subject.dataset.spaces:
        return {}
    labels = paired(subject.dataset, "label", given, SPLIT)
    return {} if labels is None else {"label": small(labels[:rows])}
