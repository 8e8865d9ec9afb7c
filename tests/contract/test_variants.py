"""What every registered variant promises, on both network families, solo and packed; plug-ins included."""

import functools

import pytest
import torch

from gan_bench import variants
from gan_bench.bench.engine.train import Trainer
from tests.contract import plugin  # noqa: F401 - registers a user's variant
from tests.training import (
    CONV,
    GROUNDS,
    MLP,
    PICTURES,
    dataset,
    ground,
    largest_difference,
    made,
    make_job,
    outputs,
    same,
    trained,
    weights,
)

COMPOSITIONS = [
    "nsgan+r1(gamma=0.3)+sn",
    "lsgan+vbn",
    "gan+unrolled(steps=2, by=optimiser)+simultaneous",
    "wgan+gp(target=0)+pac(2)",
    "veegan+r2+noise",
    "began+bn(batches=joint)",
    "nsgan+simultaneous+history+sgd",
    "acgan+gp+pac(2)",
    "cgan(objective=lsgan)+sn",
    "infogan+pac(2)+noise",
    "clustergan(objective=nsgan)+ema",
    "bigan+bn(batches=joint)+smooth",
    "cyclegan+sn+noise+history+sgd",  # Adam magnifies rounding where a bias before BatchNorm has no gradient
    "srgan(objective=ragan)+sn+pac(2)",
    "context-encoder(objective=wgan)+gp",
]
"""Each part in some company; the named variants cover the others."""

CALLING_MORE = ["bigan+unrolled", "veegan+consensus", "cyclegan+pac(2)"]
"""Compositions whose losses call networks more often, or on fewer rows, than their bases' do."""

every_name = pytest.mark.parametrize("variant", variants.names())
every_variant = pytest.mark.parametrize("variant", [*variants.names(), *COMPOSITIONS])
SR = {"family": "srresnet", "width": 4, "blocks": 1, "critic": {"family": "vgg", "width": 4, "hidden": 8}}
FAMILIES = {
    "mlp": (MLP, GROUNDS, 10),
    "conv": (CONV, ("digits", "digit-outlines", "inverted-digits", "three-tints"), 3),
    "srresnet": (SR, (PICTURES,), 3),
}
"""Architecture, data and iterations: convolutions are slow."""
RESTORING = [name for name in variants.names() if "low_high" in variants.get(name).streams]
GAMES = [(name, family) for family in ("mlp", "conv") for name in [*variants.names(), *COMPOSITIONS]]
every_game = pytest.mark.parametrize(
    ("variant", "family"), GAMES + [(name, "srresnet") for name in RESTORING]
)


def short_job(variant, seeds=(0,), **options):
    """A job of four iterations on small networks."""
    return make_job(variant, seeds, iterations=4, **options)


@functools.cache
def three(variant):
    """The trainer after a short run of the seeds 1, 2 and 3, which several tests compare theirs with."""
    return trained(short_job(variant, (1, 2, 3)))


def first_steps(variant, family, solo):
    """Each player's loss and gradients on the first draws."""
    architecture, data, _ = FAMILIES[family]
    seeds = (0,) if solo else (0, 1)
    job = make_job(variant, seeds, architecture=architecture, solo=solo)
    trainer = Trainer(job, dataset(ground(variant, data)))
    draws = next(iter(trainer.feeds))
    steps = {}
    for game_round, repeats in zip(trainer.rounds, draws, strict=True):
        for name in game_round.players:
            steps[name] = trainer.iteration.steppers[name](
                *repeats[0], trainer.hyperparameters.at(0.0), trainer.replicas.state
            )
    return trainer, steps


@every_name
def test_the_registry_states_its_sources(variant):
    info = variants.info(variant)
    assert info.paper
    assert 2014 <= info.year <= 2030
    assert info.version >= 1
    assert "paper" in info.game.profiles
    assert len(info.title) > 10


@every_game
@pytest.mark.parametrize("solo", [True, False], ids=["solo", "packed"])
def test_losses_and_gradients_are_finite(variant, family, solo):
    trainer, steps = first_steps(variant, family, solo)
    for name, step in steps.items():
        assert step.loss.isfinite().all(), name
        assert step.loss.shape == (() if solo else (2,))
        assert all(g.isfinite().all() for g in step.grads), name
        assert any(g.abs().max() > 0 for g in step.grads), f"{name} learns nothing"
        assert [g.shape for g in step.grads] == [p.shape for p in trainer.iteration.steppers[name].params]


@every_variant
@pytest.mark.parametrize("solo", [True, False], ids=["solo", "packed"])
def test_each_players_update_reaches_its_own_networks_and_no_other(variant, solo):
    job, data = make_job(variant, (0,) if solo else (0, 1), solo=solo), dataset(ground(variant))
    for name in Trainer(job, data).players:
        trainer = Trainer(job, data)
        player = trainer.players[name]
        game_round = next(r for r in trainer.rounds if name in r.players)
        before = weights(trainer)
        batch, noise = next(iter(trainer.feeds))[trainer.rounds.index(game_round)][0]
        trainer.iteration.play_round(
            (name,), batch, noise, trainer.hyperparameters.at(0.0), trainer.replicas.state
        )
        after = weights(trainer)
        changed = {key.split(".")[0] for key in before if not torch.equal(before[key], after[key])}
        assert changed == set(player.trains)


@every_game
def test_packed_and_solo_training_agree(variant, family, monkeypatch):
    monkeypatch.setattr(
        "gan_bench.bench.engine.model.CALIBRATION_SAMPLES", 64
    )  # what both agree on needs no more
    architecture, candidates, iterations = FAMILIES[family]
    data = ground(variant, candidates)
    settings = [{"lr": 1e-3}, {"lr": 3e-3}]
    common = {"architecture": architecture, "iterations": iterations, "dtype": "float64"}
    packed = trained(make_job(variant, (3, 4), settings=settings, **common), data)
    for replica, seed in enumerate((3, 4) if family == "mlp" else (3,)):
        own = settings[replica]
        solo = trained(make_job(variant, (seed,), settings=[own], **common), data)
        assert largest_difference(weights(solo), weights(packed, replica)) < 1e-6
        assert (outputs(solo) - outputs(packed, replica)).abs().max() < 1e-6


@every_variant
@pytest.mark.parametrize("seeds", [(5,), (5, 6)], ids=["solo", "packed"])
def test_the_same_seed_gives_the_same_bits(variant, seeds):
    first, second = (trained(short_job(variant, seeds)) for _ in range(2))
    for replica in range(len(seeds)):
        assert same(weights(first, replica), weights(second, replica))
        assert torch.equal(outputs(first, replica), outputs(second, replica))
    columns = [trainer.history.columns[0] for trainer in (first, second)]
    losses = [name for name in columns[0] if name.endswith("_loss")]
    assert losses
    assert all(repr(columns[0][name]) == repr(columns[1][name]) for name in losses)


@pytest.mark.parametrize(
    "variant", [*variants.names(), "bigan+unrolled", "veegan+consensus", "cyclegan+pac(2)"]
)
def test_networks_may_have_noise_of_their_own(variant):
    dropout = {**MLP, "dropout": 0.3}
    jobs = [make_job(variant, (5,), iterations=2, architecture=a) for a in (dropout, dropout, MLP)]
    runs = [trained(job, ground(variant)) for job in jobs]
    first, second, plain = map(weights, runs)
    assert all(w.isfinite().all() for w in first.values())
    assert same(first, second)
    without = {
        "ebgan",
        "ebgan-pt",
        "began",
        "pix2pix-l1",
        "srresnet",
        "srresnet-features",
        "rrdb",
    }  # mlp's autoencoders and translators have none
    assert same(first, plain) == (variant in without)


@every_variant
def test_a_replica_does_not_depend_on_its_neighbours_seeds(variant):
    first, second = three(variant), trained(short_job(variant, (7, 2, 9)))
    assert same(weights(first, 1), weights(second, 1))
    assert not same(weights(first, 0), weights(second, 0))


@every_variant
def test_a_poisoned_replica_leaves_its_neighbours_unchanged(variant):
    clean = three(variant)
    poisoned = Trainer(clean.job, dataset(ground(variant)))
    for params in poisoned.replicas.params.values():
        next(iter(params.values()))[1] = float("nan")
    outcomes = poisoned.run()
    assert [o.status for o in outcomes] == ["finished", "diverged", "finished"]
    assert outcomes[1].diverged_at == 1
    for replica in (0, 2):
        assert same(weights(clean, replica), weights(poisoned, replica))
    assert poisoned.models(1.0)[1] is None


@every_variant
def test_a_checkpoint_samples_as_the_model_did(variant):
    from gan_bench.bench.engine import restore

    job = short_job(variant, (2,), settings=[{"ema": 0.9}])
    trainer = trained(job)
    model = trainer.models(1.0)[0]
    again = restore(job, dataset(ground(variant)), model.state())
    for kind in ("raw", "ema"):
        assert torch.equal(made(model, 100, kind), made(again, 100, kind))
    assert not torch.equal(made(model, 100, "raw"), made(model, 100, "ema"))
