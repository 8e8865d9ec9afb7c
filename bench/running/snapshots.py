"""Snapshots of a pack: every minute or later, at a small share of the training time, and at its end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.snapshots import Snapshot
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.longer import obstacle
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.results.unfinished import Unfinished
from gan_bench.bench.running.identity import end_of, identity_of
from gan_bench.bench.running.measuring import PackMeasuring
from gan_bench.bench.running.task import RunContext

LEAST = 60.0
"""Seconds of training between two snapshots, at least; a shorter training has none, also of its end."""
SHARE = 0.02
"""Share of the training time that snapshots may take."""
MEASURED = "measured/"
"""Beginning of the names of tensors that belong to what was measured."""


class PackSnapshots:
    """Keeps the last snapshot of a pack in the folder of results, with what was measured so far.

    Args:
        pack: the pack.
        context: of the run.
        measuring: of the pack; it continues from the snapshot, too.

    Attributes:
        continued_at: the iteration after which the training continues from an earlier process, or None.
        continued_from: length in kimg of the shorter training that this one continues, or None.
        trouble: the reason why a snapshot could not be read or written, or an empty text.
    """

    def __init__(self, pack: Pack, context: RunContext, measuring: PackMeasuring) -> None:
        self._measuring, self._trial, self._data = measuring, pack.trials[0], measuring.dataset
        trial_keys = tuple(trial.key for trial in pack.trials)
        identity = identity_of(pack, context, measuring.evaluator)
        self.place = Unfinished(context.out, pack.id, trial_keys, identity)
        self.end = end_of(pack, context.out, identity)
        self.continued_at: int | None = None
        self.continued_from: float | None = None
        self.trouble = ""
        self._last, self._interval = 0.0, LEAST

    def load(self) -> Snapshot | None:
        """Return the snapshot of an earlier process, or None where there is none that can be used.

        It is one of this training, or one of the end of a shorter training of the same course.
        """
        try:
            found = self.place.read() or self._shorter()
        except (UsageError, OSError) as error:
            self.trouble = f"started again, because its snapshot cannot be used: {error}"
            return None
        return None if found is None else Snapshot(*found)

    def _shorter(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        about = self.end.about()
        if about is None or about["kimg"] >= self._trial.kimg:
            return None
        if obstacle(self._trial, about["kimg"], about["points"], self._data) is not None:
            return None
        return self.end.read()

    def continued(self, snapshot: Snapshot) -> None:
        """Continue measuring from a snapshot, too."""
        tensors = {
            name.removeprefix(MEASURED): tensor
            for name, tensor in snapshot.tensors.items()
            if name.startswith(MEASURED)
        }
        course = catalogue.course(self._trial, self._data)
        at = [course.iterations_until(kimg) for kimg in self._trial.points]
        points = {iteration: course.images_until(iteration) / 1000 for iteration in at}
        same = snapshot.facts["iterations"] == course.iterations
        self._measuring.load(tensors, snapshot.facts["measured"], None if same else points)
        self.continued_from = snapshot.facts["continued_from"] if same else snapshot.facts["kimg"]
        self.continued_at = snapshot.facts["iteration"]
        self._last = snapshot.facts["seconds"]

    def due(self, seconds: float) -> bool:
        """Return whether enough training has passed since the last snapshot."""
        return seconds - self._last >= self._interval

    def keep(self, take: Callable[[], Snapshot]) -> None:
        """Take a snapshot and write it; the next one is due when this one's time is a small share."""
        start = time.perf_counter()
        self._write(self.place, snapshot := take())
        self._last = snapshot.facts["seconds"]
        self._interval = max(LEAST, (time.perf_counter() - start) / SHARE)

    def ended(self, seconds: float, take: Callable[[], Snapshot]) -> None:
        """Keep the end of a training of a minute or more, unless a replica failed or a longer end is kept."""
        if seconds < LEAST or self._measuring.failed:
            return
        with contextlib.suppress(UsageError):  # a damaged one gives way
            if (self.end.about() or {"kimg": 0.0})["kimg"] >= self._trial.kimg:
                return
        snapshot = take()
        if any(snapshot.facts["history"]["diverged_at"]):
            return
        self._write(self.end, snapshot, {"kimg": self._trial.kimg, "points": list(self._trial.points)})

    def _write(self, place: Unfinished, snapshot: Snapshot, about: Mapping[str, Any] | None = None) -> None:
        tensors, measured = self._measuring.state()
        named = {f"{MEASURED}{name}": tensor for name, tensor in tensors.items()}
        facts = {"measured": measured, "kimg": self._trial.kimg, "continued_from": self.continued_from}
        try:
            place.write({**snapshot.tensors, **named}, {**snapshot.facts, **facts}, about)
        except OSError as error:  # a full disk must not end the training
            self.trouble = f"could not be kept while training: {error}"
