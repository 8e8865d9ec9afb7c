"""On a Ray cluster: an existing one, or a local one that is started for the run.

Nothing is shared with the machines of the cluster but Ray itself. Each task is sent with the files that it
needs and returns its records. Machines that join are used, and tasks of lost machines are done elsewhere.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, cast

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.machine import switches
from gan_bench.bench.running.executors.base import Call, Done, Event, Lost, Progressed, Said, Setup, Started
from gan_bench.bench.running.executors.cluster import connected
from gan_bench.bench.running.executors.seats import Seat
from gan_bench.bench.running.places import Place
from gan_bench.bench.running.task import Result

TRIES = 3
"""Times that a task is begun whose machine is lost each time."""
LOOKS = 2.0
"""Seconds between two looks for machines that have joined."""
PATIENCE = 30.0
"""Seconds without any machine after which tasks are given up."""
CLOSING = 3.0
"""Seconds that processes have to end themselves."""


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


@dataclass(eq=False)
class _Taken:
    """A seat of the cluster: its actor, and what it was last asked for."""

    node: str
    actor: Any
    pending: Any
    """A reference that is ready when the actor is, or the stream of events of a call."""
    name: str = ""
    checked: bool = False
    task: int | None = None
    held: contextlib.ExitStack | None = None


class RayCluster:
    """Places tasks on the machines of a Ray cluster, one at a time for each processor or share of a GPU.

    Its calls are :class:`Portable`.

    Args:
        setup: of the run. Without an address a local cluster has a processor for each place.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        first = setup.places[0]
        self._gpu = is_gpu(first.device)
        self._place = Place("cuda:0" if self._gpu else first.device)  # Ray shows a process its own GPU only
        self._share = 1 / (setup.limit or 1)  # of a GPU
        self._seats: list[_Taken] = []
        self._refused: dict[str, str] = {}
        """Machines that cannot do tasks of this run, and why."""
        self._left = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._ray = self._left.enter_context(connected(self._setup))
        return self

    def __exit__(self, *details: object) -> None:
        with self._left:
            seats, self._seats = self._seats, []
            closing = [seat.actor.close.remote() for seat in seats]
            for seat in seats:
                if seat.held is not None:
                    seat.held.close()
            self._ray.wait(closing, num_returns=len(closing), timeout=CLOSING) if closing else None
            for seat in seats:
                self._ray.kill(seat.actor)

    def execute(self, calls: Sequence[Call], on_event: Callable[[Event], None]) -> None:
        """Do all tasks, each as soon as a seat is free.

        Raises:
            UsageError: where no machine of the cluster can do them, with the reason for each.
        """
        _Round(self, cast(Sequence[Portable], calls), on_event).play()

    def staff(self, wanted: int) -> None:
        """Ask for seats on the machines that are there, evenly, until there are as many as `wanted`."""
        taken = Counter(seat.node for seat in self._seats)
        free = [
            list(itertools.repeat(node["NodeID"], self._places(node) - taken[node["NodeID"]]))
            for node in self._ray.nodes()
            if node["Alive"] and node["NodeID"] not in self._refused
        ]
        in_turn = (node for row in itertools.zip_longest(*free) for node in row if node is not None)
        for node in itertools.islice(in_turn, max(0, wanted - len(self._seats))):
            self._seats.append(self._seat(node))

    def _places(self, node: dict[str, Any]) -> int:
        """Return the number of tasks that a machine may do at a time."""
        has = node["Resources"]
        return int(has.get("GPU", 0) / self._share) if self._gpu else int(has.get("CPU", 0))

    def _seat(self, node: str) -> _Taken:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(node, soft=False)
        needs = {"num_cpus": 0, "num_gpus": self._share} if self._gpu else {"num_cpus": 1}
        remote = self._ray.remote(**needs, max_restarts=0, max_concurrency=2, scheduling_strategy=there)(Seat)
        actor = remote.remote(self._place, self._setup.ahead, switches(), self._setup.timeout)
        return _Taken(node, actor, actor.name.remote())


class _Round:
    """One `execute` of a cluster."""

    def __init__(
        self, cluster: RayCluster, calls: Sequence[Portable], on_event: Callable[[Event], None]
    ) -> None:
        self.cluster, self.ray, self.calls, self.on_event = cluster, cluster._ray, calls, on_event
        self.waiting = deque(range(len(calls)))
        self.begun: Counter[int] = Counter()
        self.looked = self.staffed = -PATIENCE
        self.works = False
        """True once a machine has passed its check."""

    def play(self) -> None:
        """Give tasks to seats and listen to them, until none is left."""
        self.staffed = time.monotonic()
        while self.waiting or any(seat.task is not None for seat in self.seats):
            self._staff()
            for seat in self.seats:
                if seat.checked and seat.pending is None:
                    self._give(seat)
            pending = {seat.pending: seat for seat in self.seats if seat.pending is not None}
            if not pending:
                time.sleep(0.1 if self.waiting else 0)
                continue
            for reference in self.ray.wait(list(pending), timeout=0.5)[0]:
                self._listen(pending[reference])

    @property
    def seats(self) -> list[_Taken]:
        return self.cluster._seats

    def _staff(self) -> None:
        """Look for machines now and then; give up where there has been none for too long."""
        now = time.monotonic()
        if self.seats:
            self.staffed = now
        if now - self.looked >= LOOKS and self.waiting:
            self.looked = now
            busy = sum(seat.task is not None for seat in self.seats)
            limit = self.cluster._setup.limit if not self.cluster._gpu else None
            self.cluster.staff(min(len(self.waiting) + busy, limit or len(self.calls)))
        refused = self.cluster._refused
        if not self.seats and refused and not self.works:
            raise UsageError(f"no machine of the Ray cluster can do this run: {'; '.join(refused.values())}")
        if now - self.staffed > PATIENCE:
            cause = f"no machine of the Ray cluster was left for {PATIENCE:.0f} s"
            while self.waiting:
                self.on_event(Started(task := self.waiting.popleft(), self.cluster._place))
                self.on_event(Lost(task, cause))

    def _give(self, seat: _Taken) -> None:
        """Give the next task to a seat that is free."""
        while self.waiting and seat.task is None:
            task = self.waiting.popleft()
            held = contextlib.ExitStack()
            self.on_event(Started(task, self.cluster._place))
            if elsewhere := self.calls[task].claim(held):
                held.close()
                self.on_event(Done(task, tuple(elsewhere)))
                continue
            self.begun[task] += 1
            seat.task, seat.held = task, held
            seat.pending = self._stream(seat, self.calls[task].parcel())

    def _stream(self, seat: _Taken, call: Call) -> Any:
        return seat.actor.do.options(num_returns="streaming").remote(call)

    def _listen(self, seat: _Taken) -> None:
        """Take in what a seat has to say: that it is there, an event, or that it is lost."""
        from ray.exceptions import RayActorError

        try:
            if not seat.name:
                seat.name = self.ray.get(seat.pending)
                seat.pending = self._stream(seat, self.calls[0].check())
                return
            for event in self._events(seat):
                self._follow(seat, event)
        except RayActorError as error:
            self._lose(seat, error)

    def _events(self, seat: _Taken) -> Iterator[Event]:
        """Yield the next event of a stream; a stream that is at its end leaves the seat free."""
        try:
            reference = next(seat.pending)
        except StopIteration:
            seat.pending = None
            return
        yield self.ray.get(reference)

    def _follow(self, seat: _Taken, event: Event) -> None:
        if not seat.checked:
            self._judge(seat, event)
        elif seat.task is None or isinstance(event, Started):
            return
        elif isinstance(event, Progressed):
            self.on_event(Progressed(seat.task, event.kimg, event.iteration, event.seconds))
        elif isinstance(event, Done):
            results = self.calls[seat.task].receive(event.results)
            self._end(seat, Done(seat.task, results))
        elif isinstance(event, Lost):
            self._end(seat, replace(event, task=seat.task, cause=f"{seat.name}: {event.cause}"))

    def _judge(self, seat: _Taken, event: Event) -> None:
        """Take in the outcome of a check; a machine that fails it is left out."""
        problems: Sequence[Any] = ()
        if isinstance(event, Done):
            problems = event.results
        elif isinstance(event, Lost):
            problems = [event.cause]
        if isinstance(event, Done) and not problems:
            seat.checked = self.works = True
        elif problems:
            self._refuse(seat, "; ".join(map(str, problems)))

    def _refuse(self, seat: _Taken, why: str) -> None:
        self._drop(seat)
        if seat.node not in self.cluster._refused:
            text = f"{seat.name or 'a machine'}: {why}"
            self.cluster._refused[seat.node] = text
            self.on_event(Said(f"A machine of the Ray cluster is left out. {text}"))

    def _end(self, seat: _Taken, event: Event) -> None:
        """Report the end of a seat's task, whose lease is given back."""
        if seat.held is not None:
            seat.held.close()
        seat.task = seat.held = None
        self.on_event(event)

    def _lose(self, seat: _Taken, error: Exception) -> None:
        """Put the task of a seat that is gone first in the queue again."""
        task = seat.task
        why = "the machine was lost" if "node has died" in str(error) else "its process was lost"
        if not seat.checked:
            self._refuse(
                seat, f"{why} before it did anything ({str(error).strip().splitlines()[-1].strip()})"
            )
            return
        self._drop(seat)
        if task is None:
            return
        if self.begun[task] < TRIES:
            self.on_event(Said(f"{seat.name}: {why}; a pack is begun again elsewhere."))
            self.waiting.appendleft(task)
        else:
            self.on_event(Lost(task, f"{seat.name}: {why}, as in {TRIES - 1} tries before"))

    def _drop(self, seat: _Taken) -> None:
        if seat.held is not None:
            seat.held.close()
        self.seats.remove(seat)
        self.ray.kill(seat.actor)
