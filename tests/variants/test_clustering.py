"""Games of a category: what InfoGAN and ClusterGAN rest on (their closed forms are in `forms/`)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Network, Play
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise
from tests.variants.forms import SCORES
from tests.variants.scenes import PLANE, ROWS, Scene
from tests.variants.test_objectives import on_all

seeds = st.integers(0, 2**32 - 1)
GAMES = pytest.mark.parametrize("variant", ["infogan", "clustergan"])


def nll(logits, labels):
    return -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()


class Slopes:
    """Gradients of each player's loss in its own weights, in networks of two hidden layers."""

    def __init__(self, variant, seed=0, **hp):
        kind = variants.get(variant)
        given = {"latent_dim": 2, "categories": 3, "batch_size": 8, **hp}
        values = resolve(kind.hyperparameters, given)
        self.game = kind(DataSpec.of(real=PLANE), SimpleNamespace(**values))
        networks = self.game.networks(builder({"family": "mlp", "hidden": [5, 4]}))
        numbers = torch.Generator().manual_seed(seed)
        self.modules = {role: m.to_empty(device="cpu").double() for role, m in networks.items()}
        for module in self.modules.values():
            initialise(module, numbers, "default")
        batch = {"real": torch.randn(8, 2, generator=numbers).double()}
        draws = {name: law.draw(1, 8, numbers)[0] for name, law in self.game.noise().items()}
        draws = {name: d.double() if d.is_floating_point() else d for name, d in draws.items()}
        roles = {role: Network(module) for role, module in self.modules.items()}
        self.play = Play(roles, batch, draws, SimpleNamespace(**values), {})

    def of(self, player, role):
        """Return the gradients by name, zeros where the loss does not depend on the weights."""
        (found,) = (p for p in self.game.players() if p.name == player)
        weights = dict(self.modules[role].named_parameters())
        slopes = torch.autograd.grad(
            found.loss(self.play).value, list(weights.values()), materialize_grads=True
        )
        return dict(zip(weights, slopes, strict=True))


def apart(one, other):
    """Return by name whether two sets of gradients differ."""
    return {name: not torch.allclose(one[name], other[name], atol=1e-12) for name in one}


# Codes


@GAMES
def test_codes_are_draws_that_a_sheet_can_hold(variant):
    game = Scene(variant).game
    codes = game.codes()
    assert codes["category"] == Space(classes=3)
    assert codes.keys() <= set(game.abilities()["sample"].noise) <= game.noise().keys()
    assert codes.get("continuous", Space((2,), (-1.0, 1.0))) == Space((2,), (-1.0, 1.0))
    assert ("continuous" in codes) == (variant == "infogan")


@GAMES
def test_a_code_that_is_varied_changes_samples_and_nothing_else_does(variant):
    scene = Scene(variant)
    first = scene.game.sample(scene.play())
    play = scene.play().drawing(category=(scene.noise["category"] + 1) % 3)
    assert (scene.game.sample(play) - first).abs().amin(1).min() > 1e-6
    assert torch.equal(scene.game.sample(scene.play()), first)


@GAMES
def test_codes_of_data_and_of_the_prior_have_one_layout(variant):
    scene = Scene(variant)
    codes, prior = scene.game.encode(scene.play()).detach(), scene.game.prior(scene.play())
    assert codes.shape == prior.shape == (ROWS, 5)
    numbers = scene.noise["continuous" if variant == "infogan" else "latent"]
    assert torch.equal(prior, torch.cat((numbers, torch.eye(3).double()[scene.noise["category"]]), 1))
    assert codes[:, 2:].sum(1).numpy() == pytest.approx(1.0)
    logits = scene.game.cluster(scene.play()).detach().numpy()
    assert codes[:, 2:].numpy() == pytest.approx(softmax(logits, axis=1))


def test_categories_are_equally_frequent_and_z_n_is_narrow():
    game = Scene("clustergan", latent_dim=200).game
    laws = game.noise()
    numbers = torch.Generator().manual_seed(0)
    assert laws["latent"].draw(1, 1000, numbers).std().item() == pytest.approx(0.1, rel=0.01)
    counts = torch.bincount(laws["category"].draw(1, 30_000, numbers)[0])
    assert (counts / 30_000 - 1 / 3).abs().max() < 0.01


# InfoGAN


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_infogan_adds_the_information_to_each_objective(objective, seed):
    scene = Scene(f"infogan(objective={objective})", seed)
    fake = scene.critic(scene.generator(scene.latent, np.eye(3)[scene.category], scene.continuous))
    information = scene.hp.info_weight * nll(fake[:, 1:4], scene.category)
    information += scene.hp.continuous_weight * ((scene.continuous - fake[:, 4:]) ** 2).sum(1).mean() / 2
    critic, generator = SCORES[objective](scene.critic(scene.real)[:, 0], fake[:, 0], scene.hp)
    expected = {"critic": critic + information, "generator": generator + information}
    assert scene.losses() == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("weight", ["info_weight", "continuous_weight"])
def test_the_information_trains_the_generator_and_the_critics_shared_layers(weight):
    with_it, without = (Slopes("infogan", **{weight: value}) for value in (1.0, 0.0))
    critic = apart(with_it.of("critic", "critic"), without.of("critic", "critic"))
    assert all(critic.values()), critic
    generator = apart(with_it.of("generator", "generator"), without.of("generator", "generator"))
    assert all(generator.values()), generator


def test_the_score_has_no_share_in_the_information():
    """Of the last layer, whose first output is the score, the information moves the other rows alone."""
    with_it, without = (Slopes("infogan", info_weight=value).of("critic", "critic") for value in (1.0, 0.0))
    *_, last = (name for name in with_it if name.endswith("weight"))
    moved = (with_it[last] - without[last]).abs().amax(1) > 1e-12
    assert moved.tolist() == [False, True, True, True, False, False]  # score, 3 categories, 2 numbers


def test_real_samples_have_no_information():
    scene = Scene("infogan")
    before = scene.results()["critic"].logs["category_nll"]
    scene.batch["real"] = scene.batch["real"] + 5.0
    assert torch.equal(scene.results()["critic"].logs["category_nll"], before)


def test_the_information_of_codes_that_are_read_rightly_and_not_at_all():
    """log K of equal logits, and half the expected square of a number on (-1, 1) that is guessed as 0."""
    scene = Scene("infogan")
    with torch.no_grad():
        for p in scene.modules["critic"].parameters():
            p.zero_()
    logs = scene.results()["generator"].logs
    assert logs["category_nll"].item() == pytest.approx(np.log(3))
    assert logs["continuous_nll"].item() == pytest.approx((scene.continuous**2).sum(1).mean() / 2)
    with torch.no_grad():
        scene.modules["critic"].bias[1] = 50.0
    scene.noise["category"] = torch.zeros(ROWS, dtype=torch.int64)
    assert scene.results()["generator"].logs["category_nll"].item() == pytest.approx(0, abs=1e-12)


def test_infogan_plays_without_continuous_codes():
    scene = Scene("infogan", continuous=0)
    fake = scene.critic(scene.generator(scene.latent, np.eye(3)[scene.category]))
    critic, generator = SCORES["nsgan"](scene.critic(scene.real)[:, 0], fake[:, 0], scene.hp)
    information = scene.hp.info_weight * nll(fake[:, 1:], scene.category)
    assert scene.losses() == pytest.approx(
        {"critic": critic + information, "generator": generator + information}
    )
    assert scene.game.codes().keys() == {"category"}
    assert scene.game.prior(scene.play()).shape == scene.game.encode(scene.play()).shape == (ROWS, 3)


def test_a_sample_of_a_critic_of_packs_has_a_cluster_of_its_own():
    scene = Scene("infogan", pac=2)
    play = scene.play()
    whole = scene.game.cluster(play).detach()
    pairs = np.hstack([scene.real, scene.real])
    assert whole.numpy() == pytest.approx(scene.critic(pairs)[:, 1:4])
    play.batch["real"] = play.batch["real"][1:2]
    assert torch.allclose(scene.game.cluster(play), whole[1:2])


def test_both_players_of_infogan_take_turns_on_draws_of_their_own():
    critic, generator = Scene("infogan").game.rounds()
    assert (critic.players, generator.players) == (("critic",), ("generator",))
    assert (critic.shares, generator.shares) == ((), ())
    assert {"latent", "category", "continuous"} <= set(critic.noise)
    assert {"latent", "category", "continuous"} == set(generator.noise)


# ClusterGAN


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_clustergan_recovers_the_latent_beside_each_objective(objective, seed):
    scene = Scene(f"clustergan(objective={objective})", seed)
    fake = scene.generator(scene.latent, np.eye(3)[scene.category])
    critic, generator = SCORES[objective](scene.critic(scene.real), scene.critic(fake), scene.hp)
    along = scene.interpolation[:, None]
    slope = np.linalg.norm(scene.critic.slope(along * scene.real + (1 - along) * fake), axis=1)
    code = scene.encoder(fake)
    generator += scene.hp.latent_weight * ((scene.latent - code[:, :2]) ** 2).mean()
    generator += scene.hp.category_weight * nll(code[:, 2:], scene.category)
    critic += scene.hp.penalty_weight * ((slope - 1) ** 2).mean()
    assert scene.losses() == pytest.approx({"critic": critic, "generator": generator}, rel=1e-7, abs=1e-9)


def test_generator_and_encoder_take_one_step_after_the_critics_five():
    profile = variants.get("clustergan").profiles["paper"]
    game = Scene("clustergan", n_critic=profile["n_critic"]).game
    critic, joint = game.rounds()
    assert (critic.players, critic.repeat) == (("critic",), 5)
    assert (joint.players, joint.repeat, joint.streams) == (("generator",), 1, ())
    (player,) = (p for p in game.players() if p.name == "generator")
    assert player.trains == ("generator", "encoder")


def test_the_encoder_learns_from_the_generators_samples_alone():
    """No adversary and no data: without both errors it has no gradient."""
    free = Slopes("clustergan", latent_weight=0.0, category_weight=0.0)
    assert not any(slope.any() for slope in free.of("generator", "encoder").values())
    for name in ("latent_weight", "category_weight"):
        one = Slopes("clustergan", **{"latent_weight": 0.0, "category_weight": 0.0, name: 1.0})
        assert all(slope.any() for slope in one.of("generator", "encoder").values())
        both = apart(one.of("generator", "generator"), free.of("generator", "generator"))
        assert all(both.values()), "the error reaches the generator"


def test_an_encoder_that_inverts_the_generator_costs_nothing():
    scene = Scene("clustergan")
    latent, category = scene.noise["latent"], scene.noise["category"]
    code = torch.cat((latent, 60.0 * torch.eye(3).double()[category]), 1)
    scene.modules["encoder"].forward = lambda x: code
    logs = scene.results()["generator"].logs
    assert logs["latent_error"].item() == 0
    assert logs["category_nll"].item() == pytest.approx(0, abs=1e-12)
    scene.batch["real"] = torch.as_tensor(scene.generator(scene.latent, np.eye(3)[scene.category]))
    assert torch.allclose(scene.game.reconstruct(scene.play()), scene.batch["real"])
    assert torch.equal(scene.game.cluster(scene.play()).argmax(1), category)
