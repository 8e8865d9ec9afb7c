"""Folders that are written or moved aside, and what processes that ended have left of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gan_bench.bench.common.files import write

OLD = 24 * 3600.0
"""Seconds after which an unfinished folder is abandoned, whichever machine it is of."""


@contextlib.contextmanager
def aside(trials: Path, key: str) -> Iterator[Path]:
    """Give a new folder beside the trials, to be filled and renamed; what is left of it is removed.

    Its name has a random end: a process id alone returns, in containers within minutes.
    """
    trials.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".new-{key}-{_host()}-{os.getpid()}-", dir=trials))
    folder.chmod(0o777 & ~_umask())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(trials: Path) -> None:
    """Remove unfinished folders of processes of this machine that are gone, and old ones of any."""
    for folder in trials.glob(".new-*"):
        words = folder.name.split("-")
        mine = len(words) > 3 and words[2] == _host() and words[3].split(".")[0].isdecimal()
        gone = mine and not alive(int(words[3].split(".")[0]))
        with contextlib.suppress(FileNotFoundError):  # another process may sweep at the same time
            if gone or time.time() - folder.stat().st_mtime > OLD:
                shutil.rmtree(folder, ignore_errors=True)


def move(results: Path, these: Sequence[Path], into: str) -> Path | None:
    """Move folders and files to a new folder named after the time; returns it, or None without any."""
    if not these:
        return None
    (results / into).mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ-")
    folder = Path(tempfile.mkdtemp(prefix=stamp, dir=results / into))
    for path in these:
        target = folder / path.relative_to(results)
        target.parent.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # another run was faster
            os.rename(path, target)
    return folder


def set_aside(results: Path, found: Mapping[Path, str]) -> Path | None:
    """Move damaged files, folders and links to set-aside/<time>/, with what is wrong; returns as `move`."""
    folder = move(results, [path for path in found if os.path.lexists(path)], "set-aside")
    if folder is not None:
        write(folder / "why.txt", "".join(f"{why}\n" for why in found.values()))
    return folder


def alive(pid: int) -> bool:
    """Return whether a process of this machine has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def machine() -> str:
    """Return an id of what gives out process ids: this boot of this machine, or of this container."""
    parts = []
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        with contextlib.suppress(OSError):
            parts.append(os.readlink(path) if "/ns/" in path else Path(path).read_text().strip())
    return " ".join([socket.gethostname(), *parts])


def _host() -> str:
    """Return it as 12 hex digits, for names: containers of a machine may have its name and their own ids."""
    return hashlib.sha256(machine().encode()).hexdigest()[:12]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
