"""Every law of noise: shape, range, moments, and that a generator's seed decides it alone."""

import numpy as np
import pytest
import torch
from scipy import stats

from gan_bench.spaces import Grid
from gan_bench.variants.noise import Noise, hole, label, latent


def draw(noise, rows=40, batch=500, seed=0):
    return noise.draw(rows, batch, torch.Generator().manual_seed(seed))


LAWS = [
    Noise((3,)),
    Noise((2, 2), "uniform", low=-1.0, high=3.0),
    Noise((5,), "sphere"),
    Noise((), "integers", low=2, high=6),
    Noise((2,), "bernoulli", p=0.3),
    Noise((), "permutation"),
    hole(Grid.plain(6, 5), (6, 5), 0.2, 0.6),
    Noise((), "categorical", weights=(0.7, 0.0, 0.2, 0.1)),
]
every_law = pytest.mark.parametrize("noise", LAWS, ids=lambda n: n.law)


@every_law
def test_shape_type_and_replay(noise):
    first, again, other = draw(noise, 4, 7), draw(noise, 4, 7), draw(noise, 4, 7, seed=1)
    assert first.shape == (4, 7, *noise.shape)
    assert first.dtype == (torch.float32 if noise.floating else torch.int64) or noise.law == "bernoulli"
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])


@every_law
def test_the_global_generator_is_not_touched(noise):
    before = torch.get_rng_state()
    draw(noise, 2, 3)
    assert torch.equal(before, torch.get_rng_state())


def test_normal_is_standard():
    sample = draw(Noise((3,))).flatten().numpy()
    assert stats.kstest(sample, "norm").pvalue > 1e-3


def test_uniform_fills_its_interval():
    sample = draw(LAWS[1]).flatten().numpy()
    assert sample.min() >= -1.0
    assert sample.max() < 3.0
    assert stats.kstest(sample, stats.uniform(-1.0, 4.0).cdf).pvalue > 1e-3


@pytest.mark.parametrize("shape", [(5,), (2, 3)])
def test_the_sphere_has_radius_sqrt_d_and_no_preferred_direction(shape):
    points = draw(Noise(shape, "sphere")).reshape(-1, int(np.prod(shape))).double().numpy()
    dimensions = points.shape[1]
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.sqrt(dimensions), rel=1e-5)
    # Coordinates are uncorrelated with variance 1; the standard error of these means is below 0.01.
    assert points.T @ points / len(points) == pytest.approx(np.eye(dimensions), abs=0.04)
    # A coordinate u = x/sqrt(d) of the sphere has (u + 1)/2 ~ Beta((d - 1)/2, (d - 1)/2).
    half = (dimensions - 1) / 2
    unit = (points[:, 0] / np.sqrt(dimensions) + 1) / 2
    assert stats.kstest(unit, stats.beta(half, half).cdf).pvalue > 1e-3


def test_integers_are_uniform_on_a_half_open_range():
    counts = np.bincount(draw(LAWS[3]).flatten().numpy(), minlength=6)
    assert counts[:2].tolist() == [0, 0]
    assert len(counts) == 6
    assert stats.chisquare(counts[2:]).pvalue > 1e-3


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_bernoulli_is_one_with_probability_p(p):
    sample = draw(Noise((2,), "bernoulli", p=p)).double()
    assert set(sample.unique().tolist()) <= {0.0, 1.0}
    assert sample.mean().item() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / sample.numel()))


def test_permutations_are_permutations_and_all_equally_likely():
    rows = draw(Noise((), "permutation"), rows=6000, batch=3).numpy()
    assert (np.sort(rows, axis=1) == [0, 1, 2]).all()
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert stats.chisquare(counts).pvalue > 1e-3


def test_categories_have_their_weights():
    weights = np.array([0.7, 0.0, 0.2, 0.1])
    counts = np.bincount(draw(LAWS[-1]).flatten().numpy(), minlength=4)
    assert counts[1] == 0
    kept = weights > 0
    assert stats.chisquare(counts[kept], weights[kept] * counts.sum()).pvalue > 1e-3


def test_labels_are_as_frequent_as_they_weigh_and_equal_ones_are_drawn_as_integers():
    integers = Noise((), "integers", low=0, high=3)
    assert label(3, None) == label(3, (1 / 3, 1 / 3, 1 / 3)) == integers
    assert label(2, (0.9, 0.1)) == Noise((), "categorical", weights=(0.9, 0.1))


def test_an_unknown_law_is_an_error():
    with pytest.raises(ValueError, match="unknown law of noise 'cauchy'"):
        draw(Noise((), "cauchy"))


def test_latents():
    assert latent(7, "normal") == Noise((7,))
    assert latent(7, "sphere").law == "sphere"
    cube = draw(latent(4, "uniform"))
    assert cube.shape == (40, 500, 4)
    assert -1.0 <= cube.min() < -0.99
    assert 0.99 < cube.max() < 1.0
    with pytest.raises(ValueError, match="normal, uniform or sphere, not 'gamma'"):
        latent(4, "gamma")


@pytest.mark.parametrize("law", ["normal", "uniform", "sphere"])
def test_a_scale_multiplies_the_same_draws_of_any_law(law):
    plain, scaled = draw(latent(4, law)), draw(latent(4, law, 3**0.5))
    assert torch.equal(plain, draw(latent(4, law, 1.0)))
    assert torch.equal(scaled, plain * 3**0.5)
    if law == "uniform":  # on the interval that goes to the square root of 3, where the variance is 1
        assert scaled.abs().max() <= 3**0.5
        assert scaled.var() == pytest.approx(1.0, abs=0.02)


def test_a_hole_is_a_rectangle_of_whole_native_pixels():
    """Of 4x6 native pixels, each two pixels wide, sides are 1 to 2 rows and 2 to 3 columns."""
    rows, columns = (tuple((2 * i, 2 * i + 2) for i in range(size)) for size in (4, 6))
    masks = draw(hole(Grid(rows, columns), (8, 12), 0.25, 0.5), 1, 4000)[0]
    assert masks.shape == (4000, 1, 8, 12)
    native = masks[:, 0, ::2, ::2]
    assert torch.equal(masks[:, 0], native.repeat_interleave(2, 1).repeat_interleave(2, 2))
    across, along = native.amax(2), native.amax(1)
    assert torch.equal(native, across[:, :, None] * along[:, None])
    for inside, least, most in ((across, 1, 2), (along, 2, 3)):
        sides = inside.sum(1).long()
        assert (inside.diff(dim=1).abs().sum(1) + inside[:, 0] + inside[:, -1] == 2).all(), "one piece"
        counts = np.bincount(sides)
        assert np.flatnonzero(counts).tolist() == [least, most]
        assert stats.chisquare(counts[least:]).pvalue > 1e-3
        for side in (least, most):
            starts = np.bincount(inside[sides == side].argmax(1).numpy())
            assert len(starts) == inside.shape[1] - side + 1
            assert stats.chisquare(starts).pvalue > 1e-3


def test_a_centred_hole_is_in_the_middle():
    masks = draw(hole(Grid.plain(8, 8), (8, 8), 0.5, 0.5, centred=True), 1, 3)[0]
    expected = torch.zeros(8, 8)
    expected[2:6, 2:6] = 1.0
    assert torch.equal(masks, expected.expand(3, 1, 8, 8))


def test_the_holes_of_the_first_samples_do_not_depend_on_how_many_are_drawn():
    law = hole(Grid.plain(9, 7), (9, 7), 0.2, 0.6)
    assert torch.equal(draw(law, 1, 300)[:, :37], draw(law, 1, 37))
