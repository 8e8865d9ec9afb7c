"""Downloads into the cache, from the mirrors that torchvision publishes.

torchvision's own transfer has no time limit: behind a firewall that drops packets it waits for minutes.
pooch's has one, but not for name look-ups, so it runs in a thread and is given up after `LIMIT` seconds
without data.
The failure is recorded for `MEMORY` seconds, so that other loads do not wait again.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pooch
import requests

from gan_bench.datasets.base import DatasetError
from gan_bench.datasets.folders import Folders, Unreachable

LIMIT = 8.0  # seconds without a byte; with the import of torchvision under 10
MEMORY = 300.0  # seconds for which an unreachable network is not tried again
CHUNK = 1 << 16
HEADERS = {
    "User-Agent": "gan-bench",
    "Accept-Encoding": "identity",
}  # files as they are: checksums are theirs

log = logging.getLogger(__name__)
pooch.get_logger().setLevel(logging.WARNING)  # it would tell of every file, while a bar shows the progress
_given_up: dict[Path, float] = {}  # for processes that cannot write the marker


class Published(Protocol):
    """Files that are published under one or more addresses."""

    @property
    def title(self) -> str:
        """Return the name for messages."""

    def lacking(self, cache: Path) -> Mapping[Path, str]:
        """Return the files that a cache lacks, with their SHA-256."""

    def mirrors(self) -> Sequence[str]:
        """Return the addresses to which names of files are appended."""


def fetch(
    files: Published, folders: Folders, *, mirrors: Sequence[str] | None = None, limit: float = LIMIT
) -> None:
    """Download the files that the cache lacks; each is checked, then renamed into place.

    Args:
        files: the files and their checksums.
        folders: the cache, and whether downloads are allowed.
        mirrors: addresses to which file names are appended; default: torchvision's.
        limit: seconds without data after which the network counts as unreachable.

    Raises:
        Unreachable: if no mirror provides the files.
        DatasetError: for a download with a wrong checksum, or a cache that cannot be written.
    """
    if not folders.allow_download:
        raise Unreachable("downloads are switched off")
    marker = folders.cache / "unreachable"
    if (age := _age(marker)) < MEMORY:
        raise Unreachable(f"the network was out of reach {age:.0f} s ago (to try again now, remove {marker})")
    transfer = _Transfer(files, files.lacking(folders.cache), limit, mirrors)
    transfer.start()
    while transfer.is_alive() and (left := transfer.last_data + limit - time.monotonic()) > 0:
        transfer.join(left)
    if transfer.is_alive():
        transfer.abandoned.set()
        transfer.error = Unreachable(f"the network is out of reach: no data for {limit:g} s")
    if isinstance(transfer.error, Unreachable) and not transfer.refused:
        _remember(marker)
    if transfer.error:
        raise transfer.error


class _Transfer(threading.Thread):
    """Download files one after another; `last_data` is the time of the last data, `refused` an HTTP error.

    pooch downloads, checks and renames. It tells a progress bar, which this object is, of every part.
    """

    total = 0
    """Bytes of the file, set by pooch."""

    def __init__(
        self,
        files: Published,
        missing: Mapping[Path, str],
        limit: float,
        mirrors: Sequence[str] | None,
    ):
        super().__init__(name=f"download of {files.title}", daemon=True)
        self.files, self.missing = files, missing
        self.limit, self.mirrors = limit, mirrors
        self.last_data, self.refused = time.monotonic(), False
        self.abandoned = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            mirrors = list(self.files.mirrors() if self.mirrors is None else self.mirrors)
            for target, expected in self.missing.items():
                self._first_good(target, expected, mirrors)
        except Exception as error:  # raised again by the thread that waits
            self.error = self.error or error

    def update(self, _count: int) -> None:
        """Note that data arrived; end a download for which nobody waits."""
        if self.abandoned.is_set():
            raise TimeoutError("the download was given up")
        self.last_data = time.monotonic()

    def reset(self) -> None:
        """Do nothing: a progress bar would begin anew."""

    def close(self) -> None:
        """Do nothing: a progress bar would be taken away."""

    def _first_good(self, target: Path, expected: str, mirrors: list[str]) -> None:
        """Store a file from the first mirror that has it; remove mirrors that fail from the list."""
        problems: list[str] = []
        damaged: DatasetError | None = None
        patience = self.limit / max(1, len(mirrors))
        for mirror in tuple(mirrors):
            try:
                self._store(mirror + target.name, target, expected, patience)
                return
            except requests.RequestException as error:
                self.refused |= isinstance(error, requests.HTTPError)
                problems.append(f"{mirror + target.name}: {error}")
            except DatasetError as error:
                damaged = error
            mirrors.remove(mirror)
        reasons = "; ".join(problems) or "no mirror is known"
        raise damaged or Unreachable(f"it could not be downloaded ({reasons})")

    def _store(self, address: str, target: Path, expected: str, patience: float) -> None:
        """Store a file.

        Raises:
            requests.RequestException: if it could not be fetched.
            DatasetError: if it has another checksum, or the cache cannot be written.
        """
        log.info("downloading %s", address)
        transfer = pooch.HTTPDownloader(progressbar=self, chunk_size=CHUNK, timeout=patience, headers=HEADERS)
        try:
            pooch.retrieve(address, f"sha256:{expected}", target.name, target.parent, downloader=transfer)
        except requests.RequestException:
            raise
        except ValueError as error:
            raise DatasetError(f"damaged file {address}: {error}") from error
        except OSError as error:
            reason = error.strerror or error
            raise DatasetError(
                f"cannot write {target}: {reason}; set GAN_BENCH_CACHE to a folder that can be written"
            ) from error


def _age(marker: Path) -> float:
    """Return the seconds since a transfer failed, in this process or another; infinite if none did."""
    ages = [time.monotonic() - _given_up.get(marker, -float("inf"))]
    with contextlib.suppress(OSError):
        ages.append(max(0.0, time.time() - marker.stat().st_mtime))
    return min(ages)


def _remember(marker: Path) -> None:
    _given_up[marker] = time.monotonic()
    try:
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except OSError:
        log.info("cannot write %s: another process will try the network again", marker)
