from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch

from gan_bench import datasets
from gan_bench.datasets.toy import distance_to_parabola

COUNT = 40_000


def samples(name: str, seed: int = 1) -> torch.Tensor:
    return datasets.load(name).stream().sample(COUNT, torch.Generator().manual_seed(seed), torch.float64)


def test_gaussian1d_is_normal():
    truth = datasets.load("gaussian1d").truth
    law = scipy.stats.norm(4, 1.25)
    x = np.linspace(-3, 11, 50)
    np.testing.assert_allclose(truth.cdf(x), law.cdf(x), rtol=1e-12)
    p = np.linspace(0.001, 0.999, 50)
    np.testing.assert_allclose(truth.quantile(p), law.ppf(p), rtol=1e-12)
    assert scipy.stats.kstest(samples("gaussian1d")[:, 0], law.cdf).pvalue > 1e-3


def test_quadratic_lies_on_its_curve_with_x_uniform():
    x, y = samples("quadratic").T
    torch.testing.assert_close(y, 10 + x**2)
    assert scipy.stats.kstest(x, scipy.stats.uniform(-50, 100).cdf).pvalue > 1e-3


def test_quadratic_moments_are_those_of_the_integral():
    truth = datasets.load("quadratic").truth

    def moment(power):
        return scipy.integrate.quad(lambda x: (10 + x**2) ** power / 100, -50, 50)[0]

    assert truth.mean == pytest.approx((0, moment(1)))
    assert truth.std == pytest.approx((100 / math.sqrt(12), math.sqrt(moment(2) - moment(1) ** 2)))


def test_quadratic_is_standardised_for_training():
    quadratic = datasets.load("quadratic")
    prepared = quadratic.prepare(samples("quadratic"))
    torch.testing.assert_close(prepared.mean(0), torch.zeros(2, dtype=torch.float64), atol=0.03, rtol=0)
    torch.testing.assert_close(prepared.std(0), torch.ones(2, dtype=torch.float64), atol=0.03, rtol=0)


def test_distance_to_the_curve_matches_brute_force():
    rng = np.random.default_rng(0)
    spread = np.array([80.0, 4000.0])
    points = np.concatenate(
        [rng.uniform(-spread, spread, (40, 2)), [[0, 0], [0, 10], [0, 2510], [60, 2600], [0, 10.5]]]
    )
    x = np.linspace(-50, 50, 100_001)
    for (p, q), found in zip(points, distance_to_parabola(points), strict=True):
        nearest = x[np.hypot(p - x, q - 10 - x**2).argmin()]
        fine = (nearest + np.linspace(-0.01, 0.01, 100_001)).clip(-50, 50)
        assert found == pytest.approx(np.hypot(p - fine, q - 10 - fine**2).min(), abs=1e-4)


def test_distance_is_nought_on_the_curve_and_infinite_for_nan():
    curve = samples("quadratic")[:500].numpy()
    assert distance_to_parabola(curve).max() < 1e-6
    assert distance_to_parabola(np.array([[0.0, 7.0]])) == pytest.approx([3.0])
    distances = distance_to_parabola(np.array([[math.nan, 0], [0, math.inf], [0, 10]]))
    assert distances.tolist() == [math.inf, math.inf, 0]
    assert distance_to_parabola(np.empty((0, 2))).shape == (0,)


def test_ring_has_eight_distinct_modes_on_the_circle():
    truth = datasets.load("ring").truth
    torch.testing.assert_close(truth.modes.norm(dim=1), torch.ones(8, dtype=torch.float64))
    gaps = torch.pdist(truth.modes).sort().values
    # Eight shortest distances: neighbours, 45 degrees apart. A doubled end point would give a zero.
    torch.testing.assert_close(gaps[:8], torch.full((8,), 2 * math.sin(math.pi / 8), dtype=torch.float64))
    assert truth.mode_std == 0.01


def test_grid_has_the_25_modes():
    modes = datasets.load("grid").truth.modes
    expected = {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}
    assert {tuple(mode) for mode in modes.tolist()} == expected
    assert len(modes) == 25


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("ring", 1 / 2 + 0.01**2),  # of cos t at eight even angles
        ("grid", 8 + 0.05**2),  # of {-4, -2, 0, 2, 4}: (16 + 4 + 0 + 4 + 16) / 5
    ],
)
def test_mixtures_have_the_variance_of_their_centres_and_of_a_component(name, variance):
    truth = datasets.load(name).truth
    assert truth.mean == pytest.approx((0.0, 0.0))
    assert truth.std == pytest.approx((math.sqrt(variance),) * 2)


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_mixtures_weigh_their_modes_equally_with_the_stated_spread(name):
    truth = datasets.load(name).truth
    points = samples(name)
    distances, nearest = torch.cdist(points, truth.modes, compute_mode="donot_use_mm_for_euclid_dist").min(
        dim=1
    )
    counts = torch.bincount(nearest, minlength=len(truth.modes))
    assert scipy.stats.chisquare(counts).pvalue > 1e-3
    # |noise| / std follows the Rayleigh law
    assert scipy.stats.kstest(distances / truth.mode_std, scipy.stats.rayleigh.cdf).pvalue > 1e-3


def test_references_do_not_depend_on_how_many_are_asked_for():
    ring = datasets.load("ring")
    long = ring.reference("test", 12_345)
    assert long.shape == (12_345, 2)
    assert torch.equal(long[:10_000], ring.reference("test"))
    assert torch.equal(long[:17], ring.reference("test", 17))
    assert ring.reference("test", 0).shape == (0, 2)
    with pytest.raises(datasets.DatasetError, match="-1"):
        ring.reference("test", -1)
