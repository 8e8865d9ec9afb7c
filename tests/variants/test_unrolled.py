"""Unrolled GAN's surrogate f_K against finite differences; torch's optimisers take the critic's steps."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from gan_bench import variants
from gan_bench.bench.engine.optimisers import Adam
from gan_bench.bench.engine.simulated_optimisers import SimulatedOptimiser
from gan_bench.variants import Adversarial, Objective, Play
from gan_bench.variants.base import as_loss
from gan_bench.variants.hyperparameters import HyperparameterError
from tests.variants.forms import FORMS
from tests.variants.scenes import CURVATURE, Scene, build
from tests.variants.test_closed_forms import OWN

STEPS = 3
SMOOTHED = 0.2
RATE = {"descent": 0.1, "optimiser": 0.05}
UNROLLED = [name for name in OWN if issubclass(variants.get(name), Adversarial) and name != "unrolled"]


def towards(target):
    """Cross-entropy of scores towards a target."""
    return lambda scores: binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))


def distance(target):
    """Half of the mean squared distance from a target."""
    return lambda scores: mse_loss(scores, torch.full_like(scores, target)) / 2


def hinge(sign):
    """Mean of max(0, 1 - sign * score)."""
    return lambda scores: (1 - sign * scores).clamp(min=0).mean()


TERMS: dict[str, tuple[Callable, Callable, Callable]] = {
    "gan": (towards(1 - SMOOTHED), towards(0.0), lambda scores: -towards(0.0)(scores)),
    "nsgan": (towards(1 - SMOOTHED), towards(0.0), towards(1.0)),
    "wgan": (lambda scores: -scores.mean(), torch.mean, lambda scores: -scores.mean()),
    "lsgan": (distance(1 - SMOOTHED), distance(0.0), distance(1.0)),
    "hinge": (hinge(1), hinge(-1), lambda scores: -scores.mean()),
}
"""The critic's loss on real and on generated scores, and the generator's loss, as papers write them."""


def surrogate(scene: Scene, generator: nn.Module, objective: str, by: str) -> float:
    """f_K of a generator: the critic is trained from where it is, then both sides are judged."""
    of_real, of_fake, of_generator = TERMS[objective]
    critic = copy.deepcopy(scene.modules["critic"])
    rule = {"descent": torch.optim.SGD, "optimiser": torch.optim.Adam}[by]
    optimiser = rule(critic.parameters(), lr=RATE[by])
    real, fake = scene.batch["real"], generator(scene.noise["latent"]).detach()
    for _ in range(STEPS):
        loss = of_real(critic(real)) + of_fake(critic(fake))
        if hasattr(scene.hp, "r1_gamma"):
            loss = loss + scene.hp.r1_gamma / 2 * (critic.weight + CURVATURE * real).square().sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if hasattr(scene.hp, "clip"):
            with torch.no_grad():
                for p in critic.parameters():
                    p.clamp_(-scene.hp.clip, scene.hp.clip)
    with torch.no_grad():
        return (of_generator(critic(fake)) - of_real(critic(real))).item()


def finite_differences(scene: Scene, objective: str, by: str, h: float = 1e-5) -> np.ndarray:
    """Central differences of f_K by each of the generator's parameters."""
    slopes = []
    for name, p in scene.modules["generator"].named_parameters():
        for k in range(p.numel()):
            values = []
            for sign in (1, -1):
                moved = copy.deepcopy(scene.modules["generator"])
                with torch.no_grad():
                    moved.get_parameter(name).view(-1)[k] += sign * h
                values.append(surrogate(scene, moved, objective, by))
            slopes.append((values[0] - values[1]) / (2 * h))
    return np.array(slopes)


def adam(scene: Scene) -> SimulatedOptimiser:
    """The critic's Adam before its first step, with torch's defaults."""
    critic = dict(scene.modules["critic"].named_parameters())
    optimiser = Adam(list(critic.values()))
    moments = {buffer: dict(zip(critic, new, strict=True)) for buffer, new in optimiser.state.items()}
    hp = SimpleNamespace(beta1=0.9, beta2=0.999, epsilon=1e-8)
    return SimulatedOptimiser(optimiser, moments, optimiser.count, RATE["optimiser"], hp)


def gradient(scene: Scene, play: Play) -> np.ndarray:
    """The gradient of the generator's loss by all that its player trains, in one row."""
    (player,) = (p for p in scene.game.players() if p.name == "generator")
    parameters = [p for role in player.trains for p in scene.modules[role].parameters()]
    slopes = torch.autograd.grad(as_loss(player.loss(play)).value, parameters, materialize_grads=True)
    return torch.cat([slope.flatten() for slope in slopes]).numpy()


@pytest.mark.parametrize("by", RATE)
@pytest.mark.parametrize(
    "variant", ["gan", "nsgan", "wgan", "lsgan", "hinge", "gan+r1", "wgan+r1", "lsgan+r1"]
)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_gradient_is_that_of_the_surrogate(variant, by, seed):
    scene = Scene(f"{variant}+unrolled", seed, unroll_steps=STEPS, unroll_by=by)
    scene.hp.unroll_lr, scene.hp.label_smoothing = RATE["descent"], SMOOTHED
    play = scene.play()
    if by == "optimiser":
        foresight = {"critic": adam(scene)}
        play = Play(play.networks, play.batch, play.noise, play.hp, play.state, foresight)
    ours, exact = gradient(scene, play), finite_differences(scene, variants.info(variant).origin, by)
    assert np.linalg.norm(exact) > 1e-3
    assert ours @ exact / np.linalg.norm(ours) / np.linalg.norm(exact) == pytest.approx(1, abs=1e-8)
    assert np.linalg.norm(ours) == pytest.approx(np.linalg.norm(exact), rel=1e-5)


@pytest.mark.parametrize("variant", ["gan", "wgan", "wgan-gp", "gan+smooth", "gan+r1"])
def test_of_a_minimax_game_it_is_minus_the_critics_objective(variant):
    """Of the critic that the steps lead to, penalties left out."""
    scene = Scene(f"{variant}+unrolled", unroll_steps=1)
    of_real, of_fake, _ = TERMS[variants.info(variant).origin]
    scene.hp.unroll_lr, scene.hp.label_smoothing = 0.0, SMOOTHED
    if hasattr(scene.hp, "clip"):
        scene.hp.clip = 100.0
    play = scene.play()
    real, fake = play.critic(play.batch["real"]), play.critic(play.generator(play.noise["latent"]))
    expected = -(of_real(real) + of_fake(fake)).item()
    assert scene.losses()["generator"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("structure", [{"unroll_steps": 0}, {"unroll_steps": 2}], ids=["none", "no rate"])
@pytest.mark.parametrize("variant", UNROLLED)
def test_without_steps_or_rate_the_gradient_is_the_plain_games(variant, structure):
    scene = Scene(f"{variant}+unrolled", **structure)
    scene.hp.unroll_lr = 0.0
    if hasattr(scene.hp, "clip"):
        scene.hp.clip = 100.0  # a foreseen step of no length is clipped too
    ours = gradient(scene, scene.play())
    scene.game = variants.get(variant)(scene.game.data, scene.game.settings)
    scene.game.networks(build)
    plain = gradient(scene, scene.play())
    assert np.linalg.norm(plain) > 0
    assert ours == pytest.approx(plain, rel=1e-9, abs=1e-12)


def sees_real(name):
    """Return whether the generator's own objective contains real scores."""
    return variants.get(name).exchanges or variants.get(name).objective.compares


def others(rows):
    """Return other samples of the same kind; labels stay."""
    return rows.flip(1) + 0.5 if rows.is_floating_point() else rows


@pytest.mark.parametrize("variant", [name for name in UNROLLED if variants.get(name).objective.splits])
def test_other_real_samples_change_the_critics_loss_by_its_term_of_them(variant):
    scene, terms = Scene(variant), []
    scene.hp.consensus_weight = 0.0
    for critic in scene.game.critics:
        critic.penalties = ()
    play = scene.play()
    reals, fakes = scene.game.reals(play), scene.game.fakes(play)
    for _ in range(2):
        whole = scene.game.critic_loss_on(scene.game.normalised(play)[0], reals, fakes)
        terms.append((whole.value.item(), scene.game.critic_loss_of_real(play, reals).item()))
        reals = {role: tuple(map(others, inputs)) for role, inputs in reals.items()}
    (critic, real), (other_critic, other_real) = terms
    assert other_real != pytest.approx(real)
    assert other_critic - critic == pytest.approx(other_real - real)


@pytest.mark.parametrize("variant", [name for name in UNROLLED if sees_real(name)])
def test_where_the_generator_sees_real_scores_its_own_loss_is_the_whole(variant):
    """At the very critic, which a rate of 0 leaves where it is."""
    scene = Scene(f"{variant}+unrolled", unroll_steps=1)
    scene.hp.unroll_lr = 0.0
    assert scene.losses()["generator"] == pytest.approx(FORMS[variant](scene)["generator"])


def test_every_objective_states_its_rule():
    """A term of real scores, or a generator that sees them; or else the game is refused."""
    for name in UNROLLED:
        assert sees_real(name) or variants.get(name).objective.splits, name


class Whole(Objective):
    """An objective in one piece."""

    def critic(self, real, fake, hp):
        return (real - fake).mean()

    def generator(self, real, fake, hp):
        return fake.mean()


def check(game, **changes):
    """Check a game's default settings with some changed."""
    game.check({name: h.default for name, h in game.hyperparameters.items()} | changes)


def test_a_game_whose_term_of_real_samples_is_unknown_is_refused(toy):
    game = variants.get(f"{toy(Whole)}+unrolled")
    with pytest.raises(HyperparameterError, match="define real and fake instead of critic"):
        check(game)
    check(game, unroll_steps=0)


def test_batches_that_mix_real_and_generated_samples_are_refused():
    joint = {"critic_norm": "batch", "critic_batches": "joint"}
    with pytest.raises(HyperparameterError, match="set critic_batches = separate"):
        check(variants.get("unrolled"), **joint)
    check(variants.get("unrolled"), **joint | {"critic_batches": "separate"})
    check(variants.get("unrolled"), **joint, unroll_steps=0)
    check(variants.get("rsgan+unrolled"), **joint)  # its generator sees real scores anyway
