"""Snapshots of a pack while it trains: every minute or later, at a small share of the training time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.provenance import device_kind, provenance
from gan_bench.bench.engine.snapshots import Snapshot
from gan_bench.bench.planning.evaluators import protocol_of
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.results.unfinished import Unfinished
from gan_bench.bench.running.measuring import PackMeasuring
from gan_bench.bench.running.task import RunContext

LEAST = 60.0
"""Seconds of training between two snapshots, at least; a shorter training has none."""
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
        trouble: the reason why a snapshot could not be read or written, or an empty text.
    """

    def __init__(self, pack: Pack, context: RunContext, measuring: PackMeasuring) -> None:
        self._measuring = measuring
        trial_keys = tuple(trial.key for trial in pack.trials)
        self.place = Unfinished(context.out, pack.id, trial_keys, _identity(pack, context, measuring))
        self.continued_at: int | None = None
        self.trouble = ""
        self._last, self._interval = 0.0, LEAST

    def load(self) -> Snapshot | None:
        """Return the snapshot of an earlier process, or None where there is none that can be used."""
        try:
            found = self.place.read()
        except (UsageError, OSError) as error:
            self.trouble = f"started again, because its snapshot cannot be used: {error}"
            return None
        return None if found is None else Snapshot(*found)

    def continued(self, snapshot: Snapshot) -> None:
        """Continue measuring from a snapshot, too."""
        tensors = {
            name.removeprefix(MEASURED): tensor
            for name, tensor in snapshot.tensors.items()
            if name.startswith(MEASURED)
        }
        self._measuring.load(tensors, snapshot.facts["measured"])
        self.continued_at = snapshot.facts["iteration"]
        self._last = snapshot.facts["seconds"]

    def due(self, seconds: float) -> bool:
        """Return whether enough training has passed since the last snapshot."""
        return seconds - self._last >= self._interval

    def keep(self, take: Callable[[], Snapshot]) -> None:
        """Take a snapshot and write it; the next one is due when this one's time is a small share."""
        start = time.perf_counter()
        snapshot = take()
        tensors, measured = self._measuring.state()
        named = {f"{MEASURED}{name}": tensor for name, tensor in tensors.items()}
        try:
            self.place.write({**snapshot.tensors, **named}, {**snapshot.facts, "measured": measured})
        except OSError as error:  # a full disk must not end the training
            self.trouble = f"could not be kept while training: {error}"
        self._last = snapshot.facts["seconds"]
        self._interval = max(LEAST, (time.perf_counter() - start) / SHARE)


def _identity(pack: Pack, context: RunContext, measuring: PackMeasuring) -> dict[str, Any]:
    """Return what bits and rows depend on beside the trials' keys."""
    facts = provenance(context.device, context.plugins)
    device = device_kind(context.device) if is_gpu(context.device) else "cpu"
    return {
        "way": pack.way,
        "device": device,
        "code": facts["code"],
        "versions": facts["versions"],
        "plugins": facts["plugins"],
        "protocol": keys.digest(protocol_of(measuring.evaluator)),
    }
