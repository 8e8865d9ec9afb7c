"""Invariances of the losses of every registered variant: order of a batch, origin of the scores.

Where a loss does depend on it, that is shown as well: no test here holds for want of an effect.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench import variants
from tests.variants.scenes import ROWS, Scene
from tests.variants.test_closed_forms import OWN

PAIRING = {"rsgan", "rlsgan", "rhinge"}
"""Objectives on pairs of a real and a generated sample, C(x) - C(G(z)) (section 4 of 1807.00734)."""
DIFFERENCES = {"wgan", "rsgan", "ragan", "rlsgan", "ralsgan", "rhinge", "rahinge", "softmax-gan"}
"""Objectives whose critic may add any constant to its scores."""
WASSERSTEIN = {"clustergan", "stargan"}
"""Games with further terms by the objective of `wgan`."""
MOVES = {
    **dict.fromkeys([*DIFFERENCES, "bgan-discrete"], 0.0),
    **dict.fromkeys(["wgan", "hinge", "veegan", *WASSERSTEIN], -1.0),
}
"""By what a generator's objective moves when 1 is added to all scores, where that is a constant."""

MADE_OF_REAL = {"stargan"}
"""Games of pairs whose generated samples are made of the real ones, with which they move."""
HALVES = {"vaegan"}
"""Games whose critic sees draws in the first half of a batch and reconstructions in the other."""

BY_ROW = {"bicyclegan"}
"""Games whose draws each belong to a row of the data."""

seeds = st.integers(0, 2**32 - 1)
shuffles = st.randoms(use_true_random=False)


def pairs_rows(variant):
    """Return whether real and generated samples are paired: by scores, or as ends of a segment."""
    between = any(p.points == "interpolates" for p in getattr(variants.get(variant), "penalties", ()))
    return between or variants.info(variant).origin in PAIRING


def order(random, pac, parts=1):
    """Row numbers in a random order that keeps packs of ``pac`` rows whole, each within its part."""
    packs = np.arange(ROWS).reshape(parts, -1, pac).tolist()
    for part in packs:
        random.shuffle(part)
    return torch.tensor(packs).flatten()


def shuffled(variant, seed, random, *, together, pac):
    """The scene with its rows in another order: one for all, or one for each side."""
    parts = 2 if variant in HALVES else 1
    one = order(random, pac, parts)
    return Scene(variant, seed).reordered(lambda _: one if together else order(random, pac, parts))


@pytest.mark.parametrize("variant", OWN)
@settings(max_examples=5)  # every run tries others, of sixty variants
@given(seed=seeds, random=shuffles)
def test_the_order_of_a_batch_does_not_matter(variant, seed, random):
    """Each side by itself; both together where they meet in pairs; whole packs where packs are judged."""
    scene = Scene(variant, seed)
    pac = getattr(scene.game.settings, "pac", 1)
    together = pairs_rows(variant) or variant in BY_ROW
    moved = shuffled(variant, seed, random, together=together, pac=pac)
    assert moved.losses() == pytest.approx(scene.losses(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("variant", [v for v in OWN if pairs_rows(v) and v not in MADE_OF_REAL])
def test_it_matters_who_is_paired_with_whom(variant):
    def critic_loss(seed, real_rows):
        scene = Scene(variant, seed).reordered(lambda group: real_rows if group == "real" else rows)
        return scene.losses()["critic"]

    rows = torch.arange(ROWS)
    assert any(abs(critic_loss(seed, rows) - critic_loss(seed, rows.flip(0))) > 1e-3 for seed in range(5))


def test_it_matters_who_shares_a_pack():
    one = torch.tensor([1, 2, 3, 4, 5, 0])
    assert Scene("pacgan").reordered(lambda _: one).losses() != pytest.approx(Scene("pacgan").losses())


def with_bias(variant, seed, shift):
    """The scene whose critic adds a constant to its scores."""
    scene = Scene(variant, seed)
    with torch.no_grad():
        scene.modules["critic"].bias.add_(shift)
    return scene


SCORING = [v for v in OWN if getattr(Scene(v).modules.get("critic"), "is_score", False)]


def only_differences_count(variant):
    compares = variants.get(variant).objective.compares  # esrgan, by the objective that it chooses
    return compares or variants.info(variant).origin in DIFFERENCES | WASSERSTEIN


@pytest.mark.parametrize("variant", [v for v in SCORING if only_differences_count(v)])
@settings(max_examples=10)
@given(seed=seeds, shift=st.floats(-50, 50))
def test_critics_of_differences_may_add_a_constant(variant, seed, shift):
    before, after = (with_bias(variant, seed, s).losses()["critic"] for s in (0.0, shift))
    assert after == pytest.approx(before, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("variant", [v for v in SCORING if not only_differences_count(v)])
def test_other_critics_may_not(variant):
    before, after = (with_bias(variant, 0, s).losses()["critic"] for s in (0.0, 1.0))
    assert abs(after - before) > 1e-3


@pytest.mark.parametrize("variant", [v for v in SCORING if variants.info(v).origin in MOVES])
@settings(max_examples=10)
@given(seed=seeds, shift=st.floats(-50, 50))
def test_what_a_constant_does_to_generators(variant, seed, shift):
    before, after = (with_bias(variant, seed, s).losses()["generator"] for s in (0.0, shift))
    moved = MOVES[variants.info(variant).origin] * shift
    assert after - before == pytest.approx(moved, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("variant", sorted(DIFFERENCES - {"wgan", "softmax-gan"}))
@settings(max_examples=10)
@given(seed=seeds)
def test_relativistic_generators_play_the_critics_game_with_roles_exchanged(variant, seed):
    scene = Scene(variant, seed)
    scene.hp.label_smoothing = 0.0
    critic, sides = scene.play().critic, (scene.game.reals, scene.game.fakes)
    real, fake = (critic(*side(scene.play())["critic"]) for side in sides)
    exchanged = scene.game.objective.critic(fake, real, scene.hp).item()
    assert scene.losses()["generator"] == pytest.approx(exchanged, abs=1e-9)
