"""Tasks of a run, what their process must know of it, and their results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Status as Recorded
from gan_bench.bench.running.places import Place


@dataclass(frozen=True)
class RunContext:
    """All that a process must know of a run to do its tasks: pickled with each of them."""

    out: Path
    """The folder of the store."""
    device: str = "cpu"
    data_roots: tuple[Path, ...] = ()
    inception: str | None = None
    """A weights file of Inception, or `download`."""
    plugins: tuple[Path, ...] = ()
    profiles: tuple[tuple[str, str | None], ...] = ()
    """Name and SHA-256 of the user's file of searched profiles, for records."""
    turn: Path | None = None
    """As in `bench.running.places.Place`."""

    def at(self, place: Place) -> RunContext:
        """Return the context of tasks that are done at a place."""
        return replace(self, device=place.device, turn=place.turn)


@dataclass(frozen=True)
class Task:
    """A pack to train, or trials to measure again from their checkpoints."""

    kind: Literal["train", "evaluate"]
    pack: Pack


Status = Recorded | Literal["elsewhere"]
"""Status of a record, or that another run has the trial."""


@dataclass(frozen=True)
class Result:
    """The outcome of one trial of a task, for the terminal; `error` names the other run of one elsewhere."""

    trial: Trial
    status: Status
    seconds: float = 0.0
    metric: str = ""
    value: float | None = None
    error: str | None = None
    memory: bool = False
    """True for a trial that failed because memory ran out."""
    unwritable: bool = False
    """True for a trial that failed because its record could not be written, as any later one could not."""
    notices: tuple[str, ...] = ()
    """A sentence for the user on a trial that is finished; its record states it as well."""
    parcel: bytes = b""
    """In a task's first result: its records, where they were written on a machine that shares no files."""


Report = Callable[[float, int, float], None]
"""Called with kimg per replica, iteration and training seconds so far."""
