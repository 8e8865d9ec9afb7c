"""WGAN and what holds its critic: the dual of the distance, clipping, and the penalties of GP and div."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize_scalar
from scipy.stats import wasserstein_distance

from gan_bench import variants
from tests.variants.scenes import ROWS, Scene, on_scores
from tests.variants.test_closed_forms import OWN

points = arrays(np.float64, 6, elements=st.floats(-10, 10), unique=True)
seeds = st.integers(0, 2**32 - 1)


def scored_by_slopes(real, fake, slopes):
    """Scores of samples on the line by a continuous function with these slopes between neighbours."""
    together = np.concatenate([real, fake])
    line = np.sort(together)
    heights = np.concatenate([[0.0], np.cumsum(slopes * np.diff(line))])
    scores = heights[np.searchsorted(line, together)]
    return scores[: len(real)], scores[len(real) :]


@pytest.mark.parametrize("variant", ["wgan", "wgan-gp", "wgan-div"])
@settings(max_examples=20)
@given(real=points, fake=points, other=arrays(np.float64, 11, elements=st.floats(-1, 1)))
def test_the_best_critic_of_slope_1_finds_the_distance(variant, real, fake, other):
    """Kantorovich-Rubinstein on the line: slope 1 wherever more of the fake lies below, else -1."""
    line = np.sort(np.concatenate([real, fake]))[:-1]
    below = [(x[:, None] <= line).mean(0) for x in (real, fake)]
    best = scored_by_slopes(real, fake, np.sign(below[1] - below[0]))
    distance = wasserstein_distance(real, fake)
    assert -on_scores(variant, "critic", *best).item() == pytest.approx(distance, abs=1e-9)
    assert -on_scores(variant, "critic", *scored_by_slopes(real, fake, other)).item() <= distance + 1e-9


@settings(max_examples=20)
@given(weights=arrays(np.float64, (3, 2), elements=st.floats(-5, 5)), bound=st.floats(2**-10, 2, width=32))
def test_clipping_is_the_projection_on_the_cube(weights, bound):
    player = next(p for p in Scene("wgan").game.players() if p.name == "critic")
    clipped = player.constraint({"w": torch.as_tensor(weights)}, SimpleNamespace(clip=bound))["w"].numpy()
    assert (clipped == np.clip(weights, -bound, bound)).all()


def test_only_the_games_of_clipped_weights_constrain_their_critics():
    constrained = {v for v in OWN for p in Scene(v).game.players() if p.constraint is not None}
    assert constrained == {"wgan", "dualgan"}


def with_slope(seed, length):
    """A scene of one point, the origin, where the critic has a slope of this length."""
    scene = Scene("wgan-gp", seed)
    scene.batch["real"], scene.noise["latent"] = (torch.zeros(ROWS, 2).double() for _ in range(2))
    with torch.no_grad():
        weight = scene.modules["critic"].weight
        weight.mul_(length / weight.norm())
        scene.modules["generator"].bias.zero_()
    return scene


@settings(max_examples=10)
@given(seed=seeds, length=st.floats(0.1, 3))
def test_gps_penalty_is_two_sided_about_a_slope_of_1(seed, length):
    """lambda (|w| - 1)^2 (1704.00028, eq. 3): the same for 1 + d and 1 - d, nothing at 1."""
    results = with_slope(seed, length).results()["critic"]
    assert results.logs["penalty"].item() == pytest.approx((length - 1) ** 2, abs=1e-9)
    for apart in (0.0, 0.5, -0.5):
        results = with_slope(seed, 1 + apart).results()["critic"]
        assert results.logs["penalty"].item() == pytest.approx(apart**2, abs=1e-9)


@settings(max_examples=10)
@given(shift=st.floats(0.2, 5), k=st.floats(0.5, 4))
def test_wgan_divs_best_linear_critic(shift, k):
    """Of E D(x) - E D(G(z)) - k |w|^6 on laws apart by ``shift``: |w| = (shift / 6 k)^(1/5)."""
    penalty = variants.get("wgan-div").penalties[0]
    hp = SimpleNamespace(div_weight=k)
    assert (penalty.target, penalty.power, penalty.default_weight) == (0.0, 6.0, 2.0)

    def loss(slope):
        apart = on_scores("wgan-div", "critic", np.full(3, slope * shift), np.zeros(3))
        return (apart + penalty.weighted(torch.tensor(slope**6), hp)).item()

    best = minimize_scalar(loss, bounds=(0.0, 5.0), method="bounded", options={"xatol": 1e-9}).x
    assert best == pytest.approx((shift / (6 * k)) ** 0.2, rel=1e-5)


@pytest.mark.parametrize(
    ("variant", "log"),
    [
        ("wgan-gp", "penalty"),
        ("wgan-div", "divergence"),
        ("dragan", "dragan"),
        ("r1gan", "r1"),
        ("r2gan", "r2"),
    ],
)
@settings(max_examples=10)
@given(seed=seeds, factor=st.floats(0, 10, width=32))
def test_critics_pay_in_proportion_to_the_weight_of_their_penalty(variant, log, seed, factor):
    (penalty,) = variants.get(variant).penalties
    scene = Scene(variant, seed)

    def loss(weight):
        setattr(scene.hp, penalty.weight, weight)
        return scene.results()["critic"]

    free, paid = loss(0.0).value.item(), loss(factor)
    assert paid.value.item() - free == pytest.approx(penalty.scale * factor * paid.logs[log].item(), abs=1e-9)
    assert penalty.scale == (0.5 if log in ("r1", "r2") else 1.0)


@settings(max_examples=10)
@given(seed=seeds, angle=st.floats(0, 2 * np.pi))
def test_norms_do_not_see_how_the_space_is_turned(seed, angle):
    """Data, generator and critic turned together: no loss of a penalised critic moves."""
    turn = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for variant in ("wgan-gp", "wgan-div", "r1gan", "r2gan", "r3gan"):
        before, after = Scene(variant, seed), Scene(variant, seed)
        after.batch["real"] = after.batch["real"] @ turn.T
        with torch.no_grad():
            generator, critic = after.modules["generator"], after.modules["critic"]
            generator.weight.copy_(turn @ generator.weight)
            generator.bias.copy_(turn @ generator.bias)
            critic.weight.copy_(critic.weight @ turn.T)
        assert after.losses() == pytest.approx(before.losses(), rel=1e-7)
