"""Promises of every registered variant, on both network families, solo and packed; plug-ins included."""

import functools

import pytest
import torch

from gan_bench import variants
from gan_bench.bench.checking import trainings as checks
from gan_bench.bench.checking.variants import profiles_are_valid, states_its_sources
from tests.contract import plugin  # noqa: F401 - registers a user's variant
from tests.training import (
    CONV,
    GROUNDS,
    MLP,
    PICTURES,
    dataset,
    ground,
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
    "mlp": (MLP, GROUNDS, 6, (1,)),
    "conv": (CONV, ("digits", "digit-outlines", "inverted-digits", "three-tints"), 3, (0,)),
    "srresnet": (SR, (PICTURES,), 3, (0,)),
}
"""Architecture, data, iterations and the replica that is compared: a pool of samples is full after four."""
RESTORING = [name for name in variants.names() if "low_high" in variants.get(name).streams]
GAMES = [
    *((name, family) for family in ("mlp", "conv") for name in [*variants.names(), *COMPOSITIONS]),
    *((name, "srresnet") for name in RESTORING),
]
every_game = pytest.mark.parametrize(("variant", "family"), GAMES)


CONVOLUTIONS = {
    *("dcgan", "wgan-gp", "acgan", "bigan", "cyclegan", "munit", "srresnet"),
    *("lsgan+vbn", "wgan+gp(target=0)+pac(2)", "gan+unrolled(steps=2, by=optimiser)+simultaneous"),
}
"""Games of every kind of network, penalty and norm: in the fast suite, their convolutions train in packs.

Those of the others are in the slow group: what a pack does to a loss is seen with perceptrons, and what it
does to convolutions in every family's networks (`test_networks.py`).
"""


def in_packs():
    """Every game with perceptrons, and those of some with convolutions; the others are slow."""
    for name, family in GAMES:
        rare = family != "mlp" and name not in CONVOLUTIONS
        yield pytest.param(name, family, marks=[pytest.mark.slow] if rare else [])


SHORT = 3
"""Iterations of a short training."""


def short_job(variant, seeds=(0,), **options):
    """A short training of small networks."""
    return make_job(variant, seeds, iterations=SHORT, **options)


@functools.cache
def three(variant):
    """The trainer after a short run of the seeds 1, 2 and 3, which several tests compare theirs with."""
    return trained(short_job(variant, (1, 2, 3)))


@every_name
def test_the_registry_states_its_sources(variant):
    states_its_sources(variant)
    profiles_are_valid(variant)
    assert variants.info(variant).year <= 2030
    assert "paper" in variants.info(variant).game.profiles


@every_game
@pytest.mark.parametrize("solo", [True, False], ids=["solo", "packed"])
def test_losses_and_gradients_are_finite(variant, family, solo):
    architecture, data, *_ = FAMILIES[family]
    job = make_job(variant, (0,) if solo else (0, 1), architecture=architecture, solo=solo)
    checks.steps_are_finite(job, dataset(ground(variant, data)))


@every_variant
@pytest.mark.parametrize("solo", [True, False], ids=["solo", "packed"])
def test_each_players_update_reaches_its_own_networks_and_no_other(variant, solo):
    job = make_job(variant, (0,) if solo else (0, 1), solo=solo)
    checks.updates_reach_their_own(job, dataset(ground(variant)))


@pytest.mark.parametrize(("variant", "family"), [*in_packs()])
def test_packed_and_solo_training_agree(variant, family, monkeypatch):
    monkeypatch.setattr(
        "gan_bench.bench.engine.model.CALIBRATION_SAMPLES", 64
    )  # what both agree on needs no more
    architecture, candidates, iterations, replicas = FAMILIES[family]
    data = dataset(ground(variant, candidates))
    options = {"architecture": architecture, "iterations": iterations, "replicas": replicas}
    checks.packed_is_solo(variant, data, **options)


@every_variant
def test_the_same_seed_gives_the_same_bits_alone(variant):
    checks.repeats_its_bits(short_job(variant, (5,)), dataset(ground(variant)))


@pytest.mark.parametrize(
    "variant", [*variants.names(), "bigan+unrolled", "veegan+consensus", "cyclegan+pac(2)"]
)
def test_networks_may_have_noise_of_their_own(variant):
    dropout = {**MLP, "dropout": 0.3}
    jobs = [make_job(variant, (5,), iterations=1, architecture=a) for a in (dropout, dropout, MLP)]
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
def test_a_replica_repeats_its_bits_whatever_its_neighbours_seeds(variant):
    first, second = three(variant), trained(short_job(variant, (7, 2, 9)))
    assert same(weights(first, 1), weights(second, 1))
    assert torch.equal(outputs(first, 1), outputs(second, 1))
    losses, again = (
        {name: values for name, values in trainer.history.columns[1].items() if name.endswith("_loss")}
        for trainer in (first, second)
    )
    assert losses
    assert repr(losses) == repr(again)
    assert not same(weights(first, 0), weights(second, 0))


@every_variant
def test_a_poisoned_replica_leaves_its_neighbours_unchanged(variant):
    checks.poison_stays(three(variant), dataset(ground(variant)))


@every_variant
def test_a_checkpoint_samples_as_the_model_did(variant):
    job = short_job(variant, (2,), settings=[{"ema": 0.9}])
    checks.checkpoint_is_the_model(job, dataset(ground(variant)))
