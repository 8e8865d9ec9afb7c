"""Weights of modes and classes: what the truth states, what is estimated, and labels that follow them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_bench import datasets
from gan_bench.datasets import DatasetError, Truth
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.sampled import SampledDataset, labelled_dataset
from gan_bench.datasets.weights import labels_by_weight, shares

MODES = torch.tensor([[-1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)


def law(count, generator, dtype=torch.float32):
    """Two points, the second with a probability of 0.1."""
    label = torch.rand(count, generator=generator).lt(0.1).long()
    return {"real": MODES[label].to(dtype), "label": label}


def points(count, generator, dtype=torch.float32):
    return law(count, generator, dtype)["real"]


def made(**truth):
    known = Truth(mean=(-0.8, 0.0), modes=MODES, mode_std=0.1, classes=2, description="two", **truth)
    return labelled_dataset("unequal", "planar", known, law)


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ({"modes": MODES, "weights": (0.5, 0.4)}, "sum to 1, got the least 0.4 and the sum 0.9"),
        ({"modes": MODES, "weights": (1.0, 0.0)}, "must be above 0"),
        ({"modes": MODES, "weights": (1.5, -0.5)}, "must be above 0"),
        ({"modes": MODES, "weights": (float("nan"), 1.0)}, "must be above 0"),
        ({"modes": MODES, "weights": (0.2, 0.3, 0.5)}, "3 weights for 2 modes or classes"),
        ({"classes": 2, "weights": (0.2, 0.3, 0.5)}, "3 weights for 2 modes or classes"),
        ({"weights": (1.0,)}, "1 weights for 0 modes or classes"),
        ({"modes": MODES, "classes": 3}, "2 modes and 3 classes"),
    ],
)
def test_weights_that_fit_nothing_are_refused(truth, message):
    with pytest.raises(DatasetError, match=message):
        Truth(**truth)


def test_weights_may_be_written_in_every_way():
    for weights in ([0.9, 0.1], np.array([0.9, 0.1]), torch.tensor([0.9, 0.1], dtype=torch.float64)):
        assert Truth(modes=MODES, weights=weights).weights == (0.9, 0.1)
    tenths = Truth(classes=10, weights=(0.1,) * 10)
    assert not tenths.unequal
    assert Truth(modes=MODES, weights=(0.9, 0.1)).unequal


def test_stated_weights_are_exact_and_others_are_those_of_the_labels():
    assert made(weights=(0.9, 0.1)).class_weights == (0.9, 0.1)
    unstated = made()
    assert unstated.class_weights == shares(unstated.reference_labels("validation"), 2)
    assert unstated.class_weights == pytest.approx((0.9, 0.1), abs=5 * 0.003)
    without = SampledDataset("unlabelled", "planar", (2,), Truth(modes=MODES, mode_std=0.1), points)
    assert without.class_weights is None


def test_finite_data_have_the_weights_of_their_training_labels():
    def split(first, labels):
        images = (
            np.arange(first, first + len(labels), dtype=np.uint8)[:, None, None].repeat(4, 1).repeat(4, 2)
        )
        return Split.of(images, np.array(labels))

    splits = {"train": split(0, [0, 0, 0, 1]), "validation": split(4, [0, 1]), "test": split(6, [1, 1])}
    assert ImageDataset("few", splits, classes=3).class_weights == (0.75, 0.25, 0.0)


def test_weights_that_differ_are_part_of_the_content_hash_and_equal_ones_are_not():
    assert made(weights=(0.5, 0.5)).content_hash == made().content_hash
    assert len({made(weights=(p, 1 - p)).content_hash for p in (0.9, 0.8, 0.5)}) == 3


def test_shipped_laws_state_their_weights():
    for name in ("ring", "grid", "pinwheel", "mixture-1200d", "turned"):
        truth = datasets.load(name).truth
        count = len(truth.modes) if truth.modes is not None else truth.classes
        assert truth.weights == (1 / count,) * count


@pytest.mark.parametrize("classes", [1, 2, 7, 10, 1000])
def test_equal_classes_take_turns(classes):
    assert torch.equal(labels_by_weight((1 / classes,) * classes, 2345), torch.arange(2345) % classes)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12).filter(any), st.integers(0, 400))
def test_labels_follow_the_weights_from_their_first(counts, count):
    weights = np.array(counts) / sum(counts)
    labels = labels_by_weight(weights, count).numpy()
    assert len(labels) == count
    taken = np.cumsum(labels[:, None] == np.arange(len(weights)), axis=0)
    due = np.arange(1, count + 1)[:, None] * weights
    assert (np.abs(taken - due) < len(weights)).all()
    assert set(labels) <= set(np.flatnonzero(weights))


def test_labels_for_a_game_follow_the_weights():
    for data in (made(), made(weights=(0.9, 0.1))):
        given = data.given(["label"], "test", 1000)["label"]
        assert given.bincount().tolist() == pytest.approx([900, 100], abs=15)
