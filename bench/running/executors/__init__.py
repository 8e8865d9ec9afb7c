"""Executors: each places the tasks of a run in processes. They are chosen by name."""

from collections.abc import Callable

from gan_bench.bench.common.errors import check_name
from gan_bench.bench.running.executors.base import Call, Done, Event, Executor, Lost, Progressed, Started
from gan_bench.bench.running.executors.inline import Inline
from gan_bench.bench.running.executors.workers import Workers

__all__ = [
    "Call",
    "Done",
    "Event",
    "Executor",
    "Inline",
    "Lost",
    "Progressed",
    "Started",
    "Workers",
    "default",
    "make",
]

Ahead = Callable[[], None]
EXECUTORS: dict[str, Callable[[int, Ahead | None], Executor]] = {
    "inline": lambda _jobs, _ahead: Inline(),
    "workers": Workers,
}
"""Name -> maker, called with the number of tasks at a time and what new processes load ahead of tasks."""


def default(jobs: int) -> str:
    """Return the name of the executor for so many tasks at a time: this process for one, workers for more."""
    return "inline" if jobs == 1 else "workers"


def make(name: str, jobs: int, ahead: Ahead | None = None) -> Executor:
    """Return an executor.

    Args:
        name: a key of `EXECUTORS`.
        jobs: tasks at a time.
        ahead: a picklable function that new processes call before their first task.

    Raises:
        UsageError: for an unknown name.
    """
    check_name("executor", name, EXECUTORS)
    return EXECUTORS[name](jobs, ahead)
