"""Games with codes: which loss trains which network, on which batch, and what their abilities return."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench import variants
from gan_bench.bench.engine.train import Trainer
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec
from gan_bench.variants.misfits import Misfit
from tests.training import MLP, dataset, make_job, trained, weights
from tests.variants.scenes import PLANE, Affines, Scene

CODED = ["aae", "ali", "bigan", "vaegan"]
seeds = st.integers(0, 2**32 - 1)


def after(variant, iterations=1, role="", **hyperparameters):
    """Weights after some iterations on the ring, of one role or all."""
    found = weights(trained(make_job(variant, (0,), iterations=iterations, settings=hyperparameters), "ring"))
    return {name: w for name, w in found.items() if name.startswith(role)}


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


# AAE


def test_the_phases_of_aae_are_in_order_and_on_the_same_batch():
    trainer = Trainer(make_job("aae", (0,)), dataset("ring"))
    draws = next(iter(trainer.feeds))
    assert [r.players for r in trainer.rounds] == [("autoencoder",), ("critic",), ("generator",)]
    batches = [batch["real"] for repeats in draws for batch, _ in repeats]
    assert all(batch is batches[0] for batch in batches)


@settings(max_examples=10)
@given(seed=seeds)
def test_the_adversary_of_aae_compares_codes_and_leaves_the_generator_alone(seed):
    """No term but the reconstruction depends on the generator's weights, and it not on the critic's."""
    scene, moved, judged = Scene("aae", seed), Scene("aae", seed), Scene("aae", seed)
    with torch.no_grad():
        moved.modules["generator"].weight.add_(1.0)
        judged.modules["critic"].weight.add_(1.0)
    first, second, third = scene.losses(), moved.losses(), judged.losses()
    assert {name for name in first if first[name] != second[name]} == {"autoencoder"}
    assert {name for name in first if first[name] != third[name]} == {"critic", "generator"}


@settings(max_examples=10)
@given(seed=seeds)
def test_an_aae_whose_codes_are_the_priors_draws_leaves_the_critic_nothing(seed):
    """E(x) = z in another order: no critic does better than log 4."""
    scene = Scene("aae", seed)
    scene.hp.label_smoothing = 0.0
    with torch.no_grad():
        scene.modules["encoder"].weight.copy_(torch.eye(2))
        scene.modules["encoder"].bias.zero_()
    scene.batch["real"] = scene.noise["latent"].flip(0)
    assert scene.losses()["critic"] >= np.log(4) - 1e-9


# VAE/GAN


@settings(max_examples=10)
@given(seed=seeds, shift=st.floats(-3, 3).filter(lambda x: abs(x) > 1e-3))
def test_the_adversarial_objective_does_not_reach_the_encoder(seed, shift):
    """A constant added to all scores changes the adversarial terms only: features do not see it."""
    scene, moved = Scene("vaegan", seed), Scene("vaegan", seed)
    with torch.no_grad():
        moved.modules["critic"].bias.add_(shift)
    before, now = scene.losses(), moved.losses()
    assert now["encoder"] == before["encoder"]
    assert now["generator"] != before["generator"]
    weight = scene.modules["encoder"].weight
    slope = torch.autograd.grad(scene.results()["encoder"].value, weight)[0]
    (other,) = torch.autograd.grad(moved.results()["encoder"].value, moved.modules["encoder"].weight)
    assert torch.equal(slope, other)


def test_the_encoder_learns_the_same_from_any_adversarial_objective():
    first, second = (after(f"vaegan(objective={o})", role="encoder") for o in ("gan", "hinge"))
    assert same(first, second)
    assert not same(*(after(f"vaegan(objective={o})", role="generator") for o in ("gan", "hinge")))


def test_the_reconstruction_does_not_train_the_critic():
    plain, weighted = (after("vaegan", gamma=gamma) for gamma in (0.0, 10.0))
    changed = {name.split(".")[0] for name in plain if not torch.equal(plain[name], weighted[name])}
    assert changed == {"generator"}


def test_the_weight_of_the_prior_is_the_encoders_alone():
    plain, weighted = (after("vaegan", prior_weight=weight) for weight in (0.0, 10.0))
    changed = {name.split(".")[0] for name in plain if not torch.equal(plain[name], weighted[name])}
    assert changed == {"encoder"}


def test_all_players_of_vaegan_and_ali_update_together_from_one_batch():
    for variant, players in {
        "vaegan": ("critic", "generator", "encoder"), "ali": ("critic", "generator"),
    }.items():  # fmt: skip
        (only,) = Trainer(make_job(variant, (0,)), dataset("ring")).rounds
        assert only.players == players


@pytest.mark.parametrize("variant", ["ali", "bigan"])
def test_encoder_and_generator_of_pairs_are_one_player_that_follows_the_critic(variant):
    players = {player.name: player.trains for player in Scene(variant).game.players()}
    assert players == {"critic": ("critic",), "generator": ("generator", "encoder")}
    settings = {"updates": "alternating"}
    rounds = Trainer(make_job(variant, (0,), settings=settings), dataset("ring")).rounds
    assert [r.players for r in rounds] == [("critic",), ("generator",)]


@settings(max_examples=10)
@given(seed=seeds)
def test_a_posterior_that_is_the_prior_costs_nothing(seed):
    scene = Scene("vaegan", seed)
    with torch.no_grad():
        for p in scene.modules["encoder"].parameters():
            p.zero_()
    assert scene.results()["encoder"].logs["prior"].item() == pytest.approx(0)


def test_features_are_of_the_groups_that_the_critic_judges():
    scene = Scene("vaegan+pac(2)")
    mean, log_variance = scene.encoder(scene.real)
    again = scene.generator(mean + np.exp(log_variance / 2) * scene.around)
    pairs = [x.reshape(3, 4) for x in (scene.real, again)]
    difference = scene.critic.hidden(pairs[0]) - scene.critic.hidden(pairs[1])
    found = scene.results()["generator"].logs["likelihood"].item()
    assert found == pytest.approx((difference**2).sum(1).mean() / 2)


# ALI


@settings(max_examples=10)
@given(seed=seeds)
def test_ali_with_no_width_is_bigan(seed):
    scene, plain = Scene("ali", seed), Scene("bigan", seed)
    stochastic, encoder = scene.modules["encoder"], plain.modules["encoder"]
    with torch.no_grad():
        stochastic.weight[2:].zero_()
        stochastic.bias[2:].fill_(-80.0)
        encoder.weight.copy_(stochastic.weight[:2])
        encoder.bias.copy_(stochastic.bias[:2])
        for role in ("critic", "generator"):
            plain.modules[role].load_state_dict(scene.modules[role].state_dict())
    plain.batch, plain.noise, plain.hp = scene.batch, scene.noise, scene.hp
    assert scene.losses() == pytest.approx(plain.losses())


# Abilities


@pytest.mark.parametrize("variant", CODED)
def test_abilities_of_games_with_codes(variant):
    scene = Scene(variant)
    game, play = scene.game, scene.play()
    made = scene.encoder(scene.real)
    mean = made[0] if game.gaussian else made
    assert game.encode(play).detach().numpy() == pytest.approx(mean)
    assert game.reconstruct(play).detach().numpy() == pytest.approx(scene.generator(mean))
    assert game.features(play).detach().numpy() == pytest.approx(scene.encoder.hidden(scene.real))
    assert game.prior(play) is scene.noise["latent"]
    assert game.sample(play).detach().numpy() == pytest.approx(scene.fake)
    assert {"encode", "features", "prior", "reconstruct", "sample"} <= game.abilities().keys()


@pytest.mark.parametrize("variant", CODED)
def test_a_network_without_hidden_activations_is_refused_by_name(variant):
    class Closed(Affines):
        def encoder(self, *inputs, **options):
            return torch.nn.Sequential(super().encoder(*inputs, **options))

    game = variants.get(variant)(DataSpec.of(real=PLANE), Scene(variant).game.settings)
    with pytest.raises(Misfit, match="the encoder has no method hidden"):
        game.networks(Closed())


# Hidden activations


@pytest.mark.parametrize("family", [MLP, {"family": "conv", "width": 4}, {"family": "resnet", "width": 4}])
@pytest.mark.parametrize("purpose", ["critic", "pairs", "encoder"])
def test_the_last_layer_reads_the_hidden_activations(family, purpose):
    """No weight of the last layer changes them, and they decide the output."""
    from gan_bench.variants.networks import builder
    from tests.contract.asked import filled

    image, code, build = Space((1, 16, 16), (-1.0, 1.0)), Space((3,)), builder(family)
    spaces = (image, code) if purpose == "pairs" else (image,)
    module = build.encoder(image, makes=code) if purpose == "encoder" else build.critic(*spaces)
    filled(module)
    numbers = torch.Generator().manual_seed(0)
    inputs = [torch.randn(2, *s.shape, generator=numbers, dtype=torch.float64) for s in spaces]
    hidden, output = module.hidden(*inputs), module(*inputs)
    *_, last = (layer for layer in module.modules() if hasattr(layer, "weight"))
    with torch.no_grad():
        last.weight.add_(1.0)
    assert torch.equal(module.hidden(*inputs), hidden)
    assert not torch.equal(module(*inputs), output)
