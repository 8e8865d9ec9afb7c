"""Places of a run, where one task is done at a time: a device, and a turn to train where two share it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.errors import UsageError
from gan_bench.cores import cores
from gan_bench.names import counted

try:
    import fcntl
except ImportError:  # not POSIX: all places train at once
    fcntl = None  # type: ignore[assignment]

SHARING = 2
"""Places for each job of a GPU: one trains while the other measures."""
PER_CORE = 8
"""Jobs for each core of this machine, at most: each is a process, with libraries of 0.3 GB or more."""
MOST_JOBS = 10_000
"""Jobs on each device of a cluster, at most: Ray divides a GPU into no smaller shares."""


def check_jobs(jobs: int | None, devices: Sequence[str], here: bool) -> None:
    """Raise UsageError for more jobs than there can be processes.

    Args:
        jobs: that the user asked for, on each device; None: the default, which is always possible.
        devices: as `bench.common.devices.choose_devices` returns them.
        here: the processes are those of this machine, and not of a cluster.
    """
    most = max(1, PER_CORE * cores() // len(devices)) if here else MOST_JOBS
    if jobs is not None and jobs > most:
        why = (
            f"each is a process, and this machine has {counted(cores(), 'core')}" if here else "of a cluster"
        )
        raise UsageError(f"--jobs {jobs}: expected a number from 1 to {most:,} ({why})")


@dataclass(frozen=True)
class Place:
    """A place.

    Attributes:
        device: where to train and to measure.
        turn: a file that is locked while training; places with the same file train one at a time.
    """

    device: str = "cpu"
    turn: Path | None = None


def places(devices: Sequence[str], jobs: int, folder: Path) -> list[Place]:
    """Return the places of a run; the first ones are on different devices.

    On a CPU there is a place for each job: measuring takes the core that trains. On a GPU measuring is mostly
    launches and waiting, so a job has :data:`SHARING` places that train in turns. What is calculated depends
    on none of this.

    Args:
        devices: as `bench.common.devices.choose_devices` returns them.
        jobs: packs that train at a time on each device.
        folder: for the files of turns.
    """
    if not is_gpu(devices[0]):
        return [Place(device) for _ in range(jobs) for device in devices]
    sharing = [
        Place(device, folder / f"{device.replace(':', '-')}-{job}")
        for job in range(jobs)
        for device in devices
    ]
    return sharing * SHARING


class Turn:
    """The turn to train at a place. A process that dies gives it back.

    Args:
        path: of the place's file; None where nobody else trains there.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path if fcntl is not None else None
        self._file: int | None = None

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Within, no other process has the turn; wait for it first."""
        if self._path is None:
            yield
            return
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(self._file)  # which gives the turn back
            self._file = None

    @contextlib.contextmanager
    def given_up(self) -> Iterator[None]:
        """Inside of :meth:`taken`: let others have the turn meanwhile."""
        if self._file is None:
            yield
            return
        fcntl.flock(self._file, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_EX)
