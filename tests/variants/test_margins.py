"""LSGAN, hinge, SNGAN and Softmax GAN: the optima of their critics on laws of few points."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from tests.variants.laws import on_laws, tables, two_laws
from tests.variants.scenes import Scene, leaf, on_scores, slopes

scores = arrays(np.float64, 6, elements=st.floats(-20, 20))


@settings(max_examples=20)
@given(counts=two_laws, other=tables)
def test_lsgans_optimal_critic_mixes_its_targets(counts, other):
    """D* = (b p + a q) / (p + q) (1611.04076, eq. 5), here a = 0 and b = 1; the loss is 1/2 sum pq/(p+q)."""
    p, q = (c / c.sum() for c in counts)
    best = on_laws("lsgan", counts, p / (p + q))
    assert best.slope == pytest.approx(0, abs=1e-12)
    assert best.loss == pytest.approx(0.5 * (p * q / (p + q)).sum())
    assert on_laws("lsgan", counts, other).loss >= best.loss


@settings(max_examples=20)
@given(fake=scores)
def test_lsgans_generator_is_pulled_to_c_from_both_sides(fake):
    by = leaf(fake)
    pull = slopes(on_scores("lsgan", "generator", [], by), by)[0] * len(fake)
    assert pull == pytest.approx(fake - 1)


@pytest.mark.parametrize("variant", ["hinge", "sngan"])
@settings(max_examples=20)
@given(counts=two_laws, other=tables)
def test_the_optimal_hinge_critic_says_which_law_is_likelier(variant, counts, other):
    """D* = sign(p - q), and the loss is 2 sum min(p, q), two less twice the total variation."""
    p, q = (c / c.sum() for c in counts)
    best = on_laws(variant, counts, np.sign(p - q))
    assert best.loss == pytest.approx(2 * np.minimum(p, q).sum())
    assert best.loss == pytest.approx(2 - np.abs(p - q).sum())
    assert on_laws(variant, counts, other).loss >= best.loss - 1e-12


@pytest.mark.parametrize("variant", ["hinge", "sngan", "rhinge", "rahinge"])
@settings(max_examples=20)
@given(real=arrays(np.float64, 6, elements=st.floats(1.01, 20)), fake=scores)
def test_beyond_the_margin_hinge_critics_let_go(variant, real, fake):
    """Real scores above 1 and fake ones below -1 cost nothing and pull nowhere; inside, all pull alike."""
    far, near = (leaf(real), leaf(-real)), (leaf(0 * real), leaf(0 * real))
    loss = on_scores(variant, "critic", *far)
    assert loss.item() == 0
    assert all((slope == 0).all() for slope in slopes(loss, *far))
    on_real, on_fake = slopes(on_scores(variant, "critic", *near), *near)
    assert on_real == pytest.approx(-on_fake)
    assert (on_real < 0).all()


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(0.01, 100))
def test_sngan_does_not_see_the_size_of_its_critics_weights(seed, factor):
    """W / sigma(W) is that of any multiple (1802.05957, eq. 8)."""
    before, scaled = Scene("sngan", seed), Scene("sngan", seed)
    with torch.no_grad():
        scaled.modules["critic"].weight.mul_(factor)
    assert scaled.losses() == pytest.approx(before.losses(), rel=1e-9, abs=1e-9)


# Softmax GAN


@settings(max_examples=20)
@given(real=scores, fake=scores)
def test_softmax_gans_slopes_are_the_softmax_less_its_targets(real, fake):
    """Targets (1704.06191, section 3): 1/N on N real and 0 on M fake for D, 1/(N + M) on all for G."""
    together = softmax(np.concatenate([real, fake]))
    for player, targets in (("critic", [1 / 6] * 6 + [0] * 6), ("generator", [1 / 12] * 12)):
        by = leaf(real), leaf(fake)
        slope = np.concatenate(slopes(on_scores("softmax-gan", player, *by), *by))
        assert slope == pytest.approx(together - targets, abs=1e-12)


@settings(max_examples=20)
@given(real=scores, fake=scores, level=st.floats(-5, 5))
def test_softmax_gans_optimum_is_equal_scores_and_it_bounds_both_losses(real, fake, level):
    assert on_scores("softmax-gan", "generator", real, fake) >= np.log(12) - 1e-9
    assert on_scores("softmax-gan", "critic", real, fake) >= np.log(6) - 1e-9
    equal = np.full(6, level)
    assert on_scores("softmax-gan", "generator", equal, equal).item() == pytest.approx(np.log(12))
    assert on_scores("softmax-gan", "critic", equal, equal - 900).item() == pytest.approx(np.log(6))
