"""Recorded features: correct values at the correct iterations, and no bit of the training changed."""

from __future__ import annotations

import pytest
import torch

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine import Job
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.explain import frames
from gan_bench.bench.explain.features import FeatureLayer
from gan_bench.bench.explain.watch import PROBE, WatchingTrainer
from gan_bench.spaces import Space
from gan_bench.variants.networks import builder
from tests.training import dataset, make_job, same, weights

NETWORKS = {"family": "mlp", "hidden": [16, 16], "critic_hidden": [16, 16, 2]}


def job(variant: str = "nsgan", iterations: int = 4, **settings: object) -> Job:
    return make_job(variant, iterations=iterations, architecture=NETWORKS, settings=settings)


def watched(variant: str = "nsgan", at: tuple[int, ...] = (1, 3), **settings: object) -> WatchingTrainer:
    trainer = WatchingTrainer(job(variant, **settings), dataset("ring"), at)
    trainer.watch(lambda _: None)
    return trainer


def test_features_are_what_the_last_layer_weighs_and_adds_to_the_score() -> None:
    critic = builder(NETWORKS).critic(Space((2,))).to_empty(device="cpu")
    for parameter in critic.parameters():
        torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(0))
    params = dict(critic.named_parameters())
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(1))
    seen = FeatureLayer(critic, (2,), "none", "any")(params, x)
    weight, bias = list(params.values())[-2:]
    assert seen.shape == (7, 2)
    assert torch.allclose(seen @ weight[0] + bias, critic(x), atol=1e-6)


def test_watching_changes_nothing() -> None:
    plain = Trainer(job(), dataset("ring"))
    plain.run()
    assert same(weights(plain), weights(watched()))


@pytest.mark.parametrize("variant", ["nsgan", "wgan-gp", "acgan", "ragan"])
def test_updates_are_seen_one_player_after_the_other(variant: str) -> None:
    trainer = watched(variant, n_critic=3, n_generator=2)
    seen = [(update.iteration, update.players, update.steps) for update in trainer.updates]
    assert seen == [(i, *update) for i in (1, 3) for update in (("critic", 3), ("generator", 2))]
    for critic, generator in zip(trainer.updates[::2], trainer.updates[1::2], strict=True):
        for source in ("real", "fake"):
            assert (critic.after[source] == generator.before[source]).all()
            assert critic.before[source].shape == (PROBE, 2)
            assert not (critic.before[source] == critic.after[source]).all()
        assert (generator.before["real"] == generator.after["real"]).all()
        assert not (generator.before["fake"] == generator.after["fake"]).all()


def test_the_first_record_is_of_the_initial_weights_and_the_last_of_the_final_ones() -> None:
    trainer = watched(at=(1, 4))
    fresh = WatchingTrainer(job(), dataset("ring"), ())
    for one, features in ((fresh, trainer.updates[0].before), (trainer, trainer.updates[-1].after)):
        params = one.replicas.params["critic"]
        model = one.models(1.0)[0]
        assert model is not None
        assert torch.equal(trainer.layer(params, trainer.real), torch.from_numpy(features["real"]))
        assert torch.equal(trainer.layer(params, model.sample(PROBE)), torch.from_numpy(features["fake"]))
    assert list(trainer.scatters) == [0, 4]


def test_players_that_update_together_are_one_update() -> None:
    trainer = watched(updates="simultaneous")
    assert [(u.iteration, u.players, u.steps) for u in trainer.updates] == [
        (1, "critic and generator", 1),
        (3, "critic and generator", 1),
    ]


def test_centroids_are_the_means_of_the_features() -> None:
    trainer = watched()
    features, centroids = frames.features(trainer.updates), frames.centroids(trainer.updates)
    means = features.groupby(["iteration", "update", "source", "moment"])[["feature_1", "feature_2"]].mean()
    for row in centroids.to_dict("records"):
        ends = [means.loc[row["iteration"], row["update"], row["source"], at] for at in ("before", "after")]
        assert [row["before_1"], row["before_2"]] == pytest.approx(list(ends[0]), abs=1e-6)
        assert [row["shift_1"], row["shift_2"]] == pytest.approx(list(ends[1] - ends[0]), abs=1e-6)
        assert row["shift"] ** 2 == pytest.approx(row["shift_1"] ** 2 + row["shift_2"] ** 2)


@pytest.mark.parametrize(
    ("variant", "settings", "message"),
    [
        ("began", {}, "its critic has .* features, expected 2"),
        ("nsgan", {"pac": 2}, "does not score single samples"),
        ("nsgan", {"critic_norm": "spectral"}, "critic_norm = spectral is not supported"),
    ],
)
def test_unsupported_critics_are_refused(variant: str, settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        WatchingTrainer(job(variant, **settings), dataset("ring"), ())
