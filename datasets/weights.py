"""Class weights: estimated from labels, and labels in their proportions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

Weights = tuple[float, ...]


def shares(labels: Tensor, classes: int) -> Weights:
    """Return the share of each class from 0 to `classes` - 1 among `labels`, int64, shape (n,), n > 0."""
    counts = torch.bincount(labels, minlength=classes).double()
    return tuple((counts / counts.sum()).tolist())


def equal(classes: int) -> Weights:
    """Return the weights of `classes` classes that are equally frequent."""
    return (1 / classes,) * classes


def labels_by_weight(weights: Sequence[float], count: int) -> Tensor:
    """Return `count` labels, int64, in an order in which every prefix follows the weights.

    Sample j of class c, from 0, is due at (j + 1/2) / weight (the method of Webster and Sainte-Lague); the
    earliest come first, at a tie the lower class. With equal weights the classes take turns: 0, 1, 2, ...
    """
    due: list[np.ndarray] = [np.empty(0)]
    labels: list[np.ndarray] = [np.empty(0, dtype=np.int64)]
    for label, weight in enumerate(weights):
        if weight > 0:
            rows = math.ceil(count * weight) + 1
            due.append((np.arange(rows) + 0.5) / weight)
            labels.append(np.full(rows, label))
    order = np.argsort(np.concatenate(due), kind="stable")[:count]
    return torch.from_numpy(np.concatenate(labels)[order])
