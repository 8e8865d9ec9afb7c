"""Accuracy of label maps by scikit-learn's confusion matrix, and in blocks of images of bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, jaccard_score

from gan_bench.bench.metrics import blocks, label_maps
from gan_bench.bench.metrics.label_maps import class_accuracy, iou, labels_of, pixel_accuracy, pixels_by_label
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth

RNG = np.random.default_rng(0)
PALETTE = RNG.integers(0, 256, (7, 3)).astype(np.float64)
TRUTH = Truth(palette=PALETTE)


@pytest.fixture
def maps():
    """Label maps as images: right ones, and others of which a half is random."""
    right = RNG.integers(0, len(PALETTE), (10, 5, 6))
    made = np.where(RNG.random(right.shape) < 0.5, right, RNG.integers(0, len(PALETTE), right.shape))
    return [PALETTE[labels].transpose(0, 3, 1, 2).astype(np.uint8) for labels in (right, made)]


def nearest(images):
    """The nearest colours by SciPy's distances."""
    return cdist(images.transpose(0, 2, 3, 1).reshape(-1, 3).astype(float), PALETTE).argmin(1)


def test_labels_are_the_nearest_colours():
    images = RNG.integers(0, 256, (4, 3, 5, 6)).astype(np.uint8)
    assert (labels_of(images, PALETTE).ravel() == nearest(images)).all()


def test_metrics_are_scikit_learns(maps, toy):
    right, made = maps
    sides = tuple(Samples(torch.from_numpy(images), toy) for images in (made, right))
    labels = nearest(right), nearest(made)
    assert pixel_accuracy(*sides, TRUTH) == pytest.approx(accuracy_score(*labels))
    assert class_accuracy(*sides, TRUTH) == pytest.approx(balanced_accuracy_score(*labels))
    assert iou(*sides, TRUTH) == pytest.approx(jaccard_score(*labels, average="macro"))


@pytest.mark.parametrize("images", [1, 3, 5, 9, 10, 100])
def test_blocks_of_images_are_counted_alike_and_no_larger_than_allowed(maps, images, monkeypatch):
    sizes = []

    def recorded(part, palette, original=label_maps.labels_of):
        sizes.append(len(part))
        return original(part, palette)

    monkeypatch.setattr(label_maps, "labels_of", recorded)
    monkeypatch.setattr(blocks, "MOST", images * 5 * 6 * len(PALETTE) * 4 * 2)
    right, made = maps
    expected = confusion_matrix(nearest(right), nearest(made), labels=np.arange(len(PALETTE)))
    assert np.array_equal(pixels_by_label(right, made, PALETTE), expected)
    assert max(sizes) == min(images, 10)
    assert sum(sizes) == 2 * 10
