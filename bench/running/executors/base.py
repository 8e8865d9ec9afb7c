"""What an executor promises, and what it tells while it works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from gan_bench.bench.running.task import Result, Settings, Task


@dataclass(frozen=True)
class Started:
    """A task was begun."""

    task: int


@dataclass(frozen=True)
class Progressed:
    """How far a task is: kimg per replica, iteration, seconds of training so far."""

    task: int
    kimg: float
    iteration: int
    seconds: float


@dataclass(frozen=True)
class Done:
    """A task ended; its records are in the store."""

    task: int
    results: tuple[Result, ...]


Event = Started | Progressed | Done


class Executor(Protocol):
    """Does tasks. A context manager: whatever happens inside, no process of its own outlives it."""

    def __enter__(self) -> Self:
        """Make ready."""
        ...

    def __exit__(self, *details: object) -> None:
        """End everything at once."""
        ...

    def execute(self, tasks: Sequence[Task], settings: Settings, on_event: Callable[[Event], None]) -> None:
        """Do all tasks, in this order as far as possible; returns when each is done.

        An exception or a death in a task becomes failed records, never an exception here.
        """
        ...
