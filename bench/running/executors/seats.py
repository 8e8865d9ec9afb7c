"""A seat: one place on a machine of a cluster, with a worker process of its own."""

from __future__ import annotations

import os
import platform
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping

from gan_bench.bench.common.startup import fix_workspaces, limit_threads
from gan_bench.bench.running.executors.base import Call, Event
from gan_bench.bench.running.executors.workers import Workers
from gan_bench.bench.running.places import Place


class Seat:
    """Does tasks in a worker process, one after another; a process that dies is replaced.

    Numbers are therefore those of workers: the process is started in the same way, with the same environment.

    Args:
        place: where the process works.
        ahead: it calls this before its first task.
        environment: variables of the run's own process that change numerics.
        timeout: seconds after which a task is lost; None: no limit.
    """

    def __init__(
        self,
        place: Place,
        ahead: Callable[[], None] | None,
        environment: Mapping[str, str],
        timeout: float | None,
    ) -> None:
        os.environ.update(environment)
        limit_threads()
        fix_workspaces()
        # All that the process writes lies here, so that nothing is left of one that is killed.
        self._folder = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="gan-bench-")
        # New processes would import the cluster's own main program.
        vars(sys.modules["__main__"]).pop("__file__", None)
        self._workers = Workers([place], ahead, timeout).__enter__()

    def name(self) -> str:
        """Return the name of the machine."""
        return platform.node()

    def do(self, call: Call) -> Iterator[Event]:
        """Make a call, which is task 0 of the events yielded."""
        events: queue.Queue[Event | BaseException | None] = queue.Queue()

        def work() -> None:
            try:
                self._workers.execute([call], events.put)
                events.put(None)
            except BaseException as error:
                events.put(error)

        threading.Thread(target=work, daemon=True).start()
        while (event := events.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event

    def close(self) -> None:
        """End the process and remove what it wrote."""
        self._workers.__exit__()
        shutil.rmtree(self._folder, ignore_errors=True)
