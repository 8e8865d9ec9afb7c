"""Adaptation: who learns from which labels, and which layers domains share (closed forms: `forms/`)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gan_bench import variants
from gan_bench.bench.engine.skeletons import networks_of, tied_parameters
from gan_bench.bench.engine.train import Trainer
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec
from gan_bench.variants.adaptation.pixelda import pairwise_error
from gan_bench.variants.hyperparameters import HyperparameterError, resolve
from gan_bench.variants.networks import builder
from tests.training import dataset, make_job, trained, weights
from tests.variants.scenes import Scene

IMAGE, LABEL = Space((1, 16, 16), (-1.0, 1.0)), Space(classes=3)
CONV, MLP = {"family": "conv", "width": 4}, {"family": "mlp", "hidden": [6, 5]}
DATA = DataSpec.of(
    real=IMAGE,
    domain_b=IMAGE,
    labelled_a={"domain_a": IMAGE, "label_a": LABEL},
    labelled_b={"domain_b": IMAGE, "label_b": LABEL},
)
GAMES = pytest.mark.parametrize("variant", ["cogan", "pixelda"])


def game_of(variant, data=DATA, **hp):
    kind = variants.get(variant)
    return kind(data, SimpleNamespace(**resolve(kind.hyperparameters, hp)))


def skeletons(variant, architecture, **hp):
    found, _ = networks_of(game_of(variant, **hp), builder(architecture), torch.device("cpu"), torch.float32)
    return found


def slopes(scene, player, role):
    (loss,) = (p.loss(scene.play()) for p in scene.game.players() if p.name == player)
    return torch.autograd.grad(loss.value, list(scene.modules[role].parameters()), materialize_grads=True)


def learns(scene, player, role):
    return any(slope.abs().max() > 0 for slope in slopes(scene, player, role))


@GAMES
def test_every_player_learns_in_every_network_of_its_own(variant):
    scene = Scene(variant)
    for player in scene.game.players():
        assert all(learns(scene, player.name, role) for role in player.trains), player.name


@GAMES
def test_no_game_reads_the_target_s_labels_or_a_pair(variant):
    """Rows of the target in another order, and other labels of it, change no loss."""
    scene = Scene(variant)
    before = scene.losses()
    scene.batch["labelled_b"] = scene.batch["pairs"] = None
    scene.batch["domain_b"] = scene.batch["domain_b"].flip(0)
    assert scene.losses() == pytest.approx(before)
    assert scene.game.streams == ("labelled_a", "domain_b")


def test_source_only_reads_no_sample_of_the_target_and_target_only_none_of_the_source():
    for variant, stream in (("source-only", "labelled_a"), ("target-only", "labelled_b")):
        scene = Scene(variant)
        assert [r.streams for r in scene.game.rounds()] == [(stream,)]
        scene.batch = {stream: scene.batch[stream]}
        assert np.isfinite(scene.losses()["classifier"])


# CoGAN


@pytest.mark.parametrize("architecture", [CONV, MLP])
def test_generators_share_all_but_the_last_layer_and_critics_all_but_the_first(architecture):
    found = skeletons("cogan", architecture)
    own = {}
    for role in ("generator_b", "critic_b"):
        names = [name for name, _ in found[role].named_parameters()]
        own[role] = [n for n in names if n not in tied_parameters(found[role])]
        assert set(tied_parameters(found[role]).values()) == {
            (role.replace("_b", "_a"), n) for n in names if n not in own[role]
        }
        ends = names[-2:] if role == "generator_b" else names[:2]
        assert own[role] == ends
    assert not tied_parameters(found["generator_a"])
    assert not tied_parameters(found["critic_a"])


def test_nothing_is_shared_where_every_layer_is_a_domain_s_own():
    found = skeletons("cogan", CONV, own_layers=99)
    assert not any(map(tied_parameters, found.values()))


def test_the_critic_of_the_target_classifies_by_the_layers_that_learn_the_source_s_classes():
    """With equal first layers, both critics give one image the same logits."""
    trainer = trained(make_job("cogan", (0,), iterations=2), "inverted-digits")
    assert {name.split(".")[0] for name in weights(trainer)} == {*trainer.game.averaged}
    model = trainer.models(1.0)[0]
    x = dataset("inverted-digits").prepare(dataset("inverted-digits").reference("test", 8))
    logits = [model.apply(f"classify_{d}", 8, {f"domain_{d}": x}) for d in "ab"]
    assert not torch.allclose(*logits)
    model.params["critic_b"] = {n: model.params["critic_a"][n] for n in model.params["critic_b"]}
    assert torch.equal(logits[0], model.apply("classify_b", 8, {"domain_b": x}))


def test_labels_teach_the_critics_alone():
    scene = Scene("cogan")
    before = {role: slopes(scene, "generator", role) for role in scene.game.generators}
    scene.batch["labelled_a"]["label_a"] = (scene.batch["labelled_a"]["label_a"] + 1) % 3
    for role, old in before.items():
        assert all(map(torch.equal, old, slopes(scene, "generator", role)))
    critic = slopes(scene, "critic", "critic_a")
    scene.batch["labelled_a"]["label_a"] = (scene.batch["labelled_a"]["label_a"] + 1) % 3
    assert not torch.equal(critic[0], slopes(scene, "critic", "critic_a")[0])


def test_the_distance_of_features_is_the_critics_alone():
    scene = Scene("cogan")
    before = slopes(scene, "generator", "generator_a")
    scene.hp.feature_weight += 1.0
    assert all(map(torch.equal, before, slopes(scene, "generator", "generator_a")))


def test_both_images_of_a_pair_have_one_latent():
    trainer = Trainer(make_job("cogan", (0,)), dataset("inverted-digits"))
    model = trainer.models(0.0)[0]
    same = {"latent": torch.randn(1, 4).expand(8, 4)}
    for ability in ("sample", "sample_a"):
        made = model.apply(ability, 8, noise=same)
        assert torch.allclose(made, made[:1].expand_as(made), atol=1e-6)


def test_groups_of_samples_have_no_class():
    game = variants.get("cogan")
    with pytest.raises(HyperparameterError, match="pac = 2: 1 expected"):
        game.check({**resolve(game.hyperparameters), "pac": 2})


# PixelDA


def test_the_classifier_learns_from_source_and_from_adapted_images():
    """The published programs of others train it on adapted images only, in the generator's step."""
    scene = Scene("pixelda")
    assert learns(scene, "classifier", "classifier")
    terms = scene.results()["classifier"].logs
    assert terms.keys() == {"source_nll", "adapted_nll"}
    assert scene.losses()["classifier"] == pytest.approx(sum(value.item() for value in terms.values()))
    (critics, generators) = scene.game.rounds()
    assert critics.players == ("critic", "classifier")
    assert generators.players == ("generator",)


def test_the_generator_learns_from_the_classifier_by_its_weight():
    scene = Scene("pixelda")
    scene.hp.adversarial_weight = scene.hp.content_weight = scene.hp.task_weight = 0.0
    assert not learns(scene, "generator", "generator")
    scene.hp.task_weight = 0.1
    assert learns(scene, "generator", "generator")


def test_the_content_term_is_the_variance_of_differences_and_ignores_a_constant():
    made, given = torch.randn(5, 3, 4, 4, dtype=torch.float64), torch.randn(5, 3, 4, 4, dtype=torch.float64)
    assert pairwise_error(made, given).item() == pytest.approx(
        (made - given).numpy().reshape(5, -1).var(1).mean()
    )
    assert pairwise_error(given + 0.7, given).item() == pytest.approx(0.0, abs=1e-12)


def test_domains_of_different_shapes_have_no_common_classifier():
    data = DataSpec.of(
        real=Space((3, 16, 16)),
        domain_b=Space((3, 16, 16)),
        labelled_a={"domain_a": IMAGE, "label_a": LABEL},
        labelled_b={"domain_b": Space((3, 16, 16)), "label_b": LABEL},
    )
    for variant in ("pixelda", "source-only", "target-only"):
        reason = variants.get(variant).refuses(data)
        assert reason == "its classifier reads both domains, whose shapes are (1, 16, 16) and (3, 16, 16)"
    assert not variants.get("cogan").refuses(data)


@GAMES
def test_the_objective_is_a_choice(variant):
    for objective in ("lsgan", "wgan", "hinge", "ragan"):
        run = trained(make_job(f"{variant}(objective={objective})", (0,), iterations=2), "inverted-digits")
        assert run.outcome(0).status == "finished"


def test_an_objective_that_compares_reads_target_images_in_the_generators_round():
    for variant in ("cogan", "pixelda"):
        scene = Scene(f"{variant}(objective=ragan)")
        *_, generators = scene.game.rounds()
        assert generators.streams == ("labelled_a", "domain_b")
        assert np.isfinite(list(scene.losses().values())).all()
