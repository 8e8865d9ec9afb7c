"""Do the tasks of a run with an executor; what failed is tried again, and failures are kept."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gan_bench.bench.running import executors
from gan_bench.bench.running.attempts import Attempt, cause_of
from gan_bench.bench.running.away import Away
from gan_bench.bench.running.executors import Done, Event, Lost, Said, Setup, Started
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
    **more: Any,
) -> list[Result]:
    """Do all tasks and return the results of their trials, in the order in which they ended.

    Args:
        tasks: the tasks, in the order in which they should begin.
        context: of the run.
        devices: where to train.
        jobs: packs that train at a time on each device.
        on_event: called with every event; a task that is lost for good is reported as done, with failed
            results, and one that is tried again by a text.
        executor: its name; None is the default.
        more: further fields of `executors.Setup`.
    """
    name = executor or executors.DEFAULT
    results: list[Result] = []
    attempts, most = [Attempt(task, origin) for origin, task in enumerate(tasks)], len(tasks)
    while attempts:
        calls = [_call(each.task, context, name) for each in attempts]
        this = _Round(attempts, context, on_event)
        with tempfile.TemporaryDirectory() as folder:
            used = places(devices, jobs, Path(folder))[:most]
            with executors.make(name, Setup(used, load_libraries, folder=context.out, **more)) as made:
                made.execute(calls, this.follow)
        results += this.results
        attempts, most = this.again, 1  # with nothing beside it
    return results


class _Round:
    """Attempts that are made together.

    Attributes:
        results: of the trials whose tasks ended.
        again: the attempts that follow.
    """

    def __init__(
        self, attempts: Sequence[Attempt], context: RunContext, on_event: Callable[[Event], None]
    ) -> None:
        self._attempts, self._context, self._on_event = list(attempts), context, on_event
        self._where: dict[int, Place] = {}
        self.results: list[Result] = []
        self.again: list[Attempt] = []

    def follow(self, event: Event) -> None:
        """Take in an event of the executor."""
        if isinstance(event, Said):
            self._on_event(event)
            return
        number, attempt = event.task, self._attempts[event.task]
        if isinstance(event, Started):
            self._where[number] = event.place
            self._attempts[number] = attempt.begun()
        if isinstance(event, Done | Lost):
            following, how = attempt.after(event)
            self.again += following
            if following:
                self._on_event(Said(f"{_title(attempt.task)}: {cause_of(event)}; {how}"))
                return
            event = self._ended(event, attempt)
            self.results += event.results
        self._on_event(replace(event, task=attempt.origin))

    def _ended(self, event: Done | Lost, attempt: Attempt) -> Done:
        if isinstance(event, Done):
            return event
        there = self._context.at(self._where[event.task])
        return Done(event.task, tuple(record_failure(attempt.task, there, event.cause)))


def _call(task: Task, context: RunContext, executor: str) -> Any:
    """Return a task as an executor takes it, by whether its processes share files with this one."""
    if executors.shares_files(executor):
        return functools.partial(run_task, task, context)
    return Away(task, context)


def _title(task: Task) -> str:
    """Return the words for a task: its trial, or the first one and the size of its pack."""
    first, *others = task.pack.trials
    return f"{first.title} and {len(others)} of its pack" if others else first.title
