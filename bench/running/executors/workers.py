"""Worker processes, one task at a time each.

They talk through pipes only, so that a worker that dies takes nothing with it but its own task, and there is
no lock or semaphore to leak. A worker ignores Ctrl-C (its parent ends it) and goes when its parent has gone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Self

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.running.executors.base import Done, Event, Progressed, Started
from gan_bench.bench.running.task import Result, Settings, Task, record_failure, run_task

TELL_EVERY = 0.2
"""Seconds between two reports of progress from a worker."""


class Workers:
    """At most `jobs` processes, started by spawn so that each is the same on every platform.

    Entering starts the processes, which load torch while the caller still plans.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        self._workers = [_Worker() for _ in range(self._jobs)]
        return self

    def __exit__(self, *details: object) -> None:
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.join()
        self._workers = []

    def execute(self, tasks: Sequence[Task], settings: Settings, on_event: Callable[[Event], None]) -> None:
        """Do all tasks, each as soon as a worker is free; a worker that died is replaced."""
        waiting = deque(enumerate(tasks))
        for worker in self._workers[len(tasks) :]:
            worker.end()
        while True:
            for place, worker in enumerate(self._workers[: len(tasks)]):
                if worker.task is None and waiting:
                    if worker.dead:
                        worker.join()
                        worker = self._workers[place] = _Worker()
                    index, task = waiting.popleft()
                    worker.give(index, task, settings)
                    on_event(Started(index))
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy:
                return
            ready = wait([w.connection for w in busy] + [w.process.sentinel for w in busy], timeout=0.5)
            for worker in busy:
                if worker.connection in ready or worker.process.sentinel in ready:
                    for event in worker.listen(settings):
                        on_event(event)


class _Worker:
    """The parent's side of one process."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.task: tuple[int, Task] | None = None
        # Starting the first process starts this tracker, which leaves SIGINT unblocked behind it.
        resource_tracker.ensure_running()
        # Inherited by the child: Ctrl-C reaches the whole process group, and only the parent acts on it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    @property
    def dead(self) -> bool:
        return not self.process.is_alive()

    def give(self, index: int, task: Task, settings: Settings) -> None:
        """Hand over a task; if the process is gone, the next `listen` finds out."""
        self.task = (index, task)
        with contextlib.suppress(OSError):
            self.connection.send((index, task, settings))

    def listen(self, settings: Settings) -> list[Event]:
        """What the process has said since; its death ends its task."""
        events: list[Event] = []
        try:
            while self.connection.poll():
                events.append(self.connection.recv())
        except (EOFError, OSError):
            self.process.join(5)
            if self.task is not None and not any(isinstance(event, Done) for event in events):
                index, task = self.task
                events.append(Done(index, tuple(record_failure(task, settings, self._cause()))))
        if any(isinstance(event, Done) for event in events):
            self.task = None
        return events

    def _cause(self) -> str:
        code = self.process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            hint = " (out of memory, or ended from outside)" if name == "SIGKILL" else ""
            return f"worker process killed by {name}{hint}"
        return f"worker process ended with exit status {code}"

    def end(self) -> None:
        """Ask the process to go, without waiting: an idle one by hanging up, a busy one by SIGTERM."""
        self.connection.close()
        if self.task is not None and self.process.is_alive():
            self.process.terminate()

    def join(self) -> None:
        """Wait until it is gone, by force if need be, and release what it held."""
        self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.connection.close()
        self.process.close()


def _serve(connection: Connection) -> None:
    """The life of a worker process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Libraries make locks (tqdm's), which "spawn" would name in the file system, where a killed process
    # leaves them; nothing is started from here.
    multiprocessing.set_start_method("fork", force=True)

    import gan_bench.bench.metrics  # noqa: F401 - loaded while the parent still plans

    while True:
        try:
            index, task, settings = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(Done(index, tuple(_do(connection, index, task, settings))))


def _do(connection: Connection, index: int, task: Task, settings: Settings) -> list[Result]:
    last = time.monotonic()

    def report(kimg: float, iteration: int, seconds: float) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_EVERY:
            last = time.monotonic()
            with contextlib.suppress(OSError):  # the parent is gone, and this process about to follow
                connection.send(Progressed(index, kimg, iteration, seconds))

    try:
        load_plugins(settings.plugins)
    except UsageError as error:
        return record_failure(task, settings, str(error), traceback.format_exc())
    return run_task(task, settings, report)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
