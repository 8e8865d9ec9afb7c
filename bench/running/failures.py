"""Failed records: the errors of tasks, kept in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gan_bench.bench.common.plugins import sentence_of
from gan_bench.bench.common.provenance import provenance
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.task import Result, RunContext, Task


def summary(error: Exception) -> str:
    """Return the first line of an error's sentence, with file and line where code of a plug-in raised it."""
    return sentence_of(error).strip().splitlines()[0]


def provenance_of(context: RunContext, pack: Pack, slot: int) -> dict[str, Any]:
    """Return the provenance of the trial at place `slot` of a pack: this process, the pack, the time."""
    facts = {"id": pack.id, "size": len(pack.trials), "slot": slot, "way": pack.way}
    process = provenance(context.device, context.plugins)
    return {
        **process,
        "profiles": dict(context.profiles),
        "pack": facts,
        "finished": datetime.now(UTC).isoformat(),
    }


def record_failure(task: Task, context: RunContext, error: str, traceback: str | None = None) -> list[Result]:
    """Write failed records for those trials of a task that have none; needs no torch, raises no OSError."""
    if task.kind == "evaluate":  # the trials keep their records
        return failures(task, error)
    store = Store(context.out)
    return [
        record_failed(store, task.pack, slot, error, traceback, provenance_of(context, task.pack, slot))
        for slot in range(len(task.pack.trials))
    ]


def failures(task: Task, error: str) -> list[Result]:
    """Return the results of a task that failed as a whole."""
    return [Result(trial, "failed", error=error) for trial in task.pack.trials]


def record_failed(
    store: Store, pack: Pack, slot: int, error: str, traceback: str | None, facts: Mapping[str, Any]
) -> Result:
    """Write a failed record of the trial at place `slot` of a pack, with `facts` as its provenance."""
    trial, written = pack.trials[slot], True
    try:
        store.add(Record(trial, "failed", error, traceback, provenance=facts))
    except OSError as unwritable:  # a full disk: say it, and let the rest go on
        written, error = False, f"{error}; and its record cannot be written: {unwritable}"
    return Result(trial, "failed", error=error, unwritable=not written)
