"""Games of unpaired translation: who learns what, what no loss may read, and what their abilities return."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec
from gan_bench.variants.base import as_loss
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from tests.contract.asked import filled
from tests.variants.forms import SCORES
from tests.variants.forms.networks import nll
from tests.variants.scenes import CLASSES, PLANE, ROWS, Affines, Scene
from tests.variants.test_objectives import on_all

UNPAIRED = ["cyclegan", "discogan", "dualgan"]
seeds = st.integers(0, 2**32 - 1)
of_both = pytest.mark.parametrize("variant", UNPAIRED)


def slope(scene, player, role):
    """Gradient of a player's loss in one network's weights, as a vector."""
    (found,) = (p for p in scene.game.players() if p.name == player)
    loss = as_loss(found.loss(scene.play())).value
    weights = list(scene.modules[role].parameters())
    slopes = torch.autograd.grad(loss, weights, materialize_grads=True)
    return torch.cat([s.flatten() for s in slopes])


# No pairs


@of_both
@settings(max_examples=5)
@given(seed=seeds)
def test_no_loss_reads_which_samples_belong_together(variant, seed):
    """Rows of one domain in another order: the same losses, whatever the rows of the other one."""
    scene, moved = Scene(variant, seed), Scene(variant, seed)
    moved.reordered(lambda group: torch.arange(ROWS).roll(1 if group == "domain_b" else 0))
    assert not torch.equal(scene.batch["domain_b"], moved.batch["domain_b"])
    assert moved.losses() == pytest.approx(scene.losses(), rel=1e-9)


@pytest.mark.parametrize("variant", [*UNPAIRED, "unit"])
def test_domains_are_read_by_streams_of_their_own(variant):
    game = Scene(variant).game
    assert {stream for r in game.rounds() for stream in r.streams} == {"domain_a", "domain_b"}
    assert not {"pairs", "moves"} & {*game.streams}


def test_stargan_reads_no_answers():
    """The target and the moved image of the dataset are for measuring; training draws its own targets."""
    game = Scene("stargan").game
    assert {stream for r in game.rounds() for stream in r.streams} == {"domains"}


# DiscoGAN


@pytest.mark.parametrize(
    ("shares", "reaches"),
    [
        ({"cycle_share": 0.0, "feature_share": 0.0}, "critic_b"),
        ({"cycle_share": 0.0, "feature_share": 1.0}, "critic_b"),
        ({"cycle_share": 1.0, "feature_share": 0.5}, "b_to_a"),
    ],
)
def test_discogans_shares_decide_what_a_translator_learns_from(shares, reaches):
    """a_to_b learns through the critic of b, or through the translation back."""
    scene = Scene("discogan")
    for name, value in shares.items():
        setattr(scene.hp, name, value)
    before = slope(scene, "generator", "a_to_b")
    assert before.abs().max() > 1e-6
    for role in ("critic_a", "critic_b", "b_to_a"):
        other = Scene("discogan")
        vars(other.hp).update(vars(scene.hp))
        with torch.no_grad():
            other.modules[role].weight.add_(0.5)
        assert torch.equal(slope(other, "generator", "a_to_b"), before) == (role != reaches)


def test_discogan_matches_activations_of_all_hidden_layers_but_the_first():
    """Of the published critic: four hidden layers; against activations that hooks have seen."""
    image = Space((3, 72, 72), (-1.0, 1.0))
    module = builder({"family": "patch", "width": 4, "layers": 3}).critic(image, norm="batch")
    filled(module)
    seen = []
    for layer in module.modules():
        if isinstance(layer, nn.LeakyReLU):
            layer.register_forward_hook(lambda _layer, _given, made: seen.append(made))
    x = torch.randn(2, *image.shape, generator=torch.Generator().manual_seed(0)).double()
    found = module.activations(x)
    assert len(found) == len(seen) == 4
    assert all(torch.equal(one, other) for one, other in zip(found, seen, strict=True))
    assert torch.equal(found[-1], module.hidden(x))


@pytest.mark.parametrize("family", ["mlp", "conv", "patch", "resnet"])
@pytest.mark.parametrize("pair", [False, True])
def test_the_last_of_the_activations_are_those_of_the_last_layer(family, pair):
    spaces = (Space((1, 16, 16), (-1.0, 1.0)), Space((3,)))[: 1 + pair]
    module = builder({"family": family}).critic(*spaces)
    filled(module)
    numbers = torch.Generator().manual_seed(0)
    inputs = [torch.randn(2, *s.shape, generator=numbers, dtype=torch.float64) for s in spaces]
    *_, last = module.activations(*inputs)
    assert torch.equal(last, module.hidden(*inputs))


def test_a_critic_without_activations_is_refused_by_name():
    class Closed(Affines):
        def critic(self, *inputs, **options):
            return nn.Sequential(super().critic(*inputs, **options))

    data = DataSpec.of(real=PLANE, domain_a=PLANE, domain_b=PLANE)
    game = variants.get("discogan")(data, Scene("discogan").game.settings)
    with pytest.raises(Misfit, match="critic_a with a method activations"):
        game.networks(Closed())


# DualGAN


def test_dualgans_critics_are_clipped_and_a_penalty_replaces_the_clipping():
    clipped, penalised = Scene("dualgan").game, Scene("dualgan(objective=wgan-gp)").game
    bounds = [p.constraint for p in clipped.players()]
    weights = {"w": torch.tensor([-3.0, 0.004, 3.0])}
    assert bounds[1] is None
    assert bounds[0](weights, SimpleNamespace(clip=0.01))["w"].tolist() == pytest.approx([-0.01, 0.004, 0.01])
    assert all(p.constraint is None for p in penalised.players())
    assert {c.penalties[0].points for c in penalised.critics} == {"interpolates"}


def test_dualgan_punishes_lost_samples_and_no_identity():
    """Translators that invert each other lose nothing; what they do to samples of their target is free."""
    scene = Scene("dualgan")
    there, back = scene.modules["a_to_b"], scene.modules["b_to_a"]
    with torch.no_grad():
        there.weight.add_(3 * torch.eye(2))
        back.weight.copy_(torch.linalg.inv(there.weight))
        back.bias.copy_(-back.weight @ there.bias)
    results = scene.results()["generator"]
    assert results.logs["cycle"].item() == pytest.approx(0, abs=1e-12)
    fooled = (
        scene.critic_b(scene.a_to_b(scene.domain_a)).mean()
        + scene.critic_a(scene.b_to_a(scene.domain_b)).mean()
    )
    assert results.value.item() == pytest.approx(-fooled)


# StarGAN


def between(scene, real, fake):
    """WGAN-GP's penalty without its weight, on segments from generated to real samples."""
    along = scene.interpolation[:, None]
    norms = np.linalg.norm(scene.critic.slope(along * real + (1 - along) * fake), axis=1)
    return ((norms - 1) ** 2).mean()


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_stargan_names_domains_beside_each_objective(objective, seed):
    scene = Scene(f"stargan(objective={objective})", seed)
    x, origin = scene.domains["real"], scene.domains["domain"]
    target = origin[scene.order]
    made = scene.generator(x, np.eye(CLASSES)[target])
    real, fake = scene.critic(x), scene.critic(made)
    critic, generator = SCORES[objective](real[:, 0], fake[:, 0], scene.hp)
    again = scene.generator(made, np.eye(CLASSES)[origin])
    generator += scene.hp.class_weight * nll(fake[:, 1:], target)
    generator += scene.hp.cycle_weight * np.abs(again - x).mean()
    critic += scene.hp.class_weight * nll(real[:, 1:], origin) + scene.hp.penalty_weight * between(
        scene, x, made
    )
    expected = {"critic": critic, "generator": generator}
    assert scene.losses() == pytest.approx(expected, rel=1e-7, abs=1e-9)


def test_the_critic_learns_domains_from_real_samples_alone():
    """Without the adversary and the penalty its gradient does not depend on what is generated."""

    def of_logits(scene):
        return slope(scene, "critic", "critic")[-CLASSES:]  # biases of the logits

    scene, other = Scene("stargan"), Scene("stargan")
    with torch.no_grad():
        other.modules["generator"].weight.mul_(-2.0)
    assert torch.allclose(of_logits(scene), of_logits(other))
    assert of_logits(scene).abs().max() > 1e-4
    origin = np.eye(CLASSES)[scene.domains["domain"]]
    logits = scene.critic(scene.domains["real"])[:, 1:]
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = scene.hp.class_weight * (chances - origin).mean(0)
    assert of_logits(scene).numpy() == pytest.approx(expected)


def test_targets_are_the_batchs_own_domains_in_another_order():
    scene = Scene("stargan")
    targets = scene.game.target(scene.play())
    assert sorted(targets.tolist()) == sorted(scene.batch["domains"]["domain"].tolist())
    made = scene.game.fakes(scene.play())["critic"][0]
    asked = np.eye(CLASSES)[targets]
    assert made.detach().numpy() == pytest.approx(scene.generator(scene.domains["real"], asked))


def test_stargan_is_told_where_to_go_by_constant_channels_that_survive():
    """Instance norms cancel what is constant under reflection, so that the domain would be lost."""
    image, domain = Space((3, 16, 16), (-1.0, 1.0)), Space(classes=3)
    for family in ("resnet", "unet"):
        module = builder({"family": family, "width": 4}).translator(image, domain, makes=image)
        filled(module)
        x = torch.randn(2, *image.shape, generator=torch.Generator().manual_seed(0)).double()
        first, second = (module(x, torch.full((2,), d)) for d in (0, 1))
        assert (first - second).abs().max() > 1e-3


# Abilities


@pytest.mark.parametrize("variant", [*UNPAIRED, "unit"])
def test_both_directions_and_cycles_are_made_of_the_two_translations(variant):
    scene = Scene(variant)
    game, play = scene.game, scene.play()
    play.noise = {}  # evaluation: an encoder's mean
    into_b, into_a = game.translate(play), game.translate_back(play)
    assert torch.equal(game.cycle(play), game.into_a(play.reading(domain_b=into_b)))
    assert torch.equal(game.cycle_back(play), game.into_b(play.reading(domain_a=into_a)))
    assert not torch.allclose(game.cycle(play), play.batch["domain_a"])


@of_both
def test_a_direction_is_that_directions_network(variant):
    scene = Scene(variant)
    game, play = scene.game, scene.play()
    assert game.translate_back(play).detach().numpy() == pytest.approx(scene.b_to_a(scene.domain_b))
    assert game.cycle(play).detach().numpy() == pytest.approx(scene.b_to_a(scene.a_to_b(scene.domain_a)))


def test_stargan_translates_to_the_domain_that_is_asked_for():
    scene = Scene("stargan")
    target = torch.arange(ROWS) % CLASSES
    play = scene.play().reading(real=scene.batch["domains"]["real"], target=target)
    made = scene.game.translate(play).detach().numpy()
    assert made == pytest.approx(scene.generator(scene.domains["real"], np.eye(CLASSES)[target]))
