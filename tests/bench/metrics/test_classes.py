from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.metrics import Undefined
from gan_bench.bench.metrics.classes import class_distance, class_entropy, class_kl, class_mode_kl, classes
from gan_bench.datasets import Truth

NONE = Truth(classes=10)
BALANCED = np.arange(100) % 10


@pytest.fixture
def labelled(featured):
    """Samples that the classifier gives these labels, with some confidence."""

    def make(labels, logit=20.0):
        return featured(np.zeros((len(labels), 1)), logit * np.eye(10)[np.asarray(labels)])

    return make


def test_balanced_labels(labelled):
    fake = labelled(BALANCED)
    assert classes(fake, fake, NONE) == 10
    assert class_distance(fake, fake, NONE) == 0
    assert class_kl(fake, fake, NONE) == 0
    assert class_entropy(fake, fake, NONE) == pytest.approx(math.log(10))


def test_collapse_to_one_class(labelled):
    fake, real = labelled([3] * 50), labelled(BALANCED)
    assert classes(fake, real, NONE) == 1
    assert class_distance(fake, real, NONE) == pytest.approx(0.9)
    assert class_kl(fake, real, NONE) == pytest.approx(math.log(10))
    assert class_entropy(fake, real, NONE) == 0


def test_doubtful_labels_capture_nothing(labelled):
    # The largest of ten probabilities is 0.9 at a logit of log 81.
    assert classes(labelled(BALANCED, math.log(81) - 0.01), None, NONE) == 0
    assert classes(labelled(BALANCED, math.log(81) + 0.01), None, NONE) == 10


def test_a_class_that_real_images_lack_makes_the_kl_infinite_and_so_undefined(labelled):
    with pytest.raises(Undefined, match="1 of 2 generated classes have no reference sample"):
        class_kl(labelled([0, 1]), labelled([0, 0]), NONE)


def test_the_kl_of_class_modes_is_to_equal_ones_or_to_the_weights_of_the_truth(labelled):
    even, skew = labelled(BALANCED), labelled([0] * 9 + [1])
    assert class_mode_kl(even, None, Truth(classes=10, class_modes=10)) == pytest.approx(0, abs=1e-12)
    stated = Truth(classes=2, class_modes=2, weights=(0.9, 0.1))
    two = SimpleNamespace(logits=skew.logits[:, :2])
    assert class_mode_kl(two, None, stated) == pytest.approx(0, abs=1e-12)
    assert class_mode_kl(two, None, Truth(classes=2, class_modes=2)) == pytest.approx(
        math.log(2) + 0.9 * math.log(0.9) + 0.1 * math.log(0.1)
    )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_ranges(labels):
    fake = SimpleNamespace(logits=20 * torch.eye(10)[torch.tensor(labels)])
    real = SimpleNamespace(logits=20 * torch.eye(10)[torch.from_numpy(BALANCED)])
    assert 0 <= class_distance(fake, real, NONE) <= 0.9 + 1e-12
    kl = class_kl(fake, real, NONE)
    assert class_entropy(fake, real, NONE) == pytest.approx(math.log(10) - kl, abs=1e-9)
    assert classes(fake, real, NONE) == len(set(labels))
