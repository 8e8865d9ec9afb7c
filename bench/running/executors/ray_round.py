"""One `execute` of a Ray cluster: which seat does which task, and what is heard of them."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.running.executors.base import (
    Call,
    Done,
    Event,
    Lost,
    Portable,
    Progressed,
    Said,
    Setup,
    Started,
)
from gan_bench.bench.running.places import Place

TRIES = 3
"""Times that a task is begun whose machine is lost each time."""
LOOKS = 2.0
"""Seconds between two looks for machines that have joined."""
PATIENCE = 30.0
"""Seconds without any machine after which tasks are given up."""


@dataclass(eq=False)
class Taken:
    """A seat of the cluster: its actor, and what it was last asked for."""

    node: str
    actor: Any
    pending: Any
    """A reference that is ready when the actor is, or the stream of events of a call."""
    name: str = ""
    checked: bool = False
    task: int | None = None
    held: contextlib.ExitStack | None = None


class Cluster(Protocol):
    """The cluster whose seats do the tasks, as `bench.running.executors.ray.RayCluster`.

    Attributes:
        ray: the library, connected.
        setup: of the run.
        place: where a task is done, as its process sees it.
        gpu: True if it has a GPU there.
        seats: those that were asked for.
        refused: machines that cannot do tasks of this run, and why.
    """

    ray: Any
    setup: Setup
    place: Place
    gpu: bool
    seats: list[Taken]
    refused: dict[str, str]

    def staff(self, wanted: int) -> None:
        """Ask for seats until there are as many as `wanted`."""
        ...


class Round:
    """One `execute` of a cluster: gives tasks to seats, and follows them to their end."""

    def __init__(
        self, cluster: Cluster, calls: Sequence[Portable], on_event: Callable[[Event], None]
    ) -> None:
        self.cluster, self.ray, self.calls, self.on_event = cluster, cluster.ray, calls, on_event
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
    def seats(self) -> list[Taken]:
        """The seats of the cluster."""
        return self.cluster.seats

    def _staff(self) -> None:
        """Look for machines now and then; give up where there has been none for too long."""
        now = time.monotonic()
        if self.seats:
            self.staffed = now
        if now - self.looked >= LOOKS and self.waiting:
            self.looked = now
            busy = sum(seat.task is not None for seat in self.seats)
            limit = self.cluster.setup.limit if not self.cluster.gpu else None
            self.cluster.staff(min(len(self.waiting) + busy, limit or len(self.calls)))
        refused = self.cluster.refused
        if not self.seats and refused and not self.works:
            raise UsageError(f"no machine of the Ray cluster can do this run: {'; '.join(refused.values())}")
        if now - self.staffed > PATIENCE:
            cause = f"no machine of the Ray cluster was left for {PATIENCE:.0f} s"
            while self.waiting:
                self.on_event(Started(task := self.waiting.popleft(), self.cluster.place))
                self.on_event(Lost(task, cause))

    def _give(self, seat: Taken) -> None:
        """Give the next task to a seat that is free."""
        while self.waiting and seat.task is None:
            task = self.waiting.popleft()
            held = contextlib.ExitStack()
            self.on_event(Started(task, self.cluster.place))
            if elsewhere := self.calls[task].claim(held):
                held.close()
                self.on_event(Done(task, tuple(elsewhere)))
                continue
            self.begun[task] += 1
            seat.task, seat.held = task, held
            seat.pending = self._stream(seat, self.calls[task].parcel())

    def _stream(self, seat: Taken, call: Call) -> Any:
        return seat.actor.do.options(num_returns="streaming").remote(call)

    def _listen(self, seat: Taken) -> None:
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

    def _events(self, seat: Taken) -> Iterator[Event]:
        """Yield the next event of a stream; a stream that is at its end leaves the seat free."""
        try:
            reference = next(seat.pending)
        except StopIteration:
            seat.pending = None
            return
        yield self.ray.get(reference)

    def _follow(self, seat: Taken, event: Event) -> None:
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

    def _judge(self, seat: Taken, event: Event) -> None:
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

    def _refuse(self, seat: Taken, why: str) -> None:
        self._drop(seat)
        if seat.node not in self.cluster.refused:
            text = f"{seat.name or 'a machine'}: {why}"
            self.cluster.refused[seat.node] = text
            self.on_event(Said(f"A machine of the Ray cluster is left out. {text}"))

    def _end(self, seat: Taken, event: Event) -> None:
        """Report the end of a seat's task, whose lease is given back."""
        if seat.held is not None:
            seat.held.close()
        seat.task = seat.held = None
        self.on_event(event)

    def _lose(self, seat: Taken, error: Exception) -> None:
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

    def _drop(self, seat: Taken) -> None:
        if seat.held is not None:
            seat.held.close()
        self.seats.remove(seat)
        self.ray.kill(seat.actor)
