from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_bench.bench.planning.packs import Division, Pack, assemble, signature
from gan_bench.bench.planning.trial import Trial


def in_packs_of(size: int):
    """Divide groups into packs of at most `size`."""
    return lambda groups: [Division(math.ceil(len(group) / size)) for group in groups]


def hp(trial: Trial, **changes: object) -> Trial:
    return replace(trial, hyperparameters={**trial.hyperparameters, **changes})


def test_seeds_and_continuous_hyperparameters_share_a_pack(trial: Trial) -> None:
    assert signature(trial) == signature(replace(trial, seed=5)) == signature(hp(trial, lr=0.3))


def test_whatever_changes_shapes_or_loops_does_not(trial: Trial) -> None:
    schedule = {"schedule": "linear", "start": 1e-3, "end": 0.0}
    others = [
        hp(trial, n_critic=2),
        hp(trial, batch_size=64),
        hp(trial, lr=schedule),
        replace(trial, variant="lsgan"),
        replace(trial, kimg=2.0),
        replace(trial, points=(1.0,)),
        replace(trial, samples=200),
        replace(trial, content_hash="other"),
        replace(trial, network={"family": "mlp", "hidden": [9]}),
        replace(trial, dtype="float64"),
    ]
    assert len({signature(t) for t in [trial, *others]}) == 11


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 40), size=st.integers(1, 16))
def test_packs_are_even_and_complete(trial: Trial, count: int, size: int) -> None:
    trials = [replace(trial, seed=seed) for seed in range(count)]
    packs, new = assemble(trials, in_packs_of(size))
    assert packs == new
    assert [t for pack in packs for t in pack.trials] == trials
    sizes = [len(pack.trials) for pack in packs]
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1


def test_packs_once_planned_stay(trials: list[Trial]) -> None:
    planned = [Pack(tuple(trials[:2]))]
    packs, new = assemble(trials, in_packs_of(16), planned)
    assert [[t.seed for t in pack.trials] for pack in packs] == [[0, 1], [2]]
    assert new == packs[1:]
    again, none = assemble(reversed(trials), in_packs_of(1), packs)
    assert {pack.id for pack in again} == {pack.id for pack in packs}
    assert none == []


def test_a_planned_pack_keeps_members_that_were_not_asked_for(trials: list[Trial]) -> None:
    packs, _ = assemble(trials[:1], in_packs_of(1), [Pack(tuple(trials))])
    assert [t.seed for t in packs[0].trials] == [0, 1, 2]


def test_members_of_a_planned_pack_carry_todays_labels(trials: list[Trial]) -> None:
    relabelled = replace(trials[0], profile="other", samples=7)
    packs, _ = assemble([relabelled], in_packs_of(1), [Pack(tuple(trials))])
    assert [t.profile for t in packs[0].trials] == ["other", "paper", "paper"]
