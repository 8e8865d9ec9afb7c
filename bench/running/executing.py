"""Do the tasks of a run with an executor, and keep the failures of those whose process is lost."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gan_bench.bench.running import executors
from gan_bench.bench.running.away import Away
from gan_bench.bench.running.executors import Done, Event, Lost, Setup, Started
from gan_bench.bench.running.failures import record_failure
from gan_bench.bench.running.places import Place, places
from gan_bench.bench.running.process import load_libraries, run_task
from gan_bench.bench.running.task import Result, RunContext, Task


def execute(
    tasks: Sequence[Task],
    context: RunContext,
    devices: Sequence[str],
    jobs: int,
    on_event: Callable[[Event], None],
    executor: str | None = None,
    **cluster: Any,
) -> list[Result]:
    """Do all tasks and return the results of their trials, in the order in which they ended.

    Args:
        tasks: the tasks, in the order in which they should begin.
        context: of the run.
        devices: where to train.
        jobs: packs that train at a time on each device.
        on_event: called with every event; a lost task is reported as done, with failed results.
        executor: its name; None is this process for one place, and workers for more.
        cluster: further fields of `executors.Setup`.
    """
    results: list[Result] = []
    where: dict[int, Place] = {}

    def follow(event: Event) -> None:
        if isinstance(event, Started):
            where[event.task] = event.place
        if isinstance(event, Lost):
            there = context.at(where[event.task])
            event = Done(event.task, tuple(record_failure(tasks[event.task], there, event.cause)))
        on_event(event)
        if isinstance(event, Done):
            results.extend(event.results)

    with tempfile.TemporaryDirectory() as folder:
        used = places(devices, jobs, Path(folder))[: len(tasks)]
        name = executor or executors.default(used)
        setup = Setup(used, load_libraries, folder=context.out, **cluster)
        with executors.make(name, setup) as made:
            made.execute([_call(task, context, name) for task in tasks], follow)
    return results


def _call(task: Task, context: RunContext, executor: str) -> Any:
    """Return a task as an executor takes it, by whether its processes share files with this one."""
    if executors.shares_files(executor):
        return functools.partial(run_task, task, context)
    return Away(task, context)
