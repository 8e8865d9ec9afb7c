"""In this process, one task after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

from gan_bench.bench.running.executors.base import Done, Event, Progressed, Started
from gan_bench.bench.running.task import Settings, Task, run_task


class Inline:
    """Does each task where it was called: the simplest to debug and to profile."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        return None

    def execute(self, tasks: Sequence[Task], settings: Settings, on_event: Callable[[Event], None]) -> None:
        """Do all tasks in order."""
        for index, task in enumerate(tasks):
            on_event(Started(index))

            def report(kimg: float, iteration: int, seconds: float, index: int = index) -> None:
                on_event(Progressed(index, kimg, iteration, seconds))

            on_event(Done(index, tuple(run_task(task, settings, report))))
