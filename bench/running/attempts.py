"""Attempts at tasks: what is tried again after a failure, in which pieces, and when a task has failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gan_bench.bench.common.memory import ended_for_memory
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.running.executors import Done, Lost
from gan_bench.bench.running.task import Result, Task

TRIES = 5
"""Attempts at a pack whose process is killed from outside each time."""


@dataclass(frozen=True)
class Attempt:
    """An attempt at a task, or at a piece of it.

    Attributes:
        task: what is done: the whole task, or some of its trials as a pack of their own.
        origin: the task's place among those of the run.
        tries: attempts at it before, in which its process was killed or memory ran out.
        piece: True for a piece of a task that has failed as a whole.
        kills: number of processes that the kernel had ended for lack of memory when it was begun.
    """

    task: Task
    origin: int
    tries: int = 0
    piece: bool = False
    kills: int | None = None

    def begun(self) -> Attempt:
        """Return the attempt as it begins."""
        return replace(self, kills=ended_for_memory())

    def after(self, end: Done | Lost) -> tuple[list[Attempt], str]:
        """Return the attempts that follow this one, each to be made while nothing else runs, and why.

        Without any the task has failed, or needs none. Records of measurements are never tried again.

        - Out of memory: the whole again, because others used memory, too. Then in halves, down to one trial.
        - Killed by someone: the whole again, :data:`TRIES` times at most.
        - A process that ended by itself, or an exception: each trial alone, once.
        - A time limit, or records that cannot be written: none.
        """
        if self.task.kind != "train":
            return [], ""
        if isinstance(end, Lost):
            if end.loss == "timeout":
                return [], ""
            if end.loss == "killed":
                return self._without_memory() if self._kernel_did() else self._killed()
            return self._apart()
        failed = [result for result in end.results if result.status == "failed"]
        if any(result.unwritable for result in failed):
            return [], ""
        if failed and all(result.memory for result in failed):
            return self._without_memory()
        if len(failed) == len(end.results) > 1:
            return self._apart()
        return [], ""

    def _kernel_did(self) -> bool:
        """Return whether the kernel has ended a process for lack of memory since the attempt started."""
        now = ended_for_memory()
        return now is None or self.kills is None or now > self.kills

    def _killed(self) -> tuple[list[Attempt], str]:
        if self.tries + 1 >= TRIES:
            return [], ""
        return [replace(self, tries=self.tries + 1)], "tried again"

    def _without_memory(self) -> tuple[list[Attempt], str]:
        trials = self.task.pack.trials
        if not self.tries:
            return [replace(self, tries=1)], "tried again with nothing beside it"
        if len(trials) == 1:
            return [], ""
        middle = (len(trials) + 1) // 2
        return [self._of(trials[:middle], 1), self._of(trials[middle:], 1)], "tried again in two halves"

    def _apart(self) -> tuple[list[Attempt], str]:
        if self.piece:
            return [], ""
        trials = self.task.pack.trials
        how = "each of its trials is tried again alone" if len(trials) > 1 else "tried again alone"
        return [self._of((trial,), self.tries) for trial in trials], how

    def _of(self, trials: Sequence, tries: int) -> Attempt:
        pack = Pack(tuple(trials), self.task.pack.way)
        return Attempt(replace(self.task, pack=pack), self.origin, tries, piece=True)


def cause_of(end: Done | Lost) -> str:
    """Return the reason of a failure, one sentence."""
    if isinstance(end, Lost):
        return end.cause
    return next((result.error for result in _failed(end.results) if result.error), "failed")


def _failed(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.status == "failed"]
