"""GAN, NSGAN and BGAN: what their papers prove of the logistic critic and of the three generators."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.special import expit

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, TwoPlayer
from tests.variants.forms import SCORES
from tests.variants.laws import on_laws, tables, two_laws
from tests.variants.scenes import Scene, leaf, on_scores, slopes

scores = arrays(np.float64, 6, elements=st.floats(-20, 20))
LOGISTIC = ["gan", "nsgan", "bgan", "bgan-discrete", "veegan"]
SMOOTHED = [
    name
    for name in variants.names()
    if "label_smoothing" in variants.get(name).hyperparameters and issubclass(variants.get(name), TwoPlayer)
]


@pytest.mark.parametrize("variant", LOGISTIC)
@settings(max_examples=20)
@given(counts=two_laws, other=tables)
def test_the_optimal_critic_is_p_over_p_plus_q(variant, counts, other):
    """D* = p / (p + q), where the loss is log 4 - 2 JSD(p, q) (1406.2661, proposition 1 and theorem 1)."""
    p, q = (c / c.sum() for c in counts)
    best = on_laws(variant, counts, np.log(p / q))
    assert expit(np.log(p / q)) == pytest.approx(p / (p + q))
    assert best.slope == pytest.approx(0, abs=1e-12)
    assert best.loss == pytest.approx(np.log(4) - 2 * jensenshannon(p, q) ** 2)
    assert on_laws(variant, counts, other).loss >= best.loss - 1e-12


@settings(max_examples=20)
@given(real=scores, fake=scores)
def test_minimax_is_zero_sum_in_the_fake_term(real, fake):
    critic, generator = (on_scores("gan", player, real, fake).item() for player in ("critic", "generator"))
    only_real = on_scores("gan", "critic", real, np.full(6, -800.0)).item()  # a fake term of 0
    assert generator == pytest.approx(-(critic - only_real), abs=1e-9)


@settings(max_examples=20)
@given(fake=scores)
def test_generators_push_scores_up_as_their_papers_say(fake):
    """Minimax by D, which vanishes where the critic is sure; non-saturating by 1 - D; BGAN towards 0."""

    def push(variant):
        by = leaf(fake)
        return slopes(on_scores(variant, "generator", [], by), by)[0] * len(fake)

    assert push("gan") == pytest.approx(-expit(fake), abs=1e-12)
    assert push("nsgan") == pytest.approx(-expit(-fake), abs=1e-12)
    assert push("bgan") == pytest.approx(fake, abs=1e-12)


@settings(max_examples=20)
@given(fake=scores)
def test_bgans_optimum_is_the_decision_boundary(fake):
    """D = 1/2: log D - log(1 - D) = 0 (1702.08431, the continuous case)."""
    assert on_scores("bgan", "generator", [], fake) >= on_scores("bgan", "generator", [], np.zeros(6)) == 0


@pytest.mark.parametrize("variant", SMOOTHED)
@pytest.mark.parametrize("smoothing", [0.05, 0.3])
def test_label_smoothing_moves_the_target_of_real_scores_only(variant, smoothing):
    """As a constant and as one of a pack's tensors; the generator does not see it."""
    name = variants.info(variant).origin
    if name not in SCORES:
        name = "nsgan"  # of the others only the critic is a function of scores, and that is the logistic one
    real, fake = np.array([0.5, -1.25, 3.0, 0.0]), np.array([-0.75, 2.0, 1.5, -4.0])
    tensor = torch.tensor(smoothing, dtype=torch.float64)
    expected = SCORES[name](real, fake, type("hp", (), {"label_smoothing": smoothing}))[0]
    for given_as in (smoothing, tensor):
        found = on_scores(variant, "critic", real, fake, label_smoothing=given_as)
        assert found.item() == pytest.approx(expected, abs=1e-12)
    assert abs(expected - on_scores(variant, "critic", real, fake).item()) > 1e-3


@settings(max_examples=20)
@given(counts=two_laws, smoothing=st.floats(0.01, 0.4))
def test_one_sided_smoothing_scales_real_chances_and_no_fake_ones(counts, smoothing):
    """D* = (1 - a) p / (p + q) (1606.03498, section 3.4, with beta = 0): never surer than 1 - a."""
    p, q = (c / c.sum() for c in counts)
    best = (1 - smoothing) * p / (p + q)
    table = np.log(best / (1 - best))
    assert on_laws("nsgan", counts, table, label_smoothing=smoothing).slope == pytest.approx(0, abs=1e-12)


# Discrete data


def test_discrete_data_have_two_values_and_a_bounded_range():
    assert variants.get("bgan-discrete").refuses(DataSpec.of(real=Space((2,)))).startswith("it needs data")
    scene = Scene("bgan-discrete")
    samples = scene.game.sample(scene.play())
    assert set(samples.unique().tolist()) == {-1.0, 1.0}


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_discrete_bgan_draws_towards_the_better_scored_of_its_samples(seed):
    """Equal scores of all draws of a latent give equal weights: the loss is -E log g, without a critic."""
    scene = Scene("bgan-discrete", seed)
    with torch.no_grad():
        scene.modules["critic"].weight.zero_()
    ones = scene.generator(scene.latent)[:, None]
    chances = np.where(scene.bits < ones, ones, 1 - ones)
    assert scene.losses()["generator"] == pytest.approx(-np.log(chances).sum(2).mean())
