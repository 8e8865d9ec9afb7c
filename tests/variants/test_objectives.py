"""Objectives as values: every one in every game by its closed form in NumPy, and on maps of scores."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import log_softmax
from torch import nn

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import Critic, Loss, Network, Play, registry
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.penalties import GradientPenalty
from tests.variants.forms import SCORES
from tests.variants.forms.scores import EXCHANGED, exchanged
from tests.variants.scenes import CLASSES, Numbers, Scene
from tests.variants.test_closed_forms import OWN

OBJECTIVES = [name for name in registry.objectives() if name in OWN]
ENERGIES = ["ebgan", "ebgan-pt", "began"]
"""Objectives whose critic is an autoencoder of one sample; all others are functions of a critic's scores."""
on_all = pytest.mark.parametrize("objective", [name for name in OBJECTIVES if name not in ENERGIES])
on_energies = pytest.mark.parametrize("objective", ENERGIES)
seeds = st.integers(0, 2**32 - 1)


def test_the_objectives_are_those_with_a_closed_form():
    assert set(OBJECTIVES) == {*SCORES, *ENERGIES}
    compares = {name for name in OBJECTIVES if variants.get(name).objective.compares}
    assert {*SCORES} - EXCHANGED.keys() == compares


def of(scene, objective, real, fake):
    """Return both players' objectives on scores."""
    return SCORES[objective](real, fake, scene.hp)


# In other games


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_cyclegan_plays_each_objective_in_both_domains(objective, seed):
    scene = Scene(f"cyclegan(objective={objective})", seed)
    a, b = scene.domain_a, scene.domain_b
    there, back = scene.a_to_b(a), scene.b_to_a(b)
    in_a = of(scene, objective, scene.critic_a(a), scene.critic_a(back))
    in_b = of(scene, objective, scene.critic_b(b), scene.critic_b(there))
    cycle = np.abs(scene.b_to_a(there) - a).mean() + np.abs(scene.a_to_b(back) - b).mean()
    same = np.abs(scene.a_to_b(b) - b).mean() + np.abs(scene.b_to_a(a) - a).mean()
    generator = scene.hp.adversarial_weight * (in_a[1] + in_b[1])
    generator += scene.hp.cycle_weight * cycle + scene.hp.identity_weight * same
    expected = {"critic": in_a[0] + in_b[0], "generator": generator}
    assert scene.losses() == pytest.approx(expected, rel=1e-7, abs=1e-9)


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_cgan_judges_samples_with_their_labels_by_each_objective(objective, seed):
    scene = Scene(f"cgan(objective={objective})", seed)
    asked, known = np.eye(CLASSES)[scene.label], np.eye(CLASSES)[scene.labelled["label"]]
    real = scene.critic(scene.labelled["real"], known)
    fake = scene.critic(scene.generator(scene.latent, asked), asked)
    expected = dict(zip(("critic", "generator"), of(scene, objective, real, fake), strict=True))
    assert scene.losses() == pytest.approx(expected, rel=1e-7, abs=1e-9)


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_acgan_names_classes_beside_each_objective(objective, seed):
    scene = Scene(f"acgan(objective={objective})", seed)
    asked, known = scene.label, scene.labelled["label"]
    real = scene.critic(scene.labelled["real"])
    fake = scene.critic(scene.generator(scene.latent, np.eye(CLASSES)[asked]))

    def nll(out, labels):
        return -log_softmax(out[:, 1:], axis=1)[np.arange(len(out)), labels].mean()

    critic, generator = of(scene, objective, real[:, 0], fake[:, 0])
    weight = scene.hp.class_weight
    expected = {
        "critic": critic + weight * (nll(real, known) + nll(fake, asked)),
        "generator": generator + weight * nll(fake, asked),
    }
    assert scene.losses() == pytest.approx(expected, rel=1e-7, abs=1e-9)


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_bigans_encoder_and_generator_exchange_the_labels_of_each_objective(objective, seed):
    scene = Scene(f"bigan(objective={objective})", seed)
    real = scene.critic(scene.real, scene.encoder(scene.real))
    fake = scene.critic(scene.fake, scene.latent)
    critic = of(scene, objective, real, fake)[0]
    generator = exchanged(objective, real, fake, scene.hp)
    assert scene.losses() == pytest.approx({"critic": critic, "generator": generator}, rel=1e-7, abs=1e-9)


@on_all
@settings(max_examples=5)
@given(seed=seeds)
def test_veegan_reconstructs_latents_beside_each_objective(objective, seed):
    scene = Scene(f"veegan(objective={objective})", seed)
    real = scene.critic(scene.real, scene.reconstructor(scene.real) + scene.around)
    fake = scene.critic(scene.fake, scene.latent)
    lost = 0.5 * ((scene.latent - scene.reconstructor(scene.fake)) ** 2).sum(1).mean()
    critic, generator = of(scene, objective, real, fake)
    generator += scene.hp.reconstruction * lost
    expected = {"critic": critic, "generator": generator, "reconstructor": lost}
    assert scene.losses() == pytest.approx(expected, rel=1e-7, abs=1e-9)


def energies(scene, role, x, objective):
    """Return the reconstruction errors of samples by one critic, and their codes."""
    encode, decode = map(Numbers, scene.modules[role])
    apart = x - decode(encode(x))
    return (np.abs(apart) if objective == "began" else apart**2).mean(1), encode(x)


@on_energies
@settings(max_examples=5)
@given(seed=seeds)
def test_cyclegans_critics_may_be_autoencoders(objective, seed):
    """Each with a balance k of its own, and with the codes of its own domain."""
    scene = Scene(f"cyclegan(objective={objective})", seed)
    scene.hp.cycle_weight = scene.hp.identity_weight = 0.0
    a, b = scene.domain_a, scene.domain_b
    critic = generator = 0.0
    for role, x, made in (("critic_a", a, scene.b_to_a(b)), ("critic_b", b, scene.a_to_b(a))):
        (real, _), (fake, codes) = (energies(scene, role, samples, objective) for samples in (x, made))
        generator += fake.mean()
        if objective == "began":
            critic += real.mean() - scene.state[f"k/{role}"].item() * fake.mean()
        else:
            critic += real.mean() + np.maximum(0, scene.hp.margin - fake).mean()
        if objective == "ebgan-pt":
            units = codes / np.linalg.norm(codes, axis=1, keepdims=True)
            cosines = (units @ units.T)[~np.eye(len(units), dtype=bool)]
            generator += scene.hp.pulling_away * (cosines**2).mean()
    expected = {"critic": critic, "generator": scene.hp.adversarial_weight * generator}
    assert scene.losses() == pytest.approx(expected, rel=1e-7, abs=1e-9)


def test_cyclegan_keeps_one_balance_per_critic():
    """k <- clip(k + lambda (gamma L(x) - L(G(z)))) of each domain's own errors (1703.10717, 3.4)."""
    scene = Scene("cyclegan(objective=began)", seed=3, pool=0)
    fresh = scene.game.state()
    assert {name: start.item() for name, start in fresh.items()} == {"k/critic_a": 0.0, "k/critic_b": 0.0}
    scene.hp.k_lr = 0.01
    results = scene.results()
    a, b = scene.domain_a, scene.domain_b
    for role, x, made in (("critic_a", a, scene.b_to_a(b)), ("critic_b", b, scene.a_to_b(a))):
        real, fake = (energies(scene, role, samples, "began")[0].mean() for samples in (x, made))
        k, balance = scene.state[f"k/{role}"].item(), scene.hp.gamma * real - fake
        assert results["critic"].state[f"k/{role}"].item() == pytest.approx(np.clip(k + 0.01 * balance, 0, 1))
        end = role.removeprefix("critic")
        assert results["critic"].logs[f"k{end}"].item() == k
        assert results["critic"].logs[f"convergence{end}"].item() == pytest.approx(real + abs(balance))
    assert results["critic"].state.keys() == fresh.keys()
    assert results["generator"].state == {}


@on_energies
@pytest.mark.parametrize(
    ("game", "others"),
    [("cgan", "2 inputs"), ("bigan", "2 inputs"), ("veegan", "2 inputs"), ("acgan", "class")],
)
def test_autoencoders_refuse_what_they_cannot_judge(game, others, objective):
    with pytest.raises(Misfit, match=rf"critic is an autoencoder of one sample: it has no {others}"):
        Scene(f"{game}(objective={objective})")


# On maps of scores


class Given(nn.Module):
    """A critic whose scores are its inputs."""

    def forward(self, x):
        return x


SETTINGS = SimpleNamespace(pac=1, instance_noise="none", critic_norm="none", critic_batches="separate")
maps = arrays(np.float64, (4, 2, 3), elements=st.floats(-10, 10))


def judged(objective, real, fake):
    """Return the critic's and the generator's loss, plain and with labels exchanged, on scores or maps."""
    value = variants.get(objective).objective
    hp = SimpleNamespace(label_smoothing=0.1)
    critic = Critic("critic", Space(real.shape[1:]), settings=SETTINGS, objective=value)
    play = Play({"critic": Network(Given())}, {}, {}, hp, {})
    sides = tuple((torch.as_tensor(side),) for side in (real, fake))
    needed = sides[0] if value.compares else None
    plain, _ = critic.generator_loss(play, needed, sides[1])
    both, _ = critic.generator_loss(play, *sides, exchanged=True)
    return np.array([critic.loss(play, *sides)[0].value, plain.value, both.value])


def by_hand(objective, real, fake):
    hp = SimpleNamespace(label_smoothing=0.1)
    return np.array([*SCORES[objective](real, fake, hp), exchanged(objective, real, fake, hp)])


@on_all
@settings(max_examples=20)
@given(real=maps, fake=maps)
def test_a_map_is_a_mean_over_patches_or_one_mean_score_per_sample(objective, real, fake):
    """The mean over patches where samples are not compared; else the objective of each sample's mean."""
    if variants.get(objective).objective.compares:
        expected = by_hand(objective, real.mean((1, 2)), fake.mean((1, 2)))
    else:
        patches = [by_hand(objective, real[:, i, j], fake[:, i, j]) for i in range(2) for j in range(3)]
        expected = np.mean(patches, axis=0)
    assert judged(objective, real, fake) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@on_all
@settings(max_examples=5)
@given(real=maps, fake=maps)
def test_a_map_of_one_patch_is_a_score(objective, real, fake):
    one = [side[:, :1, :1] for side in (real, fake)]
    scores = [side[:, 0, 0] for side in (real, fake)]
    assert judged(objective, *one) == pytest.approx(judged(objective, *scores), rel=1e-12, abs=1e-12)
    assert judged(objective, *scores) == pytest.approx(by_hand(objective, *scores), rel=1e-7, abs=1e-7)


@settings(max_examples=20)
@given(real=maps, weights=arrays(np.float64, (2, 3), elements=st.floats(-3, 3)))
def test_a_penalty_on_a_critic_of_maps_is_on_the_slope_of_each_samples_mean_score(real, weights):
    """Scores w_p x_p of patches p: the mean's slope is w / 6, for every sample."""

    class Weighted(nn.Module):
        def forward(self, x):
            return torch.as_tensor(weights) * x

    penalty = GradientPenalty(points="real", target=0.0)
    value = variants.get("lsgan").objective
    critic = Critic("critic", Space((2, 3)), settings=SETTINGS, objective=value, penalties=(penalty,))
    hp = SimpleNamespace(label_smoothing=0.0, penalty_weight=2.0)
    play = Play({"critic": Network(Weighted())}, {}, {}, hp, {})
    sides = ((torch.as_tensor(real),), (torch.as_tensor(-real),))
    loss, _, _ = critic.loss(play, *sides)
    slope = (weights / 6) ** 2
    assert loss.logs["penalty"].item() == pytest.approx(slope.sum(), abs=1e-12)
    free = SCORES["lsgan"](weights * real, -weights * real, hp)[0]
    assert loss.value.item() == pytest.approx(free + 2 * slope.sum())


@pytest.mark.parametrize(("points", "label"), [("real", 2.0), ("fake", 5.0), ("interpolates", 2.0)])
def test_a_penalty_gives_the_critic_the_labels_of_the_batch_whose_points_it_takes(points, label):
    """D(x, y) = y x with real labels 2 and generated labels 5: the squared slope is that of the label."""

    class Scaled(nn.Module):
        def forward(self, x, y):
            return (y * x).sum(1)

    penalty = GradientPenalty(points=points, target=0.0)
    value, label_space = variants.get("lsgan").objective, Space((1,))
    critic = Critic(
        "critic", Space((1,)), settings=SETTINGS, objective=value, given=(label_space,), penalties=(penalty,)
    )
    play = Play({"critic": Network(Scaled())}, {}, {"interpolation": torch.rand(3)}, SimpleNamespace(), {})
    sides = ((torch.randn(3, 1), torch.full((3, 1), of)) for of in (2.0, 5.0))
    assert critic.penalty(penalty, play, *sides).item() == pytest.approx(label**2)


# Sums of losses


def test_a_sum_of_losses_keeps_the_logs_and_the_state_of_both():
    one, two, weight = (torch.tensor(v) for v in (1.0, 10.0, 0.5))
    first = Loss(one, {"a": one}, {"s": one})
    second = Loss(two, {"b": two}, {"t": two})
    total = first.plus(second)
    assert (total.value, total.logs, total.state) == (11.0, {"a": 1.0, "b": 10.0}, {"s": 1.0, "t": 10.0})
    weighted = first.plus(second, weight, log="term")
    assert weighted.value == 6.0
    assert weighted.logs == {"a": 1.0, "b": 10.0, "term": 10.0}, "a term is shown without its weight"
    assert weighted.state == total.state
    assert first.plus(two, 0.0).value == 1.0
    assert first.plus(two).logs == first.logs
    assert (first.logs, first.state) == ({"a": 1.0}, {"s": 1.0}), "the first is as it was"
