"""VEEGAN: pairs of data and latent, and the way back (its logistic critic is in test_logistic)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec
from tests.variants.scenes import Scene


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_reconstructor_that_inverts_the_generator_costs_nothing(seed):
    """F = G^-1: ||z - F(G(z))|| = 0, and the generator has the critic alone."""
    scene = Scene("veegan", seed)
    generator, back = scene.modules["generator"], scene.modules["reconstructor"]
    with torch.no_grad():
        generator.weight.add_(3 * torch.eye(2))
        back.weight.copy_(torch.linalg.inv(generator.weight))
        back.bias.copy_(-back.weight @ generator.bias)
    losses = scene.losses()
    assert losses["reconstructor"] == pytest.approx(0, abs=1e-18)
    assert losses["generator"] == pytest.approx(-scene.critic(np.hstack([scene.fake, scene.latent])).mean())


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), weight=st.floats(0, 100, width=32))
def test_the_generator_pays_for_what_is_not_found_again(seed, weight):
    scene = Scene("veegan", seed)
    scene.hp.reconstruction = 0.0
    free = scene.losses()["generator"]
    scene.hp.reconstruction = weight
    results = scene.results()
    lost = results["generator"].logs["reconstruction"].item()
    assert lost == results["reconstructor"].value.item() > 0
    assert results["generator"].value.item() - free == pytest.approx(weight * lost)


def test_codes_of_real_samples_scatter_as_a_unit_gaussian_around_the_reconstructors_mean():
    """log p(z|x) is that of N(F(x), I), up to its constant, and real pairs hold draws of it."""
    scene = Scene("veegan")
    means = scene.reconstructor(scene.fake)
    results = -scipy.stats.norm.logpdf(scene.latent, loc=means).sum(1).mean() - np.log(2 * np.pi)
    assert scene.losses()["reconstructor"] == pytest.approx(results)
    codes = scene.game.reals(scene.play())["critic"][1].detach().numpy()
    assert codes - scene.reconstructor(scene.real) == pytest.approx(scene.around)
    assert scene.game.noise()["around"].law == "normal"


def test_all_three_move_in_one_round():
    (together,) = Scene("veegan").game.rounds()
    assert together.players == ("critic", "generator", "reconstructor")


def test_the_critic_judges_an_image_and_a_latent_as_two_inputs():
    structure = vars(Scene("veegan").game.settings) | {"latent_dim": 20}
    image = Space((3, 4, 4), bounds=(-1.0, 1.0))
    (critic,) = variants.get("veegan")(DataSpec.of(real=image), SimpleNamespace(**structure)).critics
    assert critic.spaces == critic.judges == (image, Space((20,)))
    assert critic.given == ()
