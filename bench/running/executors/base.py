"""The contract of executors, and the events that they report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, Self

from gan_bench.bench.running.places import Place
from gan_bench.bench.running.task import Report, Result

Call = Callable[[Place, Report], Sequence[Result]]
"""A task, ready to be done: a picklable function of the place where it is done. It reports its progress and
does not raise."""


@dataclass(frozen=True)
class Started:
    """A task was begun at a place."""

    task: int
    place: Place = field(default_factory=Place)


@dataclass(frozen=True)
class Progressed:
    """Progress of a task: kimg per replica, iteration, seconds of training so far."""

    task: int
    kimg: float
    iteration: int
    seconds: float


@dataclass(frozen=True)
class Done:
    """A task ended; its records are in the store."""

    task: int
    results: tuple[Result, ...]


Loss = Literal["ended", "killed", "timeout"]
"""The end of a process: by itself, by SIGKILL from outside (which may be lack of memory), or by the limit."""


@dataclass(frozen=True)
class Lost:
    """The process of a task ended before the task did; `cause` is one sentence for the user."""

    task: int
    cause: str
    loss: Loss = "ended"


@dataclass(frozen=True)
class Said:
    """Something that the user should know of the machines that work: one is left out, or was lost."""

    text: str


Event = Started | Progressed | Done | Lost | Said


@dataclass(frozen=True)
class Setup:
    """All that an executor may need to know of a run."""

    places: Sequence[Place]
    """Places that do tasks, one at a time each."""
    ahead: Callable[[], None] | None = None
    """A picklable function that new processes call before their first task."""
    timeout: float | None = None
    """Seconds after which a task is lost; None: no limit."""
    limit: int | None = None
    """Tasks at a time where the user gave a number; None lets a cluster decide."""
    address: str | None = None
    """Of an existing Ray cluster."""
    parameters: Sequence[str] = ()
    """Of SLURM jobs, each as NAME=VALUE."""
    folder: Path | None = None
    """A folder of the run's results, for files of jobs."""


class Executor(Protocol):
    """Places tasks. A context manager: no process of its own outlives it, whatever happens inside."""

    def __enter__(self) -> Self:
        """Make ready."""
        ...

    def __exit__(self, *details: object) -> None:
        """End everything at once."""
        ...

    def execute(self, calls: Sequence[Call], on_event: Callable[[Event], None]) -> None:
        """Make all calls, in this order as far as possible; return when each is done or lost.

        Args:
            calls: the tasks.
            on_event: told of every event; a task is its place in `calls`.
        """
        ...


class Portable(Protocol):
    """A task for machines that share no files with this one, as `bench.running.away.Away`."""

    def claim(self, held: contextlib.ExitStack) -> list[Result]:
        """Hold the task's lease in `held`; return results if another run has the task."""
        ...

    def parcel(self) -> Call:
        """Return the call to send, with all its files."""
        ...

    def check(self) -> Call:
        """Return a call whose results are the reasons why a machine cannot do the task."""
        ...

    def receive(self, results: Sequence[Result]) -> tuple[Result, ...]:
        """Keep the records that came with results; return the results alone."""
        ...
