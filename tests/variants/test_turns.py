"""Games of labels: the order of updates, data and draws of each, and the weights that their terms train."""

from __future__ import annotations

import pytest
import torch

from tests.variants.scenes import Scene
from tests.variants.test_semisupervised import Small

LABELLED, BOTH = ("labelled",), ("real", "labelled")


@pytest.mark.parametrize(
    ("variant", "critic_reads", "generator_reads", "drawn"),
    [
        ("cgan", LABELLED, (), ("latent", "label")),
        ("acgan", LABELLED, (), ("latent", "label")),
        ("sgan", BOTH, (), ("latent",)),
        ("sgan-n", BOTH, (), ("latent",)),
        ("sgan-fm", BOTH, ("real",), ("latent",)),
        ("ccgan", BOTH, ("real",), ("hole",)),
    ],
)
def test_the_critic_learns_first_and_the_generator_on_draws_of_its_own(
    variant, critic_reads, generator_reads, drawn
):
    critic, generator = Scene(variant).game.rounds()
    assert (critic.players, critic.repeat, critic.streams) == (("critic",), 1, critic_reads)
    assert (generator.players, generator.repeat, generator.streams) == (("generator",), 1, generator_reads)
    assert critic.noise == generator.noise == drawn
    assert (critic.shares, generator.shares) == ((), ())


@pytest.mark.parametrize("variant", ["supervised", "supervised-all"])
def test_a_classifier_alone_has_one_update_on_labelled_samples(variant):
    (only,) = Scene(variant).game.rounds()
    assert (only.players, only.streams, only.noise) == (("critic",), LABELLED, ())


@pytest.mark.parametrize("variant", ["cgan", "acgan"])
def test_each_player_has_a_gradient_in_every_weight_of_its_own(variant):
    small = Small(variant)
    for player in ("critic", "generator"):
        assert all(slope.abs().max() > 0 for slope in small.slopes(player, player)), player


def test_acgans_classes_train_the_generator_and_the_critics_shared_layers_but_not_its_score():
    slopes = {
        weight: {p: Small("acgan", class_weight=weight).slopes(p, p) for p in ("critic", "generator")}
        for weight in (0.0, 1.0)
    }
    moved = {
        player: [
            not torch.allclose(a, b, atol=1e-12) for a, b in zip(slopes[0.0][player], whole, strict=True)
        ]
        for player, whole in slopes[1.0].items()
    }
    assert all(moved["generator"])
    assert all(moved["critic"]), "its layers, among them the last, which gives the logits"
    last = slopes[1.0]["critic"][-2] - slopes[0.0]["critic"][-2]
    assert (last.abs().amax(1) > 1e-12).tolist() == [False, True, True, True]  # the score, 3 classes
