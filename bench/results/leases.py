"""Leases: a run that trains a pack says so in the folder of results, and other runs take other packs.

    RESULTS/leases/<pack id>.json       who trains it; renewed while it trains, and free some time after

A lease saves work and decides nothing: if two runs do train one pack, the store keeps one of its records.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.bench.results.leftovers import alive, machine

EXPIRES = 90.0
"""Seconds without renewal after which a lease is free."""
RENEWED = 15.0
"""Seconds between two renewals."""


@dataclass(frozen=True)
class Holder:
    """The process that holds a lease."""

    host: str
    process: int
    machine: str
    token: str

    @property
    def who(self) -> str:
        """Return a text for messages: `process 12 of host`."""
        return f"process {self.process} of {self.host}" if self.process else "a process that left no name"


@contextlib.contextmanager
def taken(results: Path, name: str) -> Iterator[Holder | None]:
    """Hold a lease inside a ``with`` block; gives None, or another holder where there is one.

    Args:
        results: the folder of results, on a shared file system for several machines.
        name: of the lease: the pack's id.

    Raises:
        OSError: where the folder cannot be written.
    """
    folder = results / "leases"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    mine = Holder(socket.gethostname(), os.getpid(), machine(), secrets.token_hex(8))
    if not _create(path, mine) and not (_free(path) and _create(path, mine)):
        yield _read(path) or Holder("", 0, "", "")
        return
    ended = threading.Event()
    renewal = threading.Thread(target=_renew, args=(path, ended), daemon=True)
    renewal.start()
    try:
        yield None
    finally:
        ended.set()
        renewal.join()
        if (holder := _read(path)) is not None and holder.token == mine.token:
            path.unlink(missing_ok=True)


def held(results: Path, name: str) -> bool:
    """Return whether a process holds this lease."""
    path = results / "leases" / f"{name}.json"
    return path.exists() and not _expired(path, _read(path))


def _create(path: Path, holder: Holder) -> bool:
    """Write the file of a lease; return False where there is one. File systems make one of several win."""
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    try:
        with os.fdopen(file, "w", encoding="utf-8") as written:
            json.dump(holder.__dict__, written)
    except BaseException:  # a full disk, Ctrl-C: an empty lease would hold others up until it expires
        path.unlink(missing_ok=True)
        raise
    return True


def _free(path: Path) -> bool:
    """Remove a lease whose holder is gone; return whether it was removed."""
    holder = _read(path)
    if not _expired(path, holder):
        return False
    old = path.with_name(f".{path.stem}-{secrets.token_hex(8)}")
    with contextlib.suppress(FileNotFoundError):  # another process was faster
        os.rename(path, old)
        if _read(old) == holder:
            old.unlink()
            return True
        with contextlib.suppress(FileExistsError):  # one that was taken meanwhile: it goes back
            os.link(old, path)
        old.unlink()
    return False


def _expired(path: Path, holder: Holder | None) -> bool:
    """Return whether a lease was not renewed for too long, or belongs to a process that is gone."""
    try:
        age = _now(path.parent) - path.stat().st_mtime
    except FileNotFoundError:
        return True
    mine = holder is not None and holder.machine == machine()
    return age > EXPIRES or (mine and not alive(holder.process))  # type: ignore[union-attr]


def _now(folder: Path) -> float:
    """Return the time by the clock of the file system, with which the clocks of machines need not agree.

    Where nothing can be written it is the time of this machine.
    """
    probe = folder / f".now-{secrets.token_hex(8)}"
    try:
        probe.touch()
        return probe.stat().st_mtime
    except OSError:
        return time.time()
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


def _renew(path: Path, ended: threading.Event) -> None:
    while not ended.wait(RENEWED):
        with contextlib.suppress(OSError):  # removed, or out of reach for a while: training goes on
            os.utime(path)


def _read(path: Path) -> Holder | None:
    """Return the holder that a lease names; None while it is being written, or where it is damaged."""
    try:
        content: Any = json.loads(path.read_text("utf-8"))
        return Holder(str(content["host"]), int(content["process"]), content["machine"], content["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
