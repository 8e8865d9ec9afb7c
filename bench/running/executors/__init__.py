"""Executors: each places the tasks of a run in processes. They are chosen by name."""

from collections.abc import Callable, Sequence

from gan_bench.bench.common.errors import check_name
from gan_bench.bench.running.executors.base import Call, Done, Event, Executor, Lost, Progressed, Started
from gan_bench.bench.running.executors.inline import Inline
from gan_bench.bench.running.executors.workers import Workers
from gan_bench.bench.running.places import Place

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
EXECUTORS: dict[str, Callable[[Sequence[Place], Ahead | None], Executor]] = {
    "inline": lambda places, _ahead: Inline(places[0]),
    "workers": Workers,
}
"""Name -> maker, called with places and what new processes load ahead of tasks."""


def default(places: Sequence[Place]) -> str:
    """Return the name of the executor for these places: this process for one, workers for more."""
    return "inline" if len(places) == 1 else "workers"


def make(name: str, places: Sequence[Place], ahead: Ahead | None = None) -> Executor:
    """Return an executor.

    Args:
        name: a key of `EXECUTORS`.
        places: where tasks are done, one at a time at each.
        ahead: a picklable function that new processes call before their first task.

    Raises:
        UsageError: for an unknown name.
    """
    check_name("executor", name, EXECUTORS)
    return EXECUTORS[name](places, ahead)
