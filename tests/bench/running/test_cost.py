from __future__ import annotations

from dataclasses import replace

import pytest

from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Record
from gan_bench.bench.running.cost import Costs, updates


def test_updates_follow_from_the_budget(trial: Trial) -> None:
    long = replace(trial, kimg=1536, hyperparameters={"batch_size": 256, "n_critic": 5, "n_generator": 1})
    assert updates(long) == (6000, 1200)


def test_what_ran_before_is_the_estimate(trial: Trial) -> None:
    ran = Record(trial, "finished", outcome={"seconds": 8.0}, provenance={"pack": {"size": 2}})
    costs = Costs([ran, Record(replace(trial, seed=9), "failed")])
    assert costs.trial(replace(trial, kimg=10.0)) == pytest.approx(40.0)
    other = replace(trial, variant="lsgan")
    assert 0 < costs.trial(other) == pytest.approx(costs.trial(replace(other, kimg=2.0)) / 2)
