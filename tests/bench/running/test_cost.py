"""Estimates: from records, or from operations and FLOP at a device's speed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.efforts import effort
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Record
from gan_bench.bench.running.cost import Costs, Past
from gan_bench.bench.running.pace import Speed

ITERATIONS = 100


@pytest.fixture
def make(trial: Trial) -> Callable[..., Pack]:
    """Packs of the variant on ring, 100 iterations of 32 samples for each critic update."""

    def pack(
        variant: str = "nsgan",
        size: int = 1,
        hidden: int = 8,
        n_critic: int = 1,
        times: float = 1,
        **more: Any,
    ) -> Pack:
        settings = catalogue.resolve(variant) | {"batch_size": 32, "n_critic": n_critic}
        kimg = times * ITERATIONS * 32 * n_critic / 1000
        network = catalogue.network({"family": "mlp", "hidden": [hidden, hidden]})
        one = replace(trial, variant=variant, network=network, hyperparameters=settings, kimg=kimg,
                      points=(kimg,), **more)  # fmt: skip
        return Pack(tuple(replace(one, seed=seed) for seed in range(size)))

    return pack


def trained(pack: Pack, seconds: float, measuring: float | None = None) -> Past:
    facts = {"size": len(pack.trials), "way": pack.way}
    outcome = {"seconds": seconds, "iterations": ITERATIONS}
    return Past(Record(pack.trials[0], "finished", outcome=outcome, provenance={"pack": facts}), measuring)


def costs(*past: Past, **facts: Any) -> Costs:
    return Costs(catalogue.dataset, trained=past, **facts)


def test_what_was_trained_is_the_estimate(make) -> None:
    pack = make(size=2)
    estimate = costs(trained(pack, 8.0))
    assert estimate.pack(pack) == pytest.approx(8.0)
    assert estimate.pack(make(size=2, samples=50)) == pytest.approx(8.0)  # training does not depend on it
    assert estimate.pack(make(size=2, times=3)) == pytest.approx(24.0)
    assert estimate.pack(make(size=2, n_critic=5)) > 1.5 * 8.0  # another iteration: six updates for two


def test_failed_trials_other_data_and_unknown_variants_are_no_estimate(make) -> None:
    pack = make()
    failed = Past(Record(pack.trials[0], "failed", error="x"))
    other = trained(make("lsgan", content_hash="of other data"), 1e6)
    gone = trained(pack, 1e6).record
    unknown = Past(replace(gone, trial=replace(gone.trial, variant="gone")))
    assert costs(failed, other, unknown).pack(pack) == costs().pack(pack)


def test_past_training_corrects_what_is_calculated_for_the_same_data_and_networks(make) -> None:
    """A machine that trains three times as long as calculated does so for all of them."""
    one, other, wider = make(), make("lsgan"), make(hidden=16)
    slow = costs(trained(one, 3 * costs().pack(one)))
    assert slow.pack(other) == pytest.approx(3 * costs().pack(other))
    assert slow.pack(wider) == pytest.approx(costs().pack(wider))


def test_measuring_counts_once_for_every_trial(make) -> None:
    pack = make(size=3)
    past = [trained(pack, 9.0, measuring) for measuring in (1.0, 2.0, 30.0)]
    assert costs(*past).pack(pack) == pytest.approx(9.0 + 3 * 2.0)
    other = make(size=3, final_samples=5000)  # under another protocol nothing is known of it
    assert costs(*past).pack(other) == pytest.approx(9.0)


def test_an_estimate_is_that_of_operations_and_flop_at_the_device_s_speed(make) -> None:
    work = effort(make().trials[0], catalogue.dataset("ring"))
    assert costs(speed=Speed(1.0, 0.0)).pack(make()) == work.operations
    assert costs(speed=Speed(0.0, 1.0)).pack(make()) == work.flop
    assert costs(speed=Speed(2.0, 3.0)).pack(make(size=4)) == 4 * (2 * work.operations + 3 * work.flop)


def test_an_estimate_grows_with_the_budget_updates_replicas_and_networks(make) -> None:
    estimate = costs()
    one = estimate.pack(make())
    assert estimate.pack(make(times=3)) == pytest.approx(3 * one)
    assert estimate.pack(make(hidden=1024)) > 2 * one
    assert estimate.pack(make(n_critic=5)) > 2 * one


@pytest.mark.slow
def test_kimg_never_lower_an_estimate_even_between_phases() -> None:
    """srgan's critic trains in the second half alone: its estimate is no multiple of its first iteration."""
    trials = {
        trial.variant: trial
        for trial in plan(load_suite("restoration-photographs"), catalogue.dataset, seeds=[0])
    }
    estimate = costs()
    for trial in trials.values():
        budgets = [estimate.pack(Pack((replace(trial, kimg=kimg),))) for kimg in (0.016, 0.5, 1, 5, 9.6, 300)]
        assert budgets == sorted(budgets)
        assert budgets[0] < budgets[-1]


@pytest.mark.parametrize(
    ("suite", "part"),
    [("toy", "ring"), pytest.param("translation", "translation-pairs", marks=pytest.mark.slow)],
)
def test_a_trial_has_one_estimate_whatever_stands_beside_it(suite: str, part: str) -> None:
    beside, alone = (plan(load_suite(name), catalogue.dataset, seeds=[0]) for name in (suite, part))
    estimates = {trial.key: costs().pack(Pack((trial,))) for trial in beside}
    assert {trial.key: costs().pack(Pack((trial,))) for trial in alone}.items() <= estimates.items()


MILLISECONDS = {
    ("gaussian1d", "nsgan"): 2.0,
    ("ring", "nsgan"): 3.9,
    ("ring", "wgan-gp"): 9.3,
    ("digits", "nsgan"): 8.0,
    ("digits", "wgan-gp"): 21.0,
    ("digits", "began"): 10.7,
    ("clustering", "clustergan"): 15.6,
    ("semi-supervised-digits", "sgan"): 8.1,
    ("restoration-holes", "context-encoder"): 11.7,
    ("restoration-photographs", "srresnet"): 34.7,
    ("adaptation-digits", "pixelda"): 47.9,
    ("translation-tints", "stargan"): 63.9,
    ("translation-points", "cyclegan"): 4.7,
}
"""Of a core's work in an iteration alone, by suite and variant, measured by `tests.benchmarks.estimates`."""


@pytest.mark.slow
@pytest.mark.parametrize(("suite", "variant"), MILLISECONDS)
def test_estimates_are_within_a_factor_of_three_of_measured_iterations(suite: str, variant: str) -> None:
    trial = plan(load_suite(suite), catalogue.dataset, seeds=[0], only=[variant])[0]
    iterations = catalogue.course(trial, catalogue.dataset(trial.dataset)).iterations
    calculated = 1000 * costs().pack(Pack((trial,))) / iterations
    assert 1 / 3 < calculated / MILLISECONDS[suite, variant] < 3
