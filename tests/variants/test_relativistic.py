"""Relativistic GANs and R3GAN: optima in pairs, averages that reduce to the plain objectives, penalties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from gan_bench import variants
from tests.variants.laws import on_laws, tables, two_laws
from tests.variants.scenes import Scene, leaf, on_scores, slopes

scores = arrays(np.float64, 6, elements=st.floats(-20, 20))
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("variant", ["rsgan", "r3gan"])
@settings(max_examples=20)
@given(counts=two_laws, other=tables)
def test_in_pairs_the_optimal_critic_is_the_log_ratio_of_the_laws(variant, counts, other):
    """sigmoid(C(x) - C(y)) = p(x) q(y) / (p(x) q(y) + p(y) q(x)): the chance that x is the real one."""
    p, q = (c / c.sum() for c in counts)
    table = np.log(p / q)
    best = on_laws(variant, counts, table, pairs=True)
    chance = np.outer(p, q) / (np.outer(p, q) + np.outer(q, p))
    assert expit(table[:, None] - table) == pytest.approx(chance)
    assert best.slope == pytest.approx(0, abs=1e-12)
    assert best.loss == pytest.approx(-(np.outer(p, q) * np.log(chance)).sum())
    assert on_laws(variant, counts, other, pairs=True).loss >= best.loss - 1e-12


@pytest.mark.parametrize("variant", ["rsgan", "ragan", "rlsgan", "ralsgan", "rhinge", "rahinge"])
def test_where_nothing_tells_the_sides_apart_both_players_lose_the_same(variant):
    """Equal scores: log 2 for each chance of a half, 1 for each margin that is missed by 1."""
    terms = 2 if variant.startswith("ra") else 1
    expected = terms * (np.log(2) if variant in ("rsgan", "ragan") else 1.0)
    for player in ("critic", "generator"):
        assert on_scores(variant, player, np.full(4, 3.0), np.full(4, 3.0)).item() == pytest.approx(expected)


@pytest.mark.parametrize(("variant", "plain"), [("ragan", "nsgan"), ("rahinge", "hinge")])
@settings(max_examples=20)
@given(real=scores, fake=scores)
def test_on_average_the_critic_is_the_plain_one_where_both_means_are_0(variant, plain, real, fake):
    real, fake = real - real.mean(), fake - fake.mean()
    expected = on_scores(plain, "critic", real, fake).item()
    assert on_scores(variant, "critic", real, fake).item() == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20)
@given(real=scores, fake=scores)
def test_ralsgan_asks_for_a_distance_of_1_between_the_means(real, fake):
    """E (a - 1)^2 + E (b + 1)^2 = var(real) + var(fake) + 2 (difference of the means - 1)^2."""
    expected = real.var() + fake.var() + 2 * (real.mean() - fake.mean() - 1) ** 2
    assert on_scores("ralsgan", "critic", real, fake).item() == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20)
@given(real=scores, fake=scores)
def test_rsgan_pulls_a_pair_apart_with_one_force(real, fake):
    """The slope of a real score is that of its fake one, reversed: -(1 - sigmoid(C(x) - C(y))) / n."""
    by = leaf(real), leaf(fake)
    on_real, on_fake = slopes(on_scores("rsgan", "critic", *by), *by)
    assert on_real == pytest.approx(-expit(fake - real) / 6, abs=1e-9)  # torch's softplus is x beyond 20
    assert on_fake == pytest.approx(-on_real)


# R3GAN


@settings(max_examples=10)
@given(seed=seeds, gamma=st.floats(0, 10, width=32), factor=st.floats(0, 10, width=32))
def test_r3gan_pays_half_of_one_gamma_for_the_squared_slopes_of_both_sides(seed, gamma, factor):
    """gamma/2 E ||grad D(x)||^2 + gamma/2 E ||grad D(G(z))||^2 (2501.05441, section 2), linear in gamma."""

    def losses(gamma):
        scene = Scene("r3gan", seed)
        scene.hp.r1_gamma = scene.hp.r2_gamma = gamma
        return scene.losses()

    scene, plain, paid = Scene("r3gan", seed), losses(0.0), losses(gamma)
    squares = sum((scene.critic.slope(x) ** 2).sum(1).mean() for x in (scene.real, scene.fake))
    assert paid["critic"] - plain["critic"] == pytest.approx(gamma / 2 * squares)
    assert losses(factor * gamma)["critic"] - plain["critic"] == pytest.approx(factor * gamma / 2 * squares)
    assert paid["generator"] == plain["generator"]


def test_r3gans_settings_have_one_gamma_and_it_can_be_named_so():
    paper = variants.get("r3gan").profiles["paper"]
    assert paper["r1_gamma"] == paper["r2_gamma"]
    assert variants.info("r3gan").named("gamma") == ["r1_gamma", "r2_gamma"]
