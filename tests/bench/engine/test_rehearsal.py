"""The check of networks on tensors without values, compared with training."""

from __future__ import annotations

import pytest
import torch

from gan_bench import datasets, variants
from gan_bench.bench.engine import rehearsal, train
from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.job import Budget, Job
from gan_bench.bench.engine.rehearsal import misfit
from gan_bench.bench.engine.train import data_spec
from gan_bench.variants.hyperparameters import continuous, resolve
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.layers import BatchNorm

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
        ("unrolled", NORMAL, "ring", {"batch_size": 1}),
        ("cyclegan", NORMAL, "turned", {"batch_size": 1}),
        ("bigan", NORMAL, "ring", {"batch_size": 1}),
        ("wgan-gp", NORMAL, "ring", {"batch_size": 1}),
    ],
)
def test_it_refuses_exactly_what_training_would_fail_at(variant, architecture, data, changes):
    variant = "nsgan+unrolled" if variant == "unrolled" else variant
    data, hyperparameters = datasets.load(data), settings(variant, **changes)
    reason = misfit(variant, architecture, hyperparameters, data)
    assert fits_in_truth(variant, architecture, hyperparameters, data) == (reason == "")
    if reason:
        assert reason.startswith(
            f"batch_size = {changes['batch_size']}: BatchNorm sees one value per channel"
        )


@pytest.mark.parametrize("variant", variants.names())
def test_every_variant_can_be_played_without_values(variant):
    """So that nothing is overlooked: a loss that cannot be played here is left to training."""
    kind = next(
        name
        for name in ("ring", "digits", "turned", "dirac")
        if not variants.get(variant).refuses(data_spec(datasets.load(name)))
    )
    data, game_class = datasets.load(kind), variants.get(variant)
    given = PackHyperparameters(
        [settings(variant, batch_size=4)], set(continuous(game_class.hyperparameters)), rehearsal.META
    )
    game = game_class(data_spec(data), given.structure)
    networks = game.networks(builder(NORMAL))
    rehearsal._play(game, networks, given, data)


def test_networks_that_data_cannot_have_are_refused():
    reason = misfit("nsgan", IMAGES, settings("nsgan"), datasets.load("ring"))
    assert "images of shape" in reason


def test_batch_normalisation_needs_two_values_in_training_only():
    layer = BatchNorm(3)
    with pytest.raises(ValueError, match=r"one value per channel, in a batch of shape \[1, 3\]"):
        layer(torch.zeros(1, 3))
    assert layer(torch.zeros(1, 3, 2, 1)).shape == (1, 3, 2, 1)
    assert layer.eval()(torch.zeros(1, 3)).shape == (1, 3)
