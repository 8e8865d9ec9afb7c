"""Tasks that are tried again after a failure, and in which pieces."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running import attempts
from gan_bench.bench.running.attempts import TRIES, Attempt
from gan_bench.bench.running.executors import Done, Lost
from gan_bench.bench.running.task import Result, Task

EXITED = Lost(0, "worker process ended with exit status 3")
KILLED = Lost(0, "worker process killed by SIGKILL", "killed")
LATE = Lost(0, "took longer", "timeout")


@pytest.fixture
def pack(trials: list[Trial]) -> Attempt:
    return Attempt(Task("train", Pack(tuple(trials))), 0)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The number of processes that the kernel has ended for lack of memory, last."""
    counts: list[int | None] = [7]
    monkeypatch.setattr(attempts, "ended_for_memory", lambda: counts[-1])
    return counts


def seeds(following: list[Attempt]) -> list[list[int]]:
    return [[trial.seed for trial in attempt.task.pack.trials] for attempt in following]


def failed(attempt: Attempt, *, memory: bool = False, count: int | None = None) -> Done:
    trials = attempt.task.pack.trials
    number = len(trials) if count is None else count
    results = [Result(trial, "failed", error="why", memory=memory) for trial in trials[:number]]
    return Done(0, tuple(results + [Result(trial, "finished") for trial in trials[number:]]))


def all_attempts(attempt: Attempt, end: object) -> list[list[int]]:
    """The seeds of every attempt, where each one ends alike."""
    made, waiting = [], [attempt]
    while waiting:
        now = waiting.pop(0).begun()
        made += seeds([now])
        waiting += now.after(end(now) if callable(end) else end)[0]  # type: ignore[arg-type]
    return made


def test_without_memory_the_whole_is_tried_alone_and_then_halves(pack: Attempt) -> None:
    made = all_attempts(pack, lambda attempt: failed(attempt, memory=True))
    assert made == [[0, 1, 2], [0, 1, 2], [0, 1], [2], [0], [1]]


def test_a_process_that_the_kernel_ended_lacked_memory(pack: Attempt, kernel: list) -> None:
    begun = pack.begun()
    kernel.append(8)
    again = begun.after(KILLED)[0]
    assert seeds(again) == [[0, 1, 2]]
    kernel.append(9)
    assert seeds(again[0].after(KILLED)[0]) == [[0, 1], [2]]


def test_where_nothing_counts_a_killed_process_may_have_lacked_memory(pack: Attempt, kernel: list) -> None:
    kernel.append(None)
    assert all_attempts(pack, KILLED) == [[0, 1, 2], [0, 1, 2], [0, 1], [2], [0], [1]]


def test_a_pack_killed_by_someone_stays_whole(pack: Attempt, kernel: list) -> None:
    assert all_attempts(pack, KILLED) == [[0, 1, 2]] * TRIES


@pytest.mark.parametrize("end", [EXITED, failed], ids=["ended", "raised"])
def test_trials_of_a_failed_pack_are_tried_once_each_alone(pack: Attempt, end: object) -> None:
    assert all_attempts(pack, end) == [[0, 1, 2], [0], [1], [2]]


def test_a_single_trial_is_tried_again_if_its_process_ended_and_not_if_it_raised(trial: Trial) -> None:
    one = Attempt(Task("train", Pack((trial,))), 0)
    assert all_attempts(one, EXITED) == [[0], [0]]
    assert all_attempts(one, failed) == [[0]]


def test_a_measurement_that_failed_costs_its_own_trial(pack: Attempt) -> None:
    assert pack.after(failed(pack, count=1)) == ([], "")


def test_limits_of_time_and_evaluations_are_final(pack: Attempt) -> None:
    assert pack.after(LATE) == ([], "")
    measured = replace(pack, task=replace(pack.task, kind="evaluate"))
    assert [measured.after(end) for end in (EXITED, KILLED, failed(pack))] == [([], "")] * 3


def test_pieces_keep_the_way_and_the_place_of_their_task(trials: list[Trial]) -> None:
    whole = Attempt(Task("train", Pack(tuple(trials), "compiled")), 5)
    following, why = whole.after(EXITED)
    assert {(each.origin, each.task.pack.way) for each in following} == {(5, "compiled")}
    assert why == "each of its trials is tried again alone"
