"""Every loss of every registered variant is the closed form that was worked out for it in NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench import variants
from gan_bench.variants import Adversarial
from tests.variants.forms import FORMS, SCORES
from tests.variants.scenes import Scene, on_scores

OWN = [name for name in variants.names() if variants.get(name).__module__.startswith("gan_bench.variants.")]
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("variant", OWN)
def test_every_registered_variant_has_a_closed_form_of_every_player(variant):
    assert variant in FORMS, f"work out {variant}'s losses in tests/variants/forms/"
    scene = Scene(variant)
    assert FORMS[variant](scene).keys() == {player.name for player in scene.game.players()}


@pytest.mark.parametrize("variant", OWN)
@settings(max_examples=10)
@given(seed=seeds)
def test_losses_are_their_closed_forms(variant, seed):
    scene = Scene(variant, seed)
    assert scene.losses() == pytest.approx(FORMS[variant](scene), rel=1e-7, abs=1e-9)


def objectives(variant, real, fake):
    """Both objectives on scores."""
    return [on_scores(variant, player, real, fake).item() for player in ("critic", "generator")]


def test_objectives_against_numbers_from_a_calculator():
    """Scores 0 for real and ln 3 for fake: D = 1/2 and 3/4."""
    real, fake = np.zeros(2), np.full(2, np.log(3.0))
    assert objectives("gan", real, fake) == pytest.approx([np.log(8), -np.log(4)])
    assert objectives("nsgan", real, fake)[1] == pytest.approx(np.log(4 / 3))
    assert objectives("bgan", real, fake)[1] == pytest.approx(np.log(3) ** 2 / 2)
    assert objectives("lsgan", [0.0], [3.0]) == pytest.approx([0.5 + 4.5, 2.0])
    assert objectives("wgan", [1.0, 3.0], [5.0, 9.0]) == pytest.approx([5.0, -7.0])
    assert objectives("hinge", [0.5, 3.0], [-2.0, 1.0]) == pytest.approx([0.25 + 1.0, 0.5])
    assert objectives("softmax-gan", [0.0], [np.log(3)]) == pytest.approx([np.log(4), np.log(16 / 3) / 2])
    assert objectives("rsgan", real, fake) == pytest.approx([np.log(4), np.log(4 / 3)])
    assert objectives("ragan", real, fake) == pytest.approx([2 * np.log(4), 2 * np.log(4 / 3)])
    assert objectives("rlsgan", [0.0], [3.0]) == pytest.approx([16.0, 4.0])
    assert objectives("ralsgan", [0.0], [3.0]) == pytest.approx([32.0, 8.0])
    assert objectives("rhinge", [0.0], [3.0]) == pytest.approx([4.0, 0.0])
    assert objectives("rahinge", [0.0], [3.0]) == pytest.approx([8.0, 0.0])


@pytest.mark.parametrize("variant", [name for name in OWN if issubclass(variants.get(name), Adversarial)])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_losses_stay_finite_where_scores_are_extreme(variant, size):
    scene = Scene(variant)
    critics = [scene.modules[critic.role] for critic in scene.game.critics]
    for critic in critics:
        *_, last = (layer for layer in critic.modules() if hasattr(layer, "bias"))
        with torch.no_grad():
            last.bias.fill_(size)
    for loss in scene.results().values():
        assert loss.value.isfinite()
    for p in (p for critic in critics for p in critic.parameters()):
        (slope,) = torch.autograd.grad(scene.results()["critic"].value, p)
        assert slope.isfinite().all()


def test_the_closed_forms_are_of_registered_variants():
    assert FORMS.keys() <= set(OWN)
    assert SCORES.keys() <= set(FORMS)
