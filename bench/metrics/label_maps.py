"""Accuracy of label maps: of maps that are made, against those that are right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gan_bench.bench.metrics.blocks import blocks
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

MAPS: dict[str, Any] = {
    "direction": "max", "ability": "translate", "paired": True, "low": 0.0, "high": 1.0,
    "truth": ("palette",), "kinds": ("images",), "splits": ("test", "validation"),
}  # fmt: skip


@register("pixel_accuracy", title="Pixel accuracy", unit="fraction of pixels", **MAPS)
def pixel_accuracy(made: Samples, target: Samples, truth: Truth) -> float:
    """Fraction of pixels that have the right label; it favours the label that is most frequent.

    A pixel's label is the colour of the palette that is nearest to it.
    """
    counts = confusion(made, target, truth)
    return float(np.trace(counts) / counts.sum())


@register("class_accuracy", title="Class accuracy", unit="mean over labels", **MAPS)
def class_accuracy(made: Samples, target: Samples, truth: Truth) -> float:
    """Fraction of each label's pixels that have it, mean over the labels that occur."""
    counts = confusion(made, target, truth)
    right, there = np.diag(counts), counts.sum(1)
    return float((right[there > 0] / there[there > 0]).mean())


@register("iou", title="Mean IoU", unit="mean over labels", ranks=("palette",), **MAPS)
def iou(made: Samples, target: Samples, truth: Truth) -> float:
    """Pixels that have a label and should, as a share of those that have it or should; mean over labels.

    Labels that occur in neither are left out (Long et al. 2015, arXiv:1411.4038, section 5).
    """
    counts = confusion(made, target, truth)
    right, either = np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts)
    return float((right[either > 0] / either[either > 0]).mean())


def confusion(made: Samples, target: Samples, truth: Truth) -> np.ndarray:
    """Return the number of pixels by right label (row) and label that was made (column)."""
    assert truth.palette is not None
    return pixels_by_label(target.rows.cpu().numpy(), made.rows.cpu().numpy(), truth.palette)


def pixels_by_label(target: np.ndarray, made: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return the number of pixels by right label (row) and label that was made (column).

    Args:
        target, made: images (n, channels, h, w).
        palette: colours of the labels, as in `Truth`.
    """
    size, pixels = len(palette), math.prod(made.shape[2:])
    counts = np.zeros(size**2, dtype=np.int64)
    # The distances to all colours are in memory twice: one by one, and joined.
    for rows in blocks(len(made), 2 * size * pixels * np.dtype(np.float32).itemsize):
        wanted, found = (labels_of(images[rows], palette).ravel() for images in (target, made))
        counts += np.bincount(wanted * size + found, minlength=size**2)
    return counts.reshape(size, size)


def labels_of(images: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return the number of the nearest colour at each pixel of images (n, channels, h, w): (n, h, w)."""
    distances = [
        sum(np.square(images[:, c].astype(np.float32) - value) for c, value in enumerate(colour))
        for colour in palette
    ]
    return np.argmin(distances, axis=0)
