"""EBGAN, EBGAN-PT and BEGAN: margins, codes kept apart, and the balance that k keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gan_bench.variants.generation.ebgan import pulling_away
from tests.variants.laws import on_laws, two_laws
from tests.variants.scenes import Scene, leaf, on_scores, slopes

seeds = st.integers(0, 2**32 - 1)
energies = arrays(np.float64, 6, elements=st.floats(0, 20))


@pytest.mark.parametrize("variant", ["ebgan", "ebgan-pt"])
@settings(max_examples=20)
@given(real=energies, fake=energies, margin=st.floats(0.1, 2))
def test_beyond_the_margin_the_critic_lets_go(variant, real, fake, margin):
    by = leaf(margin + 0.01 + fake)
    loss = on_scores(variant, "critic", real, by, margin=margin)
    assert (slopes(loss, by)[0] == 0).all()
    assert loss.item() == pytest.approx(real.mean())
    by = leaf(fake % (0.99 * margin))
    assert slopes(on_scores(variant, "critic", real, by, margin=margin), by)[0] == pytest.approx(-1 / 6)


@pytest.mark.parametrize("variant", ["ebgan", "ebgan-pt"])
@settings(max_examples=20)
@given(
    counts=two_laws,
    margin=st.floats(0.1, 2),
    other=arrays(np.float64, 4, elements=st.floats(0, 5)),
)
def test_the_optimal_energy_is_0_or_the_margin(variant, counts, margin, other):
    """D* = 0 where p > q, m where p < q (1609.03126, lemma 1), and the loss m sum min(p, q)."""
    p, q = (c / c.sum() for c in counts)
    best = on_laws(variant, counts, np.where(p > q, 0.0, margin), margin=margin)
    assert best.loss == pytest.approx(margin * np.minimum(p, q).sum())
    assert on_laws(variant, counts, other, margin=margin).loss >= best.loss - 1e-12


codes = arrays(np.float64, (5, 3), elements=st.floats(-5, 5)).filter(
    lambda c: (np.linalg.norm(c, axis=1) > 1e-2).all()
)


@settings(max_examples=20)
@given(codes=codes, scale=st.floats(0.1, 10), order=st.permutations(range(5)))
def test_the_pulling_away_term_is_a_mean_squared_cosine(codes, scale, order):
    """Of neither the codes' lengths nor their order, between 0 (a right angle) and 1 (one direction)."""
    unit = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[~np.eye(5, dtype=bool)]
    term = pulling_away(torch.as_tensor(codes)).item()
    assert term == pytest.approx((cosines**2).mean(), abs=1e-9)
    assert pulling_away(torch.as_tensor(scale * codes[order])).item() == pytest.approx(term, abs=1e-9)
    assert -1e-12 <= term <= 1 + 1e-12


def test_the_pulling_away_term_at_its_ends():
    assert pulling_away(torch.eye(3).double()).item() == pytest.approx(0.0)
    assert pulling_away(torch.ones(4, 3).double()).item() == pytest.approx(1.0)


# BEGAN


def l1(scene, x):
    """Mean absolute error of the autoencoder."""
    return np.abs(x - scene.decode(scene.encode(x))).mean()


@settings(max_examples=30)
@given(seed=seeds, k=st.floats(0, 1, width=32), k_lr=st.floats(0, 5, width=32))
def test_began_moves_k_towards_the_balance_inside_the_unit_interval(seed, k, k_lr):
    """k <- clip(k + lambda (gamma L(x) - L(G(z)))), M = L(x) + |gamma L(x) - L(G(z))| (1703.10717, 3.4)."""
    scene = Scene("began", seed)
    scene.hp.k_lr, scene.state["k"] = k_lr, torch.tensor(k, dtype=torch.float64)
    results = scene.results()["critic"]
    real, fake = l1(scene, scene.real), l1(scene, scene.fake)
    balance = scene.hp.gamma * real - fake
    new = results.state["k"].item()
    assert 0.0 <= new <= 1.0
    assert new == pytest.approx(min(1.0, max(0.0, k + k_lr * balance)))
    assert results.logs["convergence"].item() == pytest.approx(real + abs(balance))
    assert results.logs["k"].item() == k


def test_k_reaches_both_ends_and_starts_at_0():
    scene = Scene("began")
    assert scene.game.state()["k"].item() == 0.0
    scene.hp.k_lr, ends = 1e6, set()
    for gamma, start in ((0.0, 1.0), (1.0, 0.0)):
        scene.hp.gamma, scene.state["k"] = gamma, torch.tensor(start, dtype=torch.float64)
        with torch.no_grad():
            if gamma:  # generated samples that are given back as they are: L(G(z)) = 0
                for p in scene.modules["generator"].parameters():
                    p.zero_()
                for p in scene.modules["critic"].parameters():
                    p.zero_()
        ends.add(scene.results()["critic"].state["k"].item())
    assert ends == {0.0, 1.0}


@settings(max_examples=10)
@given(seed=seeds, k=st.floats(0, 1, width=32))
def test_where_generated_samples_are_real_ones_began_weighs_them_by_1_less_k(seed, k):
    scene = Scene("began", seed)
    scene.batch["real"] = torch.as_tensor(scene.fake)
    scene.state["k"] = torch.tensor(k, dtype=torch.float64)
    losses = scene.losses()
    assert losses["critic"] == pytest.approx((1 - k) * losses["generator"])
