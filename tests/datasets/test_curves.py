from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch

from gan_bench import datasets

COUNT = 20_000


def samples(name: str) -> np.ndarray:
    return datasets.load(name).stream().sample(COUNT, torch.Generator().manual_seed(1), torch.float64).numpy()


def spiral_at(t):
    return t * math.cos(t) / (4 * math.pi), t * math.sin(t) / (4 * math.pi)


LAWS = {  # point at a parameter, and the interval of the parameter; both branches of the two curves
    "sine": [(lambda t: (t, math.sin(t)), -2 * math.pi, 2 * math.pi)],
    "spiral": [(spiral_at, math.pi, 4 * math.pi)],
    "two-curves": [(lambda t: (t, 1 + t * t), -2, 2), (lambda t: (t, -1 - t * t), -2, 2)],
}


@pytest.mark.parametrize("name", LAWS)
def test_moments_are_those_of_the_integral(name):
    truth = datasets.load(name).truth

    def moment(axis, power):
        parts = [
            scipy.integrate.quad(lambda t, law=law: law(t)[axis] ** power, low, high)[0] / (high - low)
            for law, low, high in LAWS[name]
        ]
        return sum(parts) / len(parts)

    for axis in (0, 1):
        mean = moment(axis, 1)
        assert truth.mean[axis] == pytest.approx(mean, abs=1e-9)
        assert truth.std[axis] == pytest.approx(math.sqrt(moment(axis, 2) - mean**2))


@pytest.mark.parametrize("name", LAWS)
def test_distance_matches_brute_force(name):
    truth = datasets.load(name).truth
    rng = np.random.default_rng(0)
    points = np.array(truth.mean) + 2 * np.array(truth.std) * rng.standard_normal((60, 2))
    lines = [np.array([law(t) for t in np.linspace(low, high, 20_001)]) for law, low, high in LAWS[name]]
    for point, found in zip(points, truth.distance(points), strict=True):
        nearest = min(np.linalg.norm(line - point, axis=1).min() for line in lines)
        assert found == pytest.approx(nearest, abs=2e-6 + 1e-6 / max(nearest, 1e-3))


@pytest.mark.parametrize("name", LAWS)
def test_samples_lie_on_the_curve_and_broken_points_are_far(name):
    truth = datasets.load(name).truth
    assert truth.distance(samples(name)).max() < 1e-6
    assert truth.distance(np.array([[math.nan, 0.0], [0.0, math.inf]])).tolist() == [math.inf, math.inf]
    assert truth.distance(np.empty((0, 2))).shape == (0,)
    assert truth.distance(np.array([[1e200, 0.0], [0.0, -1e160], [1e38, 0.0]])).min() > 0.99e38


def test_parameters_are_uniform():
    assert (
        scipy.stats.kstest(samples("sine")[:, 0], scipy.stats.uniform(-2 * math.pi, 4 * math.pi).cdf).pvalue
        > 1e-3
    )
    radius = np.linalg.norm(samples("spiral"), axis=1)
    assert scipy.stats.kstest(radius, scipy.stats.uniform(0.25, 0.75).cdf).pvalue > 1e-3
    x, y = samples("two-curves").T
    assert scipy.stats.kstest(x, scipy.stats.uniform(-2, 4).cdf).pvalue > 1e-3
    assert scipy.stats.binomtest(int((y > 0).sum()), COUNT).pvalue > 1e-3
    assert abs(scipy.stats.pearsonr(x, np.sign(y)).statistic) < 4 / math.sqrt(COUNT)
    assert np.abs(y).min() >= 1
