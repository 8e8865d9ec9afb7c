"""Shares of test rows whose class is kept in what a trained game makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.abilities.bounded import small
from gan_bench.bench.metrics.base import kind_of
from gan_bench.bench.metrics.extractors import of_dataset
from gan_bench.bench.metrics.label_maps import pixels_by_label

if TYPE_CHECKING:
    from gan_bench.bench.metrics.outputs import Output

ROWS = 1_000
CLASSES = 100
"""Classes up to which they are counted, with a number for each two of them."""


def by_class(output: Output, kept_as: str, dataset: Any) -> dict[str, np.ndarray]:
    """Return how often the outputs for inputs of each class are of each class, for tables by class.

    Images are classified by the dataset's own classifier. Pixels of label maps are compared one by one.

    Args:
        output: of an ability with inputs.
        kept_as: the name of the weights in a record: `final` or `ema`.
        dataset: of the trial.

    Returns:
        `by_class.KEPT_AS.ABILITY.counts` (classes, classes), rows by class of the input, or asked for, and
        columns by class found; `by_class.KEPT_AS.ABILITY.pixels` (labels, labels), pixels by right label and
        label made. Nothing where outputs are not finite or no images, and for data without classes.
    """
    query = output.query
    if output.broken or not query.given or not query.makes or kind_of(dataset, query.makes) != "images":
        return {}
    found = {"counts": _counts(output, dataset), "pixels": _pixels(output, dataset)}
    return {
        f"by_class.{kept_as}.{query.name}.{name}": small(rows)
        for name, rows in found.items()
        if rows is not None
    }


def _counts(output: Output, dataset: Any) -> Tensor | None:
    query, classes = output.query, dataset.truth.classes
    labels = query.given.get("label", query.paired("label"))
    images = output.first[:ROWS]
    if labels is None or not classes or classes > CLASSES or images.shape[1:] != dataset.shape:
        return None
    classifier = of_dataset(dataset, images.device.type)
    if classifier is None:
        return None
    found = classifier(images).logits.argmax(1).cpu()
    pairs = labels[:ROWS].cpu().long() * classes + found
    return pairs.bincount(minlength=classes**2).reshape(classes, classes)


def _pixels(output: Output, dataset: Any) -> Tensor | None:
    palette, target = dataset.truth.palette, output.query.paired(output.query.makes)
    if palette is None or target is None:
        return None
    counts = pixels_by_label(target.cpu().numpy(), output.first.cpu().numpy(), palette)
    return torch.from_numpy(counts)
