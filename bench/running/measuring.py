"""Measurements of the replicas of a pack, at one point of their budget after another."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from gan_bench.bench.common.memory import is_lack_of_memory
from gan_bench.bench.running.failures import summary
from gan_bench.bench.running.recorder import Recorder

SPENT = ("critic_updates", "generator_updates", "flop")
"""Costs of a point that go into its rows, beside kimg, iteration and seconds."""


class PackMeasuring:
    """Recorders of the replicas of a pack.

    Args:
        dataset, evaluator: as in the packages of those names.
        replicas: their number.
        together: extract the features of all replicas in one pass, which fills a GPU. On a CPU each is
            better alone: a thousand samples at a time stay in its cache.

    Attributes:
        recorders: one per replica.
        seconds: spent on each.
        failed: replica -> error in one line and traceback of the first measurement that raised; no later one
            is made.
    """

    def __init__(self, dataset: Any, evaluator: Any, replicas: int, together: bool) -> None:
        self.dataset, self.evaluator, self.together = dataset, evaluator, together
        self.recorders = [Recorder(dataset, evaluator) for _ in range(replicas)]
        self.seconds = [0.0] * replicas
        self.failed: dict[int, tuple[str, str]] = {}

    def measure(self, point: Any) -> None:
        """Measure the models of a `bench.engine.EvaluationPoint`.

        An exception fails its own replica; the last one is raised where all have failed, and one for lack of
        memory at once: the pack is tried again.
        """
        at = {name: getattr(point, name) for name in ("kimg", "iteration", "seconds", *SPENT)}
        alive = {i: m for i, m in enumerate(point.models) if m is not None and i not in self.failed}
        if self.together:
            self._extract(alive)
        for i, model in alive.items():
            if i not in self.failed:
                with self._measuring(i):
                    self.recorders[i].measure(model, at, final=point.final)

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what was measured before the end: tensors by name, and plain values; see :meth:`load`."""
        tensors: dict[str, Any] = {}
        of_replicas = []
        for i, recorder in enumerate(self.recorders):
            arrays, facts = recorder.state()
            tensors |= {f"{i}/{name}": array for name, array in arrays.items()}
            of_replicas.append(facts)
        failed = {str(i): list(error) for i, error in self.failed.items()}
        return tensors, {"recorders": of_replicas, "seconds": self.seconds, "failed": failed}

    def load(
        self, tensors: Mapping[str, Any], facts: Mapping[str, Any], points: Mapping[int, float] | None = None
    ) -> None:
        """Continue from the :meth:`state` of the same pack in an earlier process.

        With `points` it is the state at the end of a shorter training; see :meth:`Recorder.load`.
        """
        for i, (recorder, of_replica) in enumerate(zip(self.recorders, facts["recorders"], strict=True)):
            own = {n.removeprefix(f"{i}/"): t for n, t in tensors.items() if n.startswith(f"{i}/")}
            recorder.load(own, of_replica, points)
        self.seconds = list(facts["seconds"])
        self.failed = {int(i): (error, traceback) for i, (error, traceback) in facts["failed"].items()}

    def _extract(self, models: Mapping[int, Any]) -> None:
        """Make the samples of all replicas, and extract their features in one pass."""
        made = {}
        for i, model in models.items():
            with self._measuring(i):
                made[i] = self.recorders[i].samples_of(model)
        start = time.perf_counter()
        places = [(i, what) for i, outputs in made.items() for what in outputs]
        found = self.evaluator.extracted([made[i][what] for i, what in places])
        for (i, what), output in zip(places, found, strict=True):
            self.recorders[i].ahead[what] = output
        for i in made:
            self.seconds[i] += (time.perf_counter() - start) / len(made)

    @contextlib.contextmanager
    def _measuring(self, i: int) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.failed[i] = (summary(error), traceback.format_exc())
            if len(self.failed) == len(self.recorders) or is_lack_of_memory(error):
                raise
        self.seconds[i] += time.perf_counter() - start
