"""Games that are not just latent to data: what their papers rest on (their closed forms are in `forms/`)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec
from tests.variants.scenes import LABEL, PLANE, ROWS, Scene, build, leaf, slopes

seeds = st.integers(0, 2**32 - 1)


# CGAN


@settings(max_examples=10)
@given(seed=seeds)
def test_cgan_without_regard_to_labels_is_the_unconditional_game(seed):
    """A critic and a generator whose weights of the label are 0 play `nsgan` on the same samples."""
    scene, plain = Scene("cgan", seed), Scene("nsgan", seed)
    with torch.no_grad():
        for role in ("generator", "critic"):
            conditional, other = scene.modules[role], plain.modules[role]
            conditional.weight[:, 2:] = 0.0
            other.weight.copy_(conditional.weight[:, :2])
            other.bias.copy_(conditional.bias)
    # Without curvature, which the label would have as well.
    scene.modules["critic"].is_score = plain.modules["critic"].is_score = False
    plain.batch["real"], plain.noise["latent"] = scene.batch["labelled"]["real"], scene.noise["latent"]
    plain.hp.label_smoothing = scene.hp.label_smoothing
    assert scene.losses() == pytest.approx(plain.losses())


def test_cgan_gains_where_a_sample_has_another_label_than_its_class():
    """The critic that scores x1 by the label's sign tells wrong labels of right samples."""
    scene = Scene("cgan")
    with torch.no_grad():
        for p in scene.modules["critic"].parameters():
            p.zero_()
    scene.modules["critic"].forward = lambda x, label: 9.0 * x[:, 0] * (2.0 * label - 1.0)
    scene.hp.label_smoothing = 0.0
    sign = torch.tensor([1.0, -1.0] * 3, dtype=torch.float64)
    right = (sign > 0).long()
    scene.batch["labelled"] = {"real": torch.stack((sign, sign), 1), "label": right}
    scene.modules["generator"].forward = lambda latent, label: scene.batch["labelled"]["real"]
    scene.noise["label"] = right
    believed = scene.losses()
    scene.noise["label"] = 1 - right
    caught = scene.losses()
    assert believed["critic"] > 9 > caught["critic"]
    assert believed["generator"] < 1e-3 < 9 < caught["generator"] + 1e-3


@pytest.mark.parametrize("variant", ["cgan", "acgan"])
def test_codes_are_declared_noise_of_their_space(variant):
    game = Scene(variant).game
    assert game.codes() == {"label": LABEL}
    assert game.codes().keys() <= game.noise().keys()
    assert game.codes().keys() <= set(game.abilities()["sample"].noise)


# ACGAN


@settings(max_examples=10)
@given(seed=seeds, shift=st.floats(-20, 20))
def test_acgans_classes_are_judged_by_differences_of_logits_and_its_source_is_not(seed, shift):
    scene, moved, results = Scene("acgan", seed), Scene("acgan", seed), Scene("acgan", seed)
    with torch.no_grad():
        moved.modules["critic"].bias[1:].add_(shift)
        results.modules["critic"].bias[:1].add_(1.0)
    assert moved.losses() == pytest.approx(scene.losses())
    assert all(abs(results.losses()[player] - loss) > 1e-6 for player, loss in scene.losses().items())


@settings(max_examples=10)
@given(seed=seeds, weight=st.floats(0, 10, width=32))
def test_both_players_of_acgan_want_the_right_class(seed, weight):
    """The critic maximises L_S + L_C, the generator L_C - L_S (1610.09585, eq. 2-3): L_C has one sign."""
    scene = Scene("acgan", seed)
    scene.hp.class_weight = 0.0
    free = scene.losses()
    scene.hp.class_weight = weight
    for player, results in scene.results().items():
        assert results.logs["class_nll"] > 0
        assert results.value.item() - free[player] == pytest.approx(weight * results.logs["class_nll"].item())


def test_acgan_knows_the_classes_where_the_critic_is_certain():
    """log 3 for real and for generated samples with logits of 0, nothing with 50 for the right class."""
    scene = Scene("acgan")
    with torch.no_grad():
        for p in scene.modules["critic"].parameters():
            p.zero_()
    uniform = scene.results()["critic"].logs["class_nll"].item()
    assert uniform == pytest.approx(2 * np.log(3))
    with torch.no_grad():
        scene.modules["critic"].bias[1] = 50.0
    scene.batch["labelled"]["label"] = scene.noise["label"] = torch.zeros(ROWS, dtype=torch.int64)
    assert scene.results()["critic"].logs["class_nll"].item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("variant", ["cgan", "acgan"])
def test_samples_are_of_the_classes_that_are_given(variant):
    scene, given = Scene(variant), np.array([1, 1, 2, 0, 0, 2])
    asked, by_name = (scene.generator(np.hstack([scene.latent, np.eye(3)[c]])) for c in (scene.label, given))
    play = scene.play()
    assert scene.game.sample(play).detach().numpy() == pytest.approx(asked)
    play.batch["label"] = torch.as_tensor(given)
    assert scene.game.sample_labelled(play).detach().numpy() == pytest.approx(by_name)


# BiGAN


@settings(max_examples=10)
@given(seed=seeds)
def test_bigans_generator_plays_the_critics_game_with_the_labels_exchanged(seed):
    """-log(1 - D) of a score is -log D of its negative: the game of the negated critic."""
    scene, negated = Scene("bigan", seed), Scene("bigan", seed)
    negated.hp.label_smoothing = 0.0
    critic = negated.modules["critic"]
    forward = critic.forward
    critic.forward = lambda *pair: -forward(*pair)
    assert scene.losses()["generator"] == pytest.approx(negated.losses()["critic"])


@settings(max_examples=10)
@given(seed=seeds)
def test_an_encoder_that_inverts_the_generator_leaves_the_critic_nothing(seed):
    """E = G^-1 and real samples that are generated: both pairs are the same, and no critic gains on 0."""
    scene = Scene("bigan", seed)
    scene.hp.label_smoothing = 0.0
    generator, encoder, critic = (scene.modules[role] for role in ("generator", "encoder", "critic"))
    with torch.no_grad():
        generator.weight.add_(3 * torch.eye(2))
        encoder.weight.copy_(torch.linalg.inv(generator.weight))
        encoder.bias.copy_(-encoder.weight @ generator.bias)
    scene.batch["real"] = torch.as_tensor(scene.fake)
    assert scene.losses()["critic"] == pytest.approx(scene.losses()["generator"])
    assert scene.losses()["critic"] >= 2 * np.log(2) - 1e-9
    play = scene.play()
    assert torch.allclose(scene.game.encode(play), scene.noise["latent"])
    assert torch.allclose(scene.game.reconstruct(play), play.batch["real"])
    pairs = torch.cat((play.batch["real"], play.noise["latent"]), 1)
    table = leaf(np.zeros(ROWS))
    critic.forward = lambda *given: (
        table * (torch.cat(given, 1).reshape(2, ROWS, -1) - pairs).square().sum(2).lt(1e-12)
    ).flatten()
    assert slopes(scene.results()["critic"].value, table)[0] == pytest.approx(0, abs=1e-12)


# CycleGAN


@settings(max_examples=10)
@given(seed=seeds)
def test_cyclegans_domains_may_change_places(seed):
    scene, other = Scene("cyclegan", seed), Scene("cyclegan", seed)
    other.batch |= {"domain_a": scene.batch["domain_b"], "domain_b": scene.batch["domain_a"]}
    places = {"a_to_b": "b_to_a", "b_to_a": "a_to_b", "critic_a": "critic_b", "critic_b": "critic_a"}
    other.modules = {role: scene.modules[place] for role, place in places.items()}
    assert other.losses() == pytest.approx(scene.losses())


@settings(max_examples=10)
@given(seed=seeds, cycle=st.floats(0, 20), identity=st.floats(0.1, 20))
def test_translators_that_invert_each_other_have_only_the_adversarys_share(seed, cycle, identity):
    """b = M a + m and back: no cycle is lost; the identity costs nothing where M is none."""
    scene = Scene("cyclegan", seed)
    scene.hp.cycle_weight, scene.hp.identity_weight = cycle, 0.0
    there, back = scene.modules["a_to_b"], scene.modules["b_to_a"]
    with torch.no_grad():
        there.weight.add_(3 * torch.eye(2))
        back.weight.copy_(torch.linalg.inv(there.weight))
        back.bias.copy_(-back.weight @ there.bias)
    results = scene.results()["generator"]
    assert results.logs["cycle"].item() == pytest.approx(0, abs=1e-12)
    judged = [scene.critic_b(scene.a_to_b(scene.domain_a)), scene.critic_a(scene.b_to_a(scene.domain_b))]
    adversary = sum(((scores - 1) ** 2).mean() for scores in judged) / 2
    assert results.value.item() == pytest.approx(scene.hp.adversarial_weight * adversary)
    scene.hp.identity_weight = identity
    with torch.no_grad():
        for translator in (there, back):
            translator.weight.copy_(torch.eye(2))
            translator.bias.zero_()
    assert scene.results()["generator"].logs["identity"].item() == 0


def test_cyclegan_translates_by_the_network_of_that_direction():
    scene = Scene("cyclegan")
    translated = scene.game.translate(scene.play())
    assert translated.detach().numpy() == pytest.approx(scene.a_to_b(scene.domain_a))
    assert torch.equal(translated, scene.game.sample(scene.play()))


def test_domains_of_unlike_shapes_have_a_cycle_and_no_identity():
    """Translate from the plane to space and back: losses as in the paper, less the term of unlike shapes."""
    data = DataSpec.of(real=PLANE, domain_a=PLANE, domain_b=Space((3,)))
    scene = Scene("cyclegan", pool=0)
    scene.game = variants.get("cyclegan")(data, scene.game.settings)
    scene.modules = {role: module.double() for role, module in scene.game.networks(build).items()}
    numbers = torch.Generator().manual_seed(1)
    for p in (p for module in scene.modules.values() for p in module.parameters()):
        torch.nn.init.normal_(p, generator=numbers)
    scene.batch["domain_b"] = torch.randn(ROWS, 3, generator=numbers).double()
    a, b = scene.domain_a, scene.domain_b
    there, back = scene.a_to_b(a), scene.b_to_a(b)
    cycle = np.abs(scene.b_to_a(there) - a).mean() + np.abs(scene.a_to_b(back) - b).mean()
    fooled = ((scene.critic_b(there) - 1) ** 2).mean() + ((scene.critic_a(back) - 1) ** 2).mean()
    results = scene.results()["generator"]
    adversary = scene.hp.adversarial_weight * fooled / 2
    assert results.value.item() == pytest.approx(adversary + scene.hp.cycle_weight * cycle)
    assert results.logs.keys() == {"cycle"}


# What they need


@pytest.mark.parametrize(
    ("name", "streams", "reason"),
    [
        ("acgan", {"real": PLANE}, "it needs the stream labelled, the data offers real"),
        ("cyclegan", {"real": PLANE, "domain_a": PLANE}, "it needs the stream domain_b"),
        ("cyclegan", {"real": PLANE, "domain_a": PLANE, "domain_b": Space((3,))}, ""),
        ("bigan", {"real": PLANE}, ""),
        ("nsgan", {"real": PLANE, "labelled": {"real": PLANE, "label": LABEL}}, ""),
    ],
)
def test_games_say_what_data_they_need(name, streams, reason):
    said = variants.get(name).refuses(DataSpec.of(**streams))
    assert bool(said) == bool(reason)
    assert reason in said
