"""Folders of a store that no table reads: what was set aside or archived, and kept states of trainings."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from gan_bench.bench.results import leases, unfinished
from gan_bench.bench.results.store import Store

UNREAD = ("set-aside", "archive", unfinished.FOLDER, unfinished.ENDS)


@dataclass(frozen=True)
class Unread:
    """A folder that can be removed.

    Attributes:
        path: the folder.
        files: number of files in it.
        size: bytes of all of them.
    """

    path: Path
    files: int
    size: int


def unread(store: Store) -> list[Unread]:
    """Return the folders that no table reads, the largest first."""
    found = [path for name in UNREAD for path in sorted((store.root / name).glob("*")) if path.is_dir()]
    folders = [path for path in found if not leases.held(store.root, path.name)]  # or being trained now
    return sorted(map(_measured, folders), key=lambda each: -each.size)


def remove(folders: list[Unread], store: Store) -> None:
    """Remove these folders, and what ended processes left unfinished; raise OSError where that fails."""
    for each in folders:
        shutil.rmtree(each.path)
    for name in UNREAD:
        if (parent := store.root / name).is_dir() and not any(parent.iterdir()):
            parent.rmdir()
    store.sweep()


def _measured(folder: Path) -> Unread:
    sizes = [
        os.lstat(os.path.join(place, name)).st_size for place, _, names in os.walk(folder) for name in names
    ]
    return Unread(folder, len(sizes), sum(sizes))
