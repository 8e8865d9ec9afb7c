"""Places on several devices, and turns to train."""

from __future__ import annotations

import functools
import re
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_bench.bench.common import devices
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.executing import execute
from gan_bench.bench.running.executors import Done, Inline, Started, Workers, is_here
from gan_bench.bench.running.places import MOST_JOBS, PER_CORE, SHARING, Place, Turn, check_jobs, places
from gan_bench.bench.running.task import RunContext, Task
from tests.bench.running.quick_tasks import where


def test_a_cpu_has_a_place_for_each_job_and_no_turns(tmp_path: Path) -> None:
    assert places(["cpu"], 3, tmp_path) == [Place("cpu")] * 3


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_job_of_a_gpu_has_places_that_train_in_turns(jobs: int, tmp_path: Path) -> None:
    gpus = ["cuda:0", "cuda:1"]
    found = places(gpus, jobs, tmp_path)
    assert Counter(place.device for place in found) == dict.fromkeys(gpus, jobs * SHARING)
    assert Counter(place.turn for place in found) == dict.fromkeys({place.turn for place in found}, SHARING)
    # A run of few packs uses all devices and waits for no turn.
    few = found[: jobs * len(gpus)]
    assert {place.device for place in few} == set(gpus)
    assert len({place.turn for place in few}) == len(few)


def test_the_default_number_of_jobs_is_always_possible() -> None:
    check_jobs(None, [f"cuda:{i}" for i in range(1000)], here=True)
    check_jobs(devices.default_jobs("cpu"), ["cpu"], here=True)
    check_jobs(1, [f"cuda:{i}" for i in range(1000)], here=True)


@pytest.mark.parametrize("count", [1, 2])
def test_a_machine_has_a_process_for_each_job_and_a_cluster_more_machines(count: int) -> None:
    most = PER_CORE * devices.cores() // count
    gpus = [f"cuda:{i}" for i in range(count)]
    check_jobs(most, gpus, here=True)
    with pytest.raises(UsageError, match=re.escape(f"--jobs {most + 1}: expected a number from 1 to {most}")):
        check_jobs(most + 1, gpus, here=True)
    check_jobs(MOST_JOBS, gpus, here=False)
    with pytest.raises(UsageError, match="from 1 to 10,000"):
        check_jobs(MOST_JOBS + 1, gpus, here=False)


def test_a_cluster_is_slurm_or_has_an_address() -> None:
    assert [is_here(name, None) for name in ("workers", "inline", "ray", "slurm")] == [
        True,
        True,
        True,
        False,
    ]
    assert not is_here("ray", "auto")


@pytest.mark.parametrize("kind", [Inline, Workers])
def test_a_task_is_told_its_place(kind: type, trial: Trial) -> None:
    events: list[Any] = []
    given = [Place("cpu:0"), Place("cpu:1")] if kind is Workers else Place("cpu:0")
    with kind(given) as executor:
        executor.execute([functools.partial(where, trial)] * 4, events.append)
    told = {event.task: event.place.device for event in events if isinstance(event, Started)}
    assert told == {event.task: event.results[0].metric for event in events if isinstance(event, Done)}
    assert set(told.values()) == ({"cpu:0", "cpu:1"} if kind is Workers else {"cpu:0"})


@pytest.mark.slow
def test_all_devices_of_a_machine_train_and_records_say_which(
    suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two devices are faked: torch knows `cpu:0` and `cpu:1`, and calculates on the one CPU."""
    monkeypatch.setattr(devices, "gpus", lambda: ("cpu:0", "cpu:1"))
    used = devices.choose_devices("cuda")
    trials = plan(
        load_suite(str(suite_file)), catalogue.dataset, only=["nsgan"], seeds=[0, 1], profile="paper"
    )
    tasks = [Task("train", Pack((trial,))) for trial in trials]
    events: list[Any] = []
    results = execute(tasks, RunContext(tmp_path / "two", used[0]), used, 1, events.append)
    assert [result.status for result in results] == ["finished"] * len(trials)
    store = Store(tmp_path / "two")
    stated = {key: record.provenance["device"] for key in store if (record := store.read(key))}
    assert sorted(stated.values()) == ["cpu:0", "cpu:1"]
    told = {tasks[e.task].pack.trials[0].key: e.place.device for e in events if isinstance(e, Started)}
    assert stated == told
    # The device changes nothing else: the same bits as in this process.
    execute(tasks, RunContext(tmp_path / "one"), ["cpu"], 1, lambda event: None)
    checkpoint = "checkpoint.safetensors"
    for trial in trials:
        two, one = (Store(tmp_path / name).folder(trial.key) / checkpoint for name in ("two", "one"))
        assert two.read_bytes() == one.read_bytes()


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("jobs", [1, 2])
def test_several_workers_on_one_card_give_the_bits_of_one(
    suite_file: Path, tmp_path: Path, jobs: int
) -> None:
    trials = plan(
        load_suite(str(suite_file)), catalogue.dataset, only=["nsgan"], seeds=[0, 1, 2], profile="paper"
    )
    tasks = [Task("train", Pack((trial,))) for trial in trials]
    execute(tasks, RunContext(tmp_path / "several", "cuda:0"), ["cuda:0"], jobs, lambda event: None)
    for task in tasks:  # each alone, in this process
        execute([task], RunContext(tmp_path / "one", "cuda:0"), ["cuda:0"], 1, lambda event: None)
    several, one = Store(tmp_path / "several"), Store(tmp_path / "one")
    for trial in trials:
        record = several.read(trial.key)
        assert record is not None
        assert record.provenance["device"].startswith("cuda:0 (")
        checkpoint = "checkpoint.safetensors"
        same = (several.folder(trial.key) / checkpoint).read_bytes()
        assert same == (one.folder(trial.key) / checkpoint).read_bytes()


def test_one_trains_while_the_other_measures(tmp_path: Path) -> None:
    path, said = tmp_path / "turn", []
    other_trains, first_returns = threading.Event(), threading.Event()

    def first() -> None:
        turn = Turn(path)
        with turn.taken():
            said.append("first trains")
            other.start()
            with turn.given_up():
                assert other_trains.wait(20)  # it can: the turn is free
                first_returns.set()
            said.append("first trains again")

    def second() -> None:
        with Turn(path).taken():
            said.append("second trains")
            other_trains.set()
            assert first_returns.wait(20)
            time.sleep(0.1)  # long enough for the first, if nothing held it back
            said.append("second ends")

    other = threading.Thread(target=second)
    first()
    other.join()
    assert said == ["first trains", "second trains", "second ends", "first trains again"]


def test_without_a_file_nobody_waits() -> None:
    with Turn(None).taken(), Turn(None).taken():
        pass
