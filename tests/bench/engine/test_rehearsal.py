"""Rehearsals of games while planning, compared with training, and with errors of every kind."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gan_bench import datasets, variants
from gan_bench.bench.engine import rehearsal, train
from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.job import Budget, Job
from gan_bench.bench.engine.rehearsal import Fault, rehearse
from gan_bench.spaces import Space
from gan_bench.variants import Player, Round, ability
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.norms import BatchNorm
from gan_bench.variants.networks.registry import FAMILIES, register_family
from tests.toys import ToyGame, ones, value
from tests.training import dataset, ground

NORMAL = {"family": "mlp", "hidden": [4], "norm": "batch"}
PLAIN = {"family": "mlp", "hidden": [4]}
IMAGES = {"family": "conv", "width": 2}


def settings(variant, **changes):
    return resolve(
        variants.get(variant).hyperparameters,
        {"latent_dim": 3, **changes} if "latent_dim" in variants.get(variant).hyperparameters else changes,
        owner=variant,
    )


def fits_in_truth(variant, architecture, hyperparameters, data):
    """Return True if one iteration of training raises no error."""
    images = hyperparameters["batch_size"] / 1000
    job = Job(variant, architecture, (hyperparameters,), (0,), Budget(images, (images,)))
    try:
        train(job, data)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("variant", "architecture", "data", "changes"),
    [
        ("nsgan", NORMAL, "ring", {"batch_size": 1}),
        ("nsgan", NORMAL, "ring", {"batch_size": 2}),
        ("nsgan", PLAIN, "ring", {"batch_size": 1}),
        ("nsgan+bn", PLAIN, "ring", {"batch_size": 1}),
        ("nsgan+bn", PLAIN, "ring", {"batch_size": 1, "critic_batches": "joint"}),
        ("nsgan+bn", PLAIN, "ring", {"batch_size": 2}),
        ("nsgan+bn", PLAIN, "ring", {"batch_size": 4, "pac": 4}),
        ("nsgan+bn", PLAIN, "ring", {"batch_size": 4, "pac": 4, "critic_batches": "joint"}),
        ("nsgan+bn", PLAIN, "ring", {"batch_size": 4, "pac": 2}),
        ("nsgan+pac(2)", NORMAL, "ring", {"batch_size": 2}),
        ("nsgan", IMAGES, "digits", {"batch_size": 1}),
        ("nsgan+bn", IMAGES, "digits", {"batch_size": 1}),
        ("acgan", NORMAL, "digits", {"batch_size": 1}),
        ("nsgan+unrolled", NORMAL, "ring", {"batch_size": 1}),
        ("cyclegan", NORMAL, "turned", {"batch_size": 1}),
        ("bigan", NORMAL, "ring", {"batch_size": 1}),
        ("wgan-gp", NORMAL, "ring", {"batch_size": 1}),
    ],
)
def test_it_refuses_exactly_what_training_would_fail_at(variant, architecture, data, changes):
    data, hyperparameters = datasets.load(data), settings(variant, **changes)
    reason = rehearse(variant, architecture, hyperparameters, data).reason
    assert fits_in_truth(variant, architecture, hyperparameters, data) == (reason == "")
    if reason:
        assert reason.startswith(
            f"batch_size = {changes['batch_size']}: BatchNorm sees one value per channel"
        )


@pytest.mark.parametrize("variant", variants.names())
@pytest.mark.parametrize("most", [rehearsal.MOST_WORK, 0], ids=["values", "meta"])
def test_every_variant_is_rehearsed_with_and_without_values(variant, most, monkeypatch):
    kind = ground(variant)
    monkeypatch.setattr(rehearsal, "MOST_WORK", most)
    if not most:  # what fails without values must not be saved by the CPU
        monkeypatch.setattr(rehearsal, "_misfit", lambda *_: "failed on the meta device")
    found = rehearse(variant, NORMAL, settings(variant, batch_size=4), dataset(kind))
    assert found.reason == ""
    assert bool(found.critics) == any(player.critic for player in players(variant, kind))
    assert set(found.critics) <= set(found.parameters)


def players(variant, kind):
    """Return the players of a variant on a dataset."""
    own = settings(variant)
    return variants.get(variant)(data_spec(dataset(kind)), SimpleNamespace(**own)).players()


def test_weights_are_counted_by_role():
    """Layers 3 -> 4 -> 2 and 2 -> 4 -> 1 with their biases; batch normalisation scales and shifts 4."""
    found = rehearse("nsgan", NORMAL, settings("nsgan"), datasets.load("ring"))
    assert found.parameters == {"generator": 3 * 4 + 4 + 2 * 4 + 4 * 2 + 2, "critic": 2 * 4 + 4 + 4 + 1}
    assert found.critics == ("critic",)
    assert found.frozen_parameters == {}


def test_networks_that_data_cannot_have_are_refused():
    assert "conv" in rehearse("nsgan", IMAGES, settings("nsgan"), datasets.load("ring")).reason


def test_batch_normalisation_needs_two_values_in_training_only():
    layer = BatchNorm(3)
    with pytest.raises(ValueError, match=r"one value per channel, in a batch of shape \[1, 3\]"):
        layer(torch.zeros(1, 3))
    assert layer(torch.zeros(1, 3, 2, 1)).shape == (1, 3, 2, 1)
    assert layer.eval()(torch.zeros(1, 3)).shape == (1, 3)


class Toy(ToyGame):
    """One player whose loss a test gives."""

    starts = {"x": 1.0}
    streams = ("real",)

    def players(self):
        return [Player("a", ("x",), self.a_loss, critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",))]

    def a_loss(self, play):
        return value(play.x)


def rehearsed(toy, game):
    name = toy(game)
    declared = variants.get(name).hyperparameters
    return rehearse(name, PLAIN, resolve(declared, {"batch_size": 4}, owner=name), ones())


@pytest.mark.parametrize("most", [rehearsal.MOST_WORK, 0], ids=["values", "meta"])
def test_a_loss_that_reads_values_is_played_on_the_cpu(toy, monkeypatch, most):
    class Reading(Toy):
        def a_loss(self, play):
            real = play.batch["real"]
            assert real.sum().item() == 4.0
            return value(play.x) * real[real > 0].mean()

    monkeypatch.setattr(rehearsal, "MOST_WORK", most)
    assert rehearsed(toy, Reading).reason == ""


@pytest.mark.parametrize("most", [rehearsal.MOST_WORK, 0], ids=["values", "meta"])
def test_an_error_of_a_loss_is_a_fault_with_its_cause(toy, monkeypatch, most):
    class Wrong(Toy):
        def a_loss(self, play):
            return value(play.x) + play.batch["reel"]

    monkeypatch.setattr(rehearsal, "MOST_WORK", most)
    with pytest.raises(Fault, match="its loss `a_loss`") as caught:
        rehearsed(toy, Wrong)
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_loss_that_is_no_scalar_is_refused(toy):
    class PerSample(Toy):
        def a_loss(self, play):
            return value(play.x) * play.batch["real"][:, 0]

    assert rehearsed(toy, PerSample).reason == "its loss `a_loss` returns shape [4]; expected a scalar"


def test_a_layer_that_cannot_take_its_batch_is_named(toy):
    class Wide(Toy):
        def networks(self, build):
            return {"x": nn.Sequential(nn.Linear(1, 2), nn.Linear(3, 1))}

        def a_loss(self, play):
            return play.x(play.batch["real"]).mean()

    reason = rehearsed(toy, Wide).reason
    assert reason.startswith("its loss `a_loss` calls x.1, which fails: ")


def test_an_ability_must_make_what_it_says(toy):
    class Doubling(Toy):
        @ability()
        def sample(self, play):
            return torch.zeros(4, 2)

    assert rehearsed(toy, Doubling).reason == "its ability `sample` makes shape [4, 2]; real has shape [4, 1]"


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        (lambda rows: torch.zeros(rows, 1), "critic returns shape [4, 1]; expected scores of shape [4]"),
        (lambda rows: torch.zeros(rows, 5, 5), ""),
        (lambda rows: torch.zeros(rows), ""),
        (lambda rows: torch.zeros(2 * rows), "critic returns shape [8]; expected scores of shape [4]"),
    ],
)
def test_scores_of_a_wrong_shape_are_refused(toy, scores, reason):
    class Scoring(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(()))

        def reset(self, generator):
            nn.init.ones_(self.weight)

        def forward(self, x):
            return scores(len(x)) * self.weight

    class Judged(Toy):
        def networks(self, build):
            return {"critic": build.critic(Space((1,)))}

        def players(self):
            return [Player("critic", ("critic",), self.a_loss, critic=True)]

        def rounds(self):
            return [Round(("critic",), streams=("real",))]

        def a_loss(self, play):
            return play.critic(play.batch["real"]).mean()

    with FAMILIES.restored():

        @register_family("scoring")
        class Scores(Family):
            def critic(self, inputs, *, norm, classes):
                return Scoring()

        name = toy(Judged)
        hyperparameters = resolve(variants.get(name).hyperparameters, {"batch_size": 4}, owner=name)
        found = rehearse(name, {"family": "scoring"}, hyperparameters, ones())
    assert found.reason.startswith(reason)
    assert bool(found.reason) == bool(reason)


def test_small_games_and_their_training_load_no_compiler_and_no_library_of_symbols():
    """Torch loads both for meta tensors: a second for a plan, half a second in every worker."""
    code = (
        "import sys; from gan_bench import datasets; from gan_bench.bench.planning import catalogue;"
        "from gan_bench.bench.engine import train; from tests.training import make_job;"
        "from gan_bench.bench.planning.rehearsals import rehearsal_of;"
        "net = catalogue.network({'family': 'mlp', 'norm': 'batch'});"
        "found = rehearsal_of('wgan-gp', net, catalogue.resolve('wgan-gp'), datasets.load('ring'));"
        "assert not found.reason; assert not {'sympy', 'torch._dynamo'} & set(sys.modules);"
        "train(make_job('nsgan', iterations=2), datasets.load('ring'));"
        "assert not {'sympy', 'torch._inductor'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(("bench/package", "."))}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
