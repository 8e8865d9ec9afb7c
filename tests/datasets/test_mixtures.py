from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import torch

from gan_bench import datasets
from gan_bench.datasets.pairs import CENTRES, SPREAD


def labelled(name: str, count: int = 5_000, seed: int = 1) -> dict[str, torch.Tensor]:
    source = datasets.load(name).stream("labelled")
    return source.sample(count, torch.Generator().manual_seed(seed), torch.float64)


@pytest.mark.parametrize("name", ["ring", "grid", "mixture-1200d"])
def test_labels_are_the_modes_the_points_were_drawn_from(name):
    truth, rows = datasets.load(name).truth, labelled(name)
    nearest = torch.cdist(rows["real"], truth.modes, compute_mode="donot_use_mm_for_euclid_dist").argmin(
        dim=1
    )
    assert torch.equal(nearest, rows["label"])
    assert scipy.stats.chisquare(rows["label"].bincount(minlength=truth.classes)).pvalue > 1e-3


@pytest.mark.parametrize("name", ["ring", "pinwheel", "mixture-1200d"])
def test_the_labelled_stream_draws_as_the_main_one_does(name):
    points = datasets.load(name).stream().sample(100, torch.Generator().manual_seed(3), torch.float64)
    assert torch.equal(points, labelled(name, 100, seed=3)["real"])


def test_pinwheel_unwinds_to_gaussian_arms():
    """After the inverse rotation an arm is N((1, 0), diag(0.3^2, 0.05^2))."""
    rows = labelled("pinwheel")
    points = torch.view_as_complex(rows["real"])
    out = points.abs()  # |arm| = sqrt(out^2 + across^2): solve for `out` by fixed point, across is small
    for _ in range(50):
        angle = rows["label"] * (2 * math.pi / 5) + 0.25 * out.exp()
        straight = points * torch.exp(-1j * angle)
        out = straight.real
    assert scipy.stats.kstest(out, scipy.stats.norm(1, 0.3).cdf).pvalue > 1e-3
    assert scipy.stats.kstest(straight.imag, scipy.stats.norm(0, 0.05).cdf).pvalue > 1e-3


def test_pinwheel_moments_are_those_of_the_integral():
    """Gauss-Hermite over both normal coordinates, averaged over the arms."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    a, b = np.meshgrid(nodes, nodes)
    chance = np.outer(weights, weights) / weights.sum() ** 2
    out, across = 1 + 0.3 * a, 0.05 * b
    arms = [(out + 1j * across) * np.exp(1j * (2 * math.pi * k / 5 + 0.25 * np.exp(out))) for k in range(5)]
    points = np.stack([[z.real, z.imag] for z in arms])  # [arm, axis, node, node]
    mean = (points * chance).sum((2, 3)).mean(0)
    second = np.einsum("kiab,kjab,ab->ij", points, points, chance) / 5
    truth = datasets.load("pinwheel").truth
    assert truth.mean == pytest.approx(mean, abs=1e-12)
    assert second - np.outer(mean, mean) == pytest.approx(np.diag(np.square(truth.std)), abs=1e-9)


def test_the_components_in_1200_dimensions_fill_700_of_them():
    data = datasets.load("mixture-1200d")
    rows = data.stream("labelled").sample(1_500, torch.Generator().manual_seed(2), torch.float64)
    truth = data.truth
    own = rows["real"] - truth.modes[rows["label"]]
    # An isotropic Gaussian of 700 dimensions: |w| / 0.05 follows the chi law, stretched a little by the map.
    assert own.norm(dim=1).square().mean().sqrt().item() == pytest.approx(truth.mode_std, rel=0.01)
    assert truth.mode_std == pytest.approx(0.05 * math.sqrt(700), rel=0.005)
    many = data.stream("labelled").sample(9_000, torch.Generator().manual_seed(4), torch.float64)
    first = many["real"][many["label"] == 0] - truth.modes[0]
    assert len(first) > 750
    assert torch.linalg.matrix_rank(first).item() == 700


def test_mixture_1200d_calls_its_own_samples_good_and_far_ones_bad():
    from gan_bench.bench.metrics.modes import high_quality
    from gan_bench.bench.metrics.samples import Samples

    data = datasets.load("mixture-1200d")
    rows = data.reference("test", 200)
    assert high_quality(Samples(rows, data), None, data.truth) == 1.0
    direction = torch.ones(1200) / math.sqrt(1200)
    centre = data.truth.modes[:1].float()
    for sigmas, expected in ((9.9, 1.0), (10.1, 0.0)):
        moved = Samples(centre + sigmas * data.truth.mode_std * direction, data)
        assert high_quality(moved, None, data.truth) == expected


def test_turned_domains_are_one_law_under_the_map():
    truth = datasets.load("turned").truth
    by_hand = [
        (x * math.cos(math.pi / 12) - y * math.sin(math.pi / 12) + 0.2,
         x * math.sin(math.pi / 12) + y * math.cos(math.pi / 12) - 0.1)
        for x, y in CENTRES
    ]  # fmt: skip
    np.testing.assert_allclose(truth.mapping["domain_a", "domain_b"](np.array(CENTRES)), by_hand)
    np.testing.assert_allclose(truth.modes, by_hand)


def test_no_other_rigid_motion_takes_the_domains_to_each_other():
    """However the centres are exchanged, the best rigid motion leaves some of them several sigma away."""
    centres = np.array(CENTRES) - np.mean(CENTRES, axis=0)
    for order in itertools.permutations(range(5)):
        rotation, _ = scipy.linalg.orthogonal_procrustes(centres, centres[list(order)])
        error = np.linalg.norm(centres @ rotation - centres[list(order)], axis=1).max()
        assert error > 3 * SPREAD or order == (0, 1, 2, 3, 4)


def test_dirac_is_nothing_but_zeros():
    data = datasets.load("dirac")
    assert data.stream().sample(7, torch.Generator(), torch.float64).tolist() == [[0.0]] * 7
    assert data.reference("test", 5).tolist() == [[0.0]] * 5
    assert data.truth.equilibrium == 0.0
