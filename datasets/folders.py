"""The folders of data files, and the user's cache folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gan_bench.datasets.base import DatasetError


class Unreachable(DatasetError):
    """Files are in none of the folders and could not be downloaded; a stand-in may replace the dataset."""


def cache_folder() -> Path:
    """Return GAN_BENCH_CACHE, else XDG_CACHE_HOME/gan-bench, else ~/.cache/gan-bench; it need not exist."""
    if chosen := os.environ.get("GAN_BENCH_CACHE"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "gan-bench"


def data_roots() -> tuple[Path, ...]:
    """Return the folders in BENCH_DATA, separated as in PATH; empty if it is not set."""
    parts = os.environ.get("BENCH_DATA", "").split(os.pathsep)
    return tuple(Path(part).expanduser() for part in parts if part)


@dataclass(frozen=True)
class Folders:
    """The folders in which a dataset looks for its files, in this order.

    Attributes:
        roots: the user's data folders, in torchvision's layout; read only.
        cache: folder for downloads, in the same layout; created on the first download.
        allow_download: whether the network may be used.
    """

    roots: tuple[Path, ...]
    cache: Path
    allow_download: bool = True

    @classmethod
    def of(
        cls, roots: Sequence[Path | str] = (), cache: Path | None = None, allow_download: bool = True
    ) -> Self:
        """Return the folders, by default BENCH_DATA's and the user's cache.

        Raises:
            DatasetError: for a root that is no folder: without it a run would train on other data.
        """
        chosen = tuple(Path(root).expanduser() for root in roots)
        origin = "--data-dir" if chosen else "BENCH_DATA"
        for root in (chosen := chosen or data_roots()):
            if not os.path.isdir(root):  # unlike Path.is_dir, False also for one behind a locked folder
                raise DatasetError(
                    f"the data folder '{root}' (from {origin}) is not a folder that can be read"
                )
        return cls(chosen, (cache or cache_folder()) / "datasets", allow_download)
