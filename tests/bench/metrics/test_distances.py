from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gan_bench import datasets
from gan_bench.bench.metrics import Undefined
from gan_bench.bench.metrics.distances import (
    PROJECTION_SEED,
    PROJECTIONS,
    curve_distance,
    ks,
    sliced_wasserstein,
    support,
    w1,
    w1_to_cdf,
)
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth
from tests.bench.metrics.transport import by_assignment


def uniform(x):
    return np.clip(x, 0.0, 1.0)


@settings(max_examples=30)
@given(st.floats(-3, 4))
def test_w1_of_a_point_to_the_uniform_law(c):
    # E|U - c|: quadratic inside [0, 1], linear outside.
    exact = (c**2 + (1 - c) ** 2) / 2 if 0 <= c <= 1 else abs(c - 0.5)
    assert w1_to_cdf(np.array([c]), uniform) == pytest.approx(exact, abs=1e-6)


def test_w1_of_a_point_to_the_normal_law():
    assert w1_to_cdf(np.array([0.0]), stats.norm.cdf) == pytest.approx(math.sqrt(2 / math.pi), abs=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.floats(-5, 5), st.floats(0.1, 5))
def test_w1_agrees_with_scipy_on_dense_quantiles(seed, shift, scale):
    law = stats.norm(4, 1.25)
    values = np.random.default_rng(seed).normal(4 + shift, scale, 200)
    dense = law.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert w1_to_cdf(values, law.cdf) == pytest.approx(stats.wasserstein_distance(values, dense), rel=1e-3)


def test_w1_survives_values_far_outside_the_law():
    assert w1_to_cdf(np.array([1e6, 1e6]), stats.norm(4, 1).cdf) == pytest.approx(1e6 - 4)


def test_without_a_cdf_the_reference_is_the_truth(points):
    fake, real = points([[0.0], [1.0], [3.0]]), points([[5.0], [6.0], [8.0]])
    assert w1(fake, real, Truth()) == pytest.approx(5.0)
    assert ks(fake, real, Truth()) == 1.0


def test_support_leaves_only_tails():
    low, high = support(stats.norm(4, 1.25).cdf)
    assert stats.norm(4, 1.25).cdf(low) <= 1e-12 < stats.norm(4, 1.25).cdf(low + 0.01)
    assert stats.norm(4, 1.25).sf(high) <= 2e-12
    assert support(uniform) == pytest.approx((0.0, 1.0), abs=1e-6)


def test_support_of_a_law_far_from_zero():
    low, high = support(stats.norm(-1000, 0.5).cdf)
    assert -1005 < low < -1003 < -997 < high < -995


def test_heavy_tails_are_undefined():
    with pytest.raises(Undefined, match="tails"):
        support(lambda x: np.full_like(np.asarray(x, dtype=float), 0.5))


def test_ks_is_the_largest_step(points):
    # F_n jumps to 1/2 at 0.1 and to 1 at 0.2; the uniform cdf is furthest below it at 0.2.
    fake = points([[0.1], [0.2]])
    assert ks(fake, fake, Truth(cdf=uniform)) == pytest.approx(0.8)


def projections():
    # POT's directions, drawn as it documents: normal columns brought to length 1.
    directions = np.random.RandomState(PROJECTION_SEED).randn(2, PROJECTIONS)
    return directions / np.linalg.norm(directions, axis=0)


def test_sliced_wasserstein_of_a_translation_in_closed_form(points):
    # A projection moves by <theta, shift>: SW2^2 is the mean of its square, |shift|^2 / 2 over all angles.
    real = np.random.default_rng(0).normal(size=(300, 2))
    shift = np.array([3.0, -1.0])
    value = sliced_wasserstein(points(real + shift), points(real), Truth())
    assert value == pytest.approx(np.sqrt(np.mean((shift @ projections()) ** 2)))
    assert value == pytest.approx(np.linalg.norm(shift) / np.sqrt(2), rel=0.15)


def test_sliced_wasserstein_by_sorting(points):
    rng = np.random.default_rng(1)
    fake, real = rng.normal(size=(100, 2)), rng.uniform(size=(100, 2))
    theta = projections()
    gaps = np.sort(fake @ theta, axis=0) - np.sort(real @ theta, axis=0)
    assert sliced_wasserstein(points(fake), points(real), Truth()) == pytest.approx(np.sqrt(np.mean(gaps**2)))
    assert sliced_wasserstein(points(real), points(real), Truth()) == 0


def test_sliced_wasserstein_with_unequal_counts_is_that_of_optimal_assignment(points):
    rng = np.random.default_rng(2)
    fake, real = rng.normal(size=(5, 2)), rng.uniform(size=(8, 2))
    expected = by_assignment(fake, real, projections())
    assert sliced_wasserstein(points(fake), points(real), Truth()) == pytest.approx(expected)


def test_sliced_wasserstein_uses_the_prepared_scale():
    quadratic = datasets.load("quadratic")
    raw = quadratic.reference("test", 200)
    moved = Samples(raw + torch.tensor([5.0, 0.0]), quadratic)
    by_x = sliced_wasserstein(moved, Samples(raw, quadratic), quadratic.truth)
    prepared_shift = 5.0 / quadratic.truth.std[0]
    assert by_x == pytest.approx(prepared_shift * np.sqrt(np.mean(projections()[0] ** 2)), rel=1e-3)


def test_curve_distance_of_points_below_the_vertex():
    quadratic = datasets.load("quadratic")
    below = Samples(torch.tensor([[0.0, 8.0], [0.0, 4.0]]), quadratic)
    assert curve_distance(below, below, quadratic.truth) == pytest.approx(4.0)
