"""On a Ray cluster: an existing one, or a local one that is started for the run.

Nothing is shared with the machines of the cluster but Ray itself. Each task is sent with the files that it
needs and returns its records. Machines that join are used, and tasks of lost machines are done elsewhere.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Self, cast

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.machine import switches
from gan_bench.bench.running.executors.base import Call, Event, Portable, Setup
from gan_bench.bench.running.executors.cluster import connected
from gan_bench.bench.running.executors.ray_round import Round, Taken
from gan_bench.bench.running.executors.seats import Seat
from gan_bench.bench.running.places import Place

CLOSING = 3.0
"""Seconds that processes have to end themselves."""


class RayCluster:
    """Places tasks on the machines of a Ray cluster, one at a time for each processor or share of a GPU.

    Its calls are `base.Portable`.

    Args:
        setup: of the run. Without an address a local cluster has a processor for each place.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        first = setup.places[0]
        self.gpu = is_gpu(first.device)
        self.place = Place("cuda:0" if self.gpu else first.device)  # Ray shows a process its own GPU only
        self._share = 1 / (setup.limit or 1)  # of a GPU
        self.seats: list[Taken] = []
        self.refused: dict[str, str] = {}
        """Machines that cannot do tasks of this run, and why."""
        self._left = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.ray = self._left.enter_context(connected(self.setup))
        return self

    def __exit__(self, *details: object) -> None:
        with self._left:
            seats, self.seats = self.seats, []
            closing = [seat.actor.close.remote() for seat in seats]
            for seat in seats:
                if seat.held is not None:
                    seat.held.close()
            self.ray.wait(closing, num_returns=len(closing), timeout=CLOSING) if closing else None
            for seat in seats:
                self.ray.kill(seat.actor)

    def execute(self, calls: Sequence[Call], on_event: Callable[[Event], None]) -> None:
        """Do all tasks, each as soon as a seat is free.

        Raises:
            UsageError: where no machine of the cluster can do them, with the reason for each.
        """
        Round(self, cast(Sequence[Portable], calls), on_event).play()

    def staff(self, wanted: int) -> None:
        """Ask for seats on the machines that are there, evenly, until there are as many as `wanted`."""
        taken = Counter(seat.node for seat in self.seats)
        free = [
            list(itertools.repeat(node["NodeID"], self._places(node) - taken[node["NodeID"]]))
            for node in self.ray.nodes()
            if node["Alive"] and node["NodeID"] not in self.refused
        ]
        in_turn = (node for row in itertools.zip_longest(*free) for node in row if node is not None)
        for node in itertools.islice(in_turn, max(0, wanted - len(self.seats))):
            self.seats.append(self._seat(node))

    def _places(self, node: dict[str, Any]) -> int:
        """Return the number of tasks that a machine may do at a time."""
        has = node["Resources"]
        return int(has.get("GPU", 0) / self._share) if self.gpu else int(has.get("CPU", 0))

    def _seat(self, node: str) -> Taken:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(node, soft=False)
        needs = {"num_cpus": 0, "num_gpus": self._share} if self.gpu else {"num_cpus": 1}
        remote = self.ray.remote(**needs, max_restarts=0, max_concurrency=2, scheduling_strategy=there)(Seat)
        actor = remote.remote(self.place, self.setup.ahead, switches(), self.setup.timeout)
        return Taken(node, actor, actor.name.remote())
