"""Estimates: from records, from measured iterations, from the sizes of networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Record
from gan_bench.bench.running.cost import Costs, Past

ITERATIONS = 100


@pytest.fixture
def make(trial: Trial) -> Callable[..., Pack]:
    """Packs of the variant on ring, 100 iterations of 32 samples for each critic update."""

    def pack(variant: str = "nsgan", size: int = 1, hidden: int = 8, n_critic: int = 1, **more: Any) -> Pack:
        settings = catalogue.resolve(variant) | {"batch_size": 32, "n_critic": n_critic}
        kimg = ITERATIONS * 32 * n_critic / 1000
        network = catalogue.network({"family": "mlp", "hidden": [hidden, hidden]})
        one = replace(trial, variant=variant, network=network, hyperparameters=settings, kimg=kimg,
                      points=(kimg,), **more)  # fmt: skip
        return Pack(tuple(replace(one, seed=seed) for seed in range(size)))

    return pack


def trained(pack: Pack, seconds: float, measuring: float | None = None) -> Past:
    facts = {"size": len(pack.trials), "way": pack.way}
    outcome = {"seconds": seconds, "iterations": ITERATIONS}
    return Past(Record(pack.trials[0], "finished", outcome=outcome, provenance={"pack": facts}), measuring)


def costs(**facts: Any) -> Costs:
    return Costs(catalogue.dataset, **facts)


def test_what_was_trained_is_the_estimate_whatever_was_measured(make) -> None:
    pack = make(size=2)
    estimate = costs(recall=lambda _: 99.0, packs=[pack], trained=[trained(pack, 8.0)])
    assert estimate.pack(pack) == pytest.approx(8.0)
    assert estimate.pack(make(size=2, samples=50)) == pytest.approx(8.0)  # training does not depend on it


def test_failed_trials_and_other_variants_are_no_estimate(make) -> None:
    pack = make()
    failed = Past(Record(pack.trials[0], "failed", error="x"))
    other = trained(make("lsgan"), 1e6)
    unknown = Past(replace(other.record, trial=replace(other.record.trial, variant="gone")))
    assert costs(packs=[pack], trained=[failed, other, unknown]).pack(pack) == costs(packs=[pack]).pack(pack)


def test_a_measured_iteration_is_the_estimate_of_its_pack(make) -> None:
    one, other = make(), make("lsgan")
    times = {one.id: 0.02}
    estimate = costs(recall=lambda pack: times.get(pack.id), packs=[one, other])
    assert estimate.pack(one) == pytest.approx(0.02 * ITERATIONS)
    # The other was not measured: by the sizes of networks it costs the same, and so by the correction.
    assert estimate.pack(other) == pytest.approx(0.02 * ITERATIONS, rel=0.3)


def test_past_training_corrects_what_was_measured(make) -> None:
    """A machine that trains three times as long as a measurement said does so for all."""
    one, other = make(), make("lsgan")
    estimate = costs(recall=lambda _: 0.02, packs=[one, other], trained=[trained(one, 6.0)])
    assert estimate.pack(one) == pytest.approx(6.0)
    assert estimate.pack(other) == pytest.approx(6.0)


def test_measuring_counts_once_for_every_trial(make) -> None:
    pack = make(size=3)
    past = [trained(pack, 9.0, measuring) for measuring in (1.0, 2.0, 30.0)]
    assert costs(packs=[pack], trained=past).pack(pack) == pytest.approx(9.0 + 3 * 2.0)
    other = make(size=3, final_samples=5000)  # under another protocol nothing is known of it
    assert costs(packs=[pack, other], trained=past).pack(other) == pytest.approx(9.0)


def test_a_guess_grows_with_updates_replicas_and_networks(make) -> None:
    estimate = costs()
    one = estimate.pack(make())
    assert estimate.pack(make(size=4)) == pytest.approx(4 * one)
    assert estimate.pack(make(hidden=512)) > 1.5 * one
    assert estimate.pack(make(n_critic=5)) == pytest.approx(3 * one, rel=0.1)  # 5 + 1 updates for 1 + 1


def test_the_whole_run_is_within_bounds_by_synthetic_timings(make) -> None:
    """Seconds of an iteration as a machine might have them, packs of two variants, one measured."""
    true = {"nsgan": 0.004, "lsgan": 0.005, "wgan-gp": 0.03}
    packs = [make("nsgan"), make("lsgan"), make("wgan-gp", n_critic=5)]
    seconds = sum(true[pack.trials[0].variant] * ITERATIONS for pack in packs)

    def total(estimate: Costs) -> float:
        return sum(map(estimate.pack, packs))

    def recall(pack: Pack) -> float | None:  # of the first alone, by a machine that was busy meanwhile
        return 2 * true["nsgan"] if pack.trials[0].variant == "nsgan" else None

    before = total(costs(recall=recall, packs=packs))
    assert seconds / 3 < before < 3 * seconds
    measured = total(costs(recall=lambda pack: 2 * true[pack.trials[0].variant], packs=packs))
    assert seconds / 3 < measured < 3 * seconds
    after = costs(
        recall=lambda pack: 2 * true[pack.trials[0].variant],
        packs=packs,
        trained=[trained(packs[0], true["nsgan"] * ITERATIONS)],
    )
    assert seconds / 1.5 < total(after) < 1.5 * seconds
