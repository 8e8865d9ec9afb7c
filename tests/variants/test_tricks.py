"""Tricks of training: what each changes in the game, against closed forms and hand-made updates."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Network
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.hyperparameters import HyperparameterError, resolve
from gan_bench.variants.networks.layers import Stack, View
from gan_bench.variants.networks.norms import BatchNorm
from gan_bench.variants.noise import latent
from tests.training import make_job, same, trained, weights
from tests.variants.forms import of_scores
from tests.variants.scenes import Scene
from tests.variants.test_closed_forms import OWN

functional = pytest.mark.parametrize("functional", [False, True], ids=["autograd", "func"])
seeds = st.integers(0, 2**32 - 1)


# Packs, ratios of steps, turns


@pytest.mark.parametrize("base", ["nsgan", "wgan-gp", "ragan", "began", "veegan"])
@functional
def test_pac_of_one_is_the_base_bit_by_bit(base, functional):
    seeds = (3, 4) if functional else (3,)
    runs = [trained(make_job(v, seeds, iterations=4, solo=not functional)) for v in (base, f"{base}+pac(1)")]
    for replica in range(len(seeds)):
        assert same(*(weights(run, replica) for run in runs))


def test_pacgan_of_degree_1_is_its_base_and_of_2_is_not():
    base, one, two = (
        trained(make_job(variant, iterations=4, settings=settings))
        for variant, settings in (("nsgan", {}), ("pacgan", {"pac": 1}), ("pacgan", {"pac": 2}))
    )
    assert same(weights(base), weights(one))
    assert not same(weights(base), weights(two))


def test_groups_of_pac_join_neighbours_along_features_or_channels():
    game = variants.get("pacgan")(DataSpec.of(real=Space((3, 8, 8))), Scene("pacgan").game.settings)
    images = torch.randn(6, 3, 8, 8)
    (critic,) = game.critics
    (packs,) = critic.grouped((images,))
    assert critic.spaces == (Space((6, 8, 8)),)
    assert packs.shape == (3, 6, 8, 8)
    assert torch.equal(packs[1, :3], images[2])
    assert torch.equal(packs[1, 3:], images[3])


def test_steps_are_taken_as_often_as_they_are_asked_for():
    critic, generator = Scene("wgan-gp", n_critic=5, n_generator=2).game.rounds()
    assert (critic.players, critic.repeat, critic.streams) == (("critic",), 5, ("real",))
    assert set(critic.noise) == {"latent", "interpolation"}
    assert (generator.players, generator.repeat, generator.streams) == (("generator",), 2, ())
    outcome = trained(make_job("nsgan", iterations=4, settings={"n_critic": 3, "n_generator": 2})).outcome(0)
    assert (outcome.critic_updates, outcome.generator_updates) == (12, 8)


def test_simultaneous_players_see_the_same_draws_and_weights():
    together = trained(make_job("nsgan+simultaneous", iterations=1, dtype="float64"))
    (game_round,) = together.rounds
    assert game_round.players == ("critic", "generator")
    apart = trained(make_job("nsgan", iterations=1, dtype="float64"))
    moved = {k for k, w in weights(together).items() if (w - weights(apart)[k]).abs().max() > 1e-12}
    assert {k.split(".")[0] for k in moved} == {"generator"}, "the critic's first step is the same"


def test_two_learning_rates_move_two_players():
    """One step of gradient descent on the same draws is in proportion to a player's own rate."""

    def step(critic, generator):
        rates = {"optimiser": "sgd", "critic_lr": critic, "generator_lr": generator}
        job = make_job("nsgan+simultaneous", iterations=1, settings=rates, dtype="float64")
        return weights(trained(job))

    start, slow, fast = step(1e-12, 1e-12), step(0.01, 0.01), step(0.03, 0.005)
    for name, w in start.items():
        factor = 3.0 if name.startswith("critic") else 0.5
        assert torch.allclose(fast[name] - w, factor * (slow[name] - w), atol=1e-10)
        assert (slow[name] - w).abs().max() > 1e-6


@pytest.mark.parametrize("law", ["normal", "uniform", "sphere"])
def test_every_game_with_a_latent_draws_it_by_the_law_that_is_asked_for(law):
    asked = [v for v in OWN if "latent_law" in variants.get(v).hyperparameters]
    assert {v for v in OWN if "latent" in Scene(v).game.noise()} == set(asked)
    for variant in asked:
        scale = variants.get(variant).hyperparameters["latent_scale"].default
        assert Scene(variant, latent_law=law).game.noise()["latent"] == latent(2, law, scale)


# Instance noise, BatchNorm's batches, historical averaging


@settings(max_examples=20)
@given(seed=seeds)
def test_instance_noise_is_added_to_what_the_critic_sees_of_both_sides(seed):
    scene = Scene("nsgan+noise", seed)
    std = scene.hp.instance_noise_std
    real, fake = (scene.critic(x + std * n) for x, n in zip(
        (scene.real, scene.fake), (scene.real_noise, scene.fake_noise), strict=True))  # fmt: skip
    assert scene.losses() == pytest.approx(of_scores("nsgan", scene.hp, real, fake))


def test_instance_noise_follows_its_schedule():
    """None in the first half of the training: the same losses as without, to the bit; then others."""
    later = {"schedule": "step", "start": 0.0, "end": 1.0, "until": 0.5}
    noisy = trained(make_job("nsgan+noise", iterations=6, settings={"instance_noise_std": later}))
    plain = trained(make_job("nsgan", iterations=6))
    ours, theirs = (run.history.columns[0]["critic_loss"] for run in (noisy, plain))
    assert list(ours[:3]) == list(theirs[:3])
    assert abs(ours[3] - theirs[3]) > 1e-3


@pytest.mark.parametrize("kind", ["separate", "joint"])
def test_batchnorm_critics_see_real_and_fake_apart_or_together(kind):
    """A critic that is one BatchNorm over one feature: its scores by NumPy's mean and variance."""
    game = Scene("nsgan", critic_norm="batch", critic_batches=kind).game
    real, fake = torch.randn(5, 1).double(), 3 + 2 * torch.randn(7, 1).double()
    (critic,) = game.critics
    found = critic.judge_both(Network(Stack(BatchNorm(1), View()).double()), (real,), (fake,))
    parts = [side.numpy()[:, 0] for side in (real, fake)]
    seen = parts if kind == "separate" else [np.concatenate(parts)] * 2
    for judged, side, batch in zip(found, parts, seen, strict=True):
        expected = (side - batch.mean()) / np.sqrt(batch.var() + 1e-5)
        assert judged.scores.detach().numpy() == pytest.approx(expected)
    assert game.generator_reads_real == (kind == "joint"), "the generator's pass then needs real samples too"


@pytest.mark.parametrize("variant", ["nsgan", "wgan-gp", "rsgan"])
def test_scores_in_one_pass_or_two_are_the_same(variant):
    network = Network(nn.Sequential(nn.Linear(2, 1), nn.Flatten(0)).double())
    real, fake = torch.randn(2, 5, 2, dtype=torch.float64)

    def judged(**structure):
        (critic,) = Scene(variant, **structure).game.critics
        return critic.judge_both(network, (real,), (fake,))

    allowed = {"allow_batchnorm_penalty": True} if variants.get(variant).penalties else {}
    together, apart = judged(), judged(critic_norm="batch", **allowed)
    for joint, single in zip(together, apart, strict=True):
        assert torch.allclose(joint.scores, single.scores, atol=1e-14)


@settings(max_examples=20)
@given(seed=seeds, past=st.integers(0, 5))
def test_historical_averaging_costs_the_squared_distance_from_the_mean_of_the_past(seed, past):
    """|| theta - 1/t sum theta_i ||^2 (1606.03498, section 3.3), and the mean takes in today's theta."""
    scene, plain = Scene("nsgan+history", seed), Scene("nsgan+history", seed)
    plain.hp.history_weight = 0.0
    numbers = np.random.default_rng(seed)
    for name, kept in scene.state.items():
        mean = numbers.normal(size=kept.shape) if kept.ndim else float(past)
        scene.state[name] = torch.as_tensor(mean, dtype=torch.float64)
    plain.state = scene.state
    results, free = scene.results(), plain.losses()
    for role in ("critic", "generator"):
        params = {n: p.detach().numpy() for n, p in scene.modules[role].named_parameters()}
        means = {n: scene.state[f"history.{role}.{role}.{n}"].numpy() for n in params}
        away = sum(((p - means[n]) ** 2).sum() for n, p in params.items()) if past else 0.0
        assert results[role].value.item() - free[role] == pytest.approx(scene.hp.history_weight * away)
        for n, p in params.items():
            renewed = results[role].state[f"history.{role}.{role}.{n}"].detach().numpy()
            assert renewed == pytest.approx((past * means[n] + p) / (past + 1))
        assert results[role].state[f"history.{role}"] == past + 1


def test_the_history_is_that_of_the_training():
    """Each player's weights before every one of its updates, averaged: made again from shorter trainings."""
    sgd = {"optimiser": "sgd", "lr": 0.01}

    def after(iterations):
        job = make_job("nsgan+history", iterations=iterations, settings=sgd, dtype="float64")
        return trained(job)

    first, second, third = (after(n) for n in (1, 2, 3))

    def means(run):  # "history.PLAYER.ROLE.PARAMETER", by role and parameter
        return {n.split(".", 2)[2]: m for n, m in run.replicas.state_of(0).items() if m.ndim}

    passed = [means(first), weights(first), weights(second)]
    for name, mean in means(third).items():
        by_hand = sum(w[name] for w in passed) / 3
        assert torch.allclose(mean, by_hand, atol=1e-12)


# What does not go together


@pytest.mark.parametrize(
    ("variant", "settings", "message"),
    [
        ("nsgan", {"pac": 3, "batch_size": 64}, "batch_size = 64: a multiple of pac = 3"),
        ("nsgan+simultaneous", {"n_critic": 2}, "n_critic and n_generator must be 1"),
        ("nsgan+bn+r1", {}, "allow_batchnorm_penalty = true"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(variant, settings, message):
    game = variants.get(variant)
    with pytest.raises(HyperparameterError, match=message):
        game.check(resolve(game.hyperparameters, settings))


PENALISED = {"wgan-gp", "clustergan", "stargan", "wgan-div", "dragan", "r1gan", "r2gan", "r3gan"}


@pytest.mark.parametrize("variant", OWN)
def test_a_penalty_per_sample_over_batchnorm_is_refused_unless_it_is_asked_for(variant):
    game = variants.get(variant)
    if "critic_norm" not in game.hyperparameters:
        assert not issubclass(game, Adversarial)
        return
    over = resolve(game.hyperparameters, {"critic_norm": "batch"})
    if variant in PENALISED:
        with pytest.raises(HyperparameterError, match="every score depends on the whole batch"):
            game.check(over)
        game.check({**over, "allow_batchnorm_penalty": True})
        with pytest.raises(HyperparameterError, match="true or false expected"):
            resolve(game.hyperparameters, {"allow_batchnorm_penalty": 1})
    else:
        game.check(over)
        assert "allow_batchnorm_penalty" not in game.hyperparameters
