from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_bench import datasets
from gan_bench.bench.metrics import Undefined
from gan_bench.bench.metrics.modes import high_quality, histogram, modes, off_mode, reverse_kl
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth

RING = datasets.load("ring")


def at_modes(counts, offset=0.0):
    """`counts[i]` samples at mode i of the ring, moved right by `offset`."""
    centres = RING.truth.modes.repeat_interleave(torch.tensor(counts), 0)
    return Samples(centres + torch.tensor([offset, 0.0], dtype=torch.float64), RING)


def values(fake):
    return [metric(fake, fake, RING.truth) for metric in (modes, high_quality, off_mode, reverse_kl)]


def test_one_sample_on_every_mode():
    assert values(at_modes([1] * 8)) == pytest.approx([8, 1, 0, 0])


def test_collapse_to_one_mode():
    assert values(at_modes([5, 0, 0, 0, 0, 0, 0, 0])) == pytest.approx([1, 1, 0, math.log(8)])


def test_three_sigma_is_the_border():
    assert high_quality(at_modes([1] * 8, 0.0299), None, RING.truth) == 1
    assert high_quality(at_modes([1] * 8, 0.0301), None, RING.truth) == 0


def test_off_mode_samples_capture_nothing():
    fake = Samples(torch.cat((at_modes([1, 1, 1, 0, 0, 0, 0, 0]).rows, torch.zeros(9, 2))), RING)
    assert values(fake)[:3] == pytest.approx([3, 0.25, 0.75])
    assert values(fake)[3] == pytest.approx(math.log(8 / 3))


def test_reverse_kl_needs_a_high_quality_sample():
    fake = Samples(torch.zeros(4, 2), RING)
    assert modes(fake, fake, RING.truth) == 0
    with pytest.raises(Undefined, match="within 3 sigma"):
        reverse_kl(fake, fake, RING.truth)


def test_reverse_kl_by_hand():
    # Shares 3/4 and 1/4 of 8 modes.
    expected = 0.75 * math.log(0.75 * 8) + 0.25 * math.log(0.25 * 8)
    assert values(at_modes([3, 1, 0, 0, 0, 0, 0, 0]))[3] == pytest.approx(expected)


def test_the_data_itself_are_high_quality_as_chi_square_says():
    fake = Samples(RING.reference("test", 10_000), RING)
    expected = 1 - math.exp(-4.5)  # P(chi^2_2 <= 9)
    assert high_quality(fake, fake, RING.truth) == pytest.approx(expected, abs=4 * math.sqrt(0.011 / 10_000))


@given(st.lists(st.integers(0, 5), min_size=8, max_size=8).filter(any))
def test_histogram_counts_what_was_put_there(counts):
    assert histogram(at_modes(counts), RING.truth).tolist() == counts
    assert modes(at_modes(counts), None, RING.truth) == np.count_nonzero(counts)
    assert 0 <= reverse_kl(at_modes(counts), None, RING.truth) <= math.log(8) + 1e-12


UNEQUAL = {"modes": torch.tensor([[-1.0], [1.0]]), "mode_std": 0.1}
"""Two modes on a line."""


def on_the_line(points, left, right):
    return points([[-1.0]] * left + [[1.0]] * right)


def test_reverse_kl_is_to_the_weights_that_the_truth_states(points):
    stated = Truth(**UNEQUAL, weights=(0.9, 0.1))
    right, wrong, collapsed = (on_the_line(points, *counts) for counts in ((90, 10), (50, 50), (0, 7)))
    assert reverse_kl(right, None, stated) == pytest.approx(0, abs=1e-12)
    assert reverse_kl(wrong, None, stated) == pytest.approx(0.5 * math.log(0.5 / 0.9) + 0.5 * math.log(5))
    assert reverse_kl(collapsed, None, stated) == pytest.approx(-math.log(0.1))


def test_weights_that_are_not_stated_are_those_of_the_reference(points):
    unstated, real = Truth(**UNEQUAL), on_the_line(points, 900, 100)
    fake = on_the_line(points, 3, 1)
    stated = reverse_kl(fake, None, Truth(**UNEQUAL, weights=(0.9, 0.1)))
    assert reverse_kl(fake, real, unstated) == pytest.approx(stated)
    with pytest.raises(Undefined, match="1 of 2 generated modes have no reference sample"):
        reverse_kl(fake, on_the_line(points, 5, 0), unstated)


@pytest.mark.parametrize("name", ["ring", "grid", "mixture-1200d", "turned"])
def test_equal_modes_give_the_digits_that_they_gave_without_weights(name):
    data = datasets.load(name)
    fake = Samples(data.reference("validation", 500), data)
    counts = histogram(fake, data.truth)
    share = counts[counts > 0] / counts.sum()
    before = max(0.0, float(np.sum(share * np.log(share * len(counts)))))
    assert reverse_kl(fake, None, data.truth) == before


def test_modes_on_a_line(points):
    truth = Truth(modes=torch.tensor([[0.0], [10.0]]), mode_std=1.0)
    assert histogram(points([[0.5], [2.9], [3.5], [9.0]]), truth).tolist() == [2, 1]
