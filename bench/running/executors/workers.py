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
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Self

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.memory import end_me_first
from gan_bench.bench.common.steady import steady
from gan_bench.bench.running.executors.base import Call, Done, Event, Lost, Progressed, Started
from gan_bench.bench.running.places import Place
from gan_bench.names import counted
from gan_bench.spawning import without_main

TELL_EVERY = 0.2
"""Seconds between two reports of progress from a worker."""


class Workers:
    """A process for each place, started by spawn so that each is the same on every platform.

    Args:
        places: one for each process; entering starts them.
        ahead: each calls it before its first task, to load libraries while the caller still plans.
        timeout: seconds after which the process of a task is ended; None: no limit.
    """

    def __init__(
        self,
        places: Sequence[Place],
        ahead: Callable[[], None] | None = None,
        timeout: float | None = None,
    ) -> None:
        self._places, self._ahead, self._timeout = places, ahead, timeout
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        try:
            for place in self._places:
                self._workers.append(self._start(place))
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, place: Place) -> _Worker:
        try:
            return _Worker(place, self._ahead)
        except OSError as error:  # too many processes or open files
            number = counted(len(self._workers), "worker process", "worker processes")
            raise UsageError(
                f"{number} can be started here, and not {len(self._places)} ({error.strerror or error}): "
                "give a smaller number of --jobs"
            ) from None

    def __exit__(self, *details: object) -> None:
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.join()
        self._workers = []

    def execute(self, calls: Sequence[Call], on_event: Callable[[Event], None]) -> None:
        """Make all calls, each as soon as a worker is free.

        A worker that died is replaced, and one whose task failed, because a failure may leave a device or
        memory in a bad state.
        """
        waiting = deque(enumerate(calls))
        for worker in self._workers[len(calls) :]:
            worker.end()
        while True:
            for number, worker in enumerate(self._workers[: len(calls)]):
                if worker.task is None and waiting:
                    if worker.spent or worker.dead:
                        worker.end()
                        worker.join()
                        worker = self._workers[number] = self._start(worker.place)
                    index, call = waiting.popleft()
                    worker.give(index, call)
                    on_event(Started(index, worker.place))
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy:
                return
            ready = wait([w.connection for w in busy] + [w.process.sentinel for w in busy], timeout=0.5)
            for worker in busy:
                if worker.connection in ready or worker.process.sentinel in ready:
                    for event in worker.listen():
                        on_event(event)
                if self._timeout is not None and worker.seconds > self._timeout:
                    on_event(worker.stop(f"took longer than the {self._timeout:g} s of --timeout"))


class _Worker:
    """The parent's side of one process."""

    def __init__(self, place: Place, ahead: Callable[[], None] | None) -> None:
        self.place = place
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, ahead), daemon=True)
        self.task: int | None = None
        self.spent = False
        """True once a task of it has failed."""
        self._begun: float | None = None
        # Starting the first process starts this tracker, which leaves SIGINT unblocked behind it.
        resource_tracker.ensure_running()
        # Inherited by the child: Ctrl-C reaches the whole process group, and only the parent acts on it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with without_main():
                self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    @property
    def dead(self) -> bool:
        return not self.process.is_alive()

    def give(self, index: int, call: Call) -> None:
        """Hand over a task; if the process is gone, the next `listen` finds out."""
        self.task, self._begun = index, None
        with contextlib.suppress(OSError):
            self.connection.send((index, self.place, call))

    @property
    def seconds(self) -> float:
        """Return the seconds since the process started its task; loading of libraries does not count."""
        return 0.0 if self.task is None or self._begun is None else time.monotonic() - self._begun

    def stop(self, cause: str) -> Lost:
        """End the process by force, and its task with it."""
        assert self.task is not None
        self.process.kill()
        self.process.join()
        lost, self.task = Lost(self.task, cause, "timeout"), None
        return lost

    def listen(self) -> list[Event]:
        """Return the events that the process has sent since; its death ends its task."""
        events: list[Event] = []
        try:
            while self.connection.poll():
                if (event := self.connection.recv()) is None:
                    self._begun = time.monotonic()
                else:
                    events.append(event)
        except (EOFError, OSError):
            self.process.join(5)
            if self.task is not None and not any(isinstance(event, Done) for event in events):
                killed = self.process.exitcode == -signal.SIGKILL
                events.append(Lost(self.task, self._cause(), "killed" if killed else "ended"))
        results = [result for event in events if isinstance(event, Done) for result in event.results]
        self.spent = self.spent or any(result.status == "failed" for result in results)
        if any(isinstance(event, Done | Lost) for event in events):
            self.task = None
        return events

    def _cause(self) -> str:
        code = self.process.exitcode
        if code is not None and code < 0:
            name = _name_of(-code)
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


def _name_of(number: int) -> str:
    """Return the name of a signal; most real-time signals have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _serve(connection: Connection, ahead: Callable[[], None] | None) -> None:
    """Do one task after another, until the parent hangs up."""
    end_me_first()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Libraries make locks (tqdm's), which "spawn" would name in the file system, where a killed process
    # leaves them; nothing is started from here.
    multiprocessing.set_start_method("fork", force=True)
    if ahead is not None:
        ahead()
    with steady():
        while True:
            try:
                index, place, call = connection.recv()
            except (EOFError, OSError):
                return
            connection.send(None)  # it begins
            connection.send(Done(index, tuple(call(place, _Reporter(connection, index)))))


class _Reporter:
    """Sends the progress of a task to the parent, now and then."""

    def __init__(self, connection: Connection, index: int) -> None:
        self.connection, self.index, self.last = connection, index, time.monotonic()

    def __call__(self, kimg: float, iteration: int, seconds: float) -> None:
        if time.monotonic() - self.last >= TELL_EVERY:
            self.last = time.monotonic()
            with contextlib.suppress(OSError):  # the parent is gone, and this process about to follow
                self.connection.send(Progressed(self.index, kimg, iteration, seconds))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
