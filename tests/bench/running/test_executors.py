from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.store import Store
from gan_bench.bench.running import executors
from gan_bench.bench.running.executors import (
    Done,
    Inline,
    Lost,
    Progressed,
    Setup,
    Started,
    Workers,
    workers,
)
from gan_bench.bench.running.places import Place
from gan_bench.bench.running.process import run_task
from gan_bench.bench.running.task import Result, RunContext, Task


def test_executors_are_made_by_name() -> None:
    here, two = [Place()], [Place("cpu:0"), Place("cpu:1")]
    assert isinstance(executors.make("inline", Setup(here)), Inline)
    assert isinstance(executors.make("workers", Setup(two)), Workers)
    with pytest.raises(UsageError, match="unknown executor 'worker'; did you mean 'workers'"):
        executors.make("worker", Setup(two))


@pytest.mark.parametrize("possible", [0, 2])
def test_workers_that_cannot_be_started_are_one_sentence_and_leave_none(
    monkeypatch: pytest.MonkeyPatch, possible: int
) -> None:
    made: list[Any] = []

    class Few:
        def __init__(self, *_: object) -> None:
            if len(made) == possible:
                raise OSError(24, "Too many open files")
            self.calls: list[str] = []
            made.append(self)

        def end(self) -> None:
            self.calls.append("end")

        def join(self) -> None:
            self.calls.append("join")

    monkeypatch.setattr(workers, "_Worker", Few)
    words = f"{possible} worker processes can be started here, and not 5 \\(Too many open files\\): give a"
    with pytest.raises(UsageError, match=words), Workers([Place()] * 5):
        pytest.fail("none is there to work")
    assert [worker.calls for worker in made] == [["end", "join"]] * possible


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (-signal.SIGSEGV, "worker process killed by SIGSEGV"),
        (-40, "worker process killed by signal 40"),
        (3, "worker process ended with exit status 3"),
    ],
)
def test_the_end_of_a_worker_is_named_whatever_its_signal(code: int, cause: str) -> None:
    worker = object.__new__(workers._Worker)
    worker.process = SimpleNamespace(exitcode=code)  # type: ignore[assignment]
    assert worker._cause() == cause


def refuse(*_: object) -> list[Any]:
    """A task that ends its process."""
    os._exit(3)


@pytest.mark.slow
@pytest.mark.sample
def test_a_lost_task_is_told_without_knowing_what_it_was() -> None:
    events: list[Any] = []
    place = Place("cpu:3")
    with Workers([place]) as executor:
        executor.execute([refuse, answer], events.append)
    assert events == [
        Started(0, place),
        Lost(0, "worker process ended with exit status 3"),
        Started(1, place),
        Done(1, ()),
    ]


@pytest.mark.slow
@pytest.mark.sample
def test_a_worker_is_replaced_where_a_task_took_too_long_or_failed(trial: Trial) -> None:
    events: list[Any] = []
    calls = [hang, *(functools.partial(number, trial, status) for status in STATUSES)]
    with Workers([Place()], timeout=3.0) as executor:
        executor.execute(calls, events.append)
    lost = Lost(0, "took longer than the 3 s of --timeout", "timeout")
    assert events[:3] == [Started(0), lost, Started(1)]
    processes = [event.results[0].value for event in events if isinstance(event, Done)]
    assert [processes[i] == processes[i + 1] for i in range(2)] == [True, False]


def hang(*_: object) -> list[Any]:
    """A task that does not end, and does not listen to polite signals."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
    return []


STATUSES: tuple[Any, ...] = ("diverged", "failed", "finished")


def number(trial: Trial, status: Any, *_: object) -> list[Result]:
    """A task that returns the id of its process."""
    return [Result(trial, status, value=os.getpid())]


def answer(*_: object) -> list[Any]:
    return []


def semaphores() -> set[str]:
    """Those of multiprocessing, which other programs on the machine have under other names."""
    return {name for name in os.listdir("/dev/shm") if name.startswith("sem.mp-")}


def test_leaving_ends_busy_workers_and_leaves_nothing_of_them(suite: Suite, tmp_path: Path) -> None:
    from gan_bench.bench.planning import catalogue

    trial = plan(suite, catalogue.dataset, only=["nsgan"], seeds=[0], profile="paper")[0]
    long = replace(trial, kimg=1e9, points=(1e9,))  # would take weeks
    plugin = tmp_path / "locks.py"
    plugin.write_text("import multiprocessing\nlock = multiprocessing.RLock()\n")  # as tqdm does
    context = RunContext(tmp_path, plugins=(plugin,))
    before = semaphores()

    def stop(event: Any) -> None:
        if isinstance(event, Progressed):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Workers([Place()]) as executor:
        executor.execute([functools.partial(run_task, Task("train", Pack((long,))), context)], stop)
    assert multiprocessing.active_children() == []
    assert list(Store(tmp_path)) == []
    assert semaphores() <= before


SHOW_BLOCKED_SIGNALS = """
from pathlib import Path
from gan_bench.bench.running.executors import Workers
from gan_bench.bench.running.places import Place
with Workers([Place(), Place()]) as executor:
    for worker in executor._workers:
        lines = Path(f"/proc/{worker.process.pid}/status").read_text().splitlines()
        print(next(line for line in lines if line.startswith("SigBlk")).split()[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_no_worker_sees_ctrl_c_not_even_the_first() -> None:
    # In a process of its own, where multiprocessing has not started anything yet.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SHOW_BLOCKED_SIGNALS]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    masks = [int(mask, 16) for mask in shown.stdout.split()]
    assert len(masks) == 2
    assert all(mask >> (signal.SIGINT - 1) & 1 for mask in masks)
