"""JSON files of trials: read once to be checked, and known by their bytes when they are read again."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.bench.common.files import read_bytes
from gan_bench.bench.results.records import Evaluation, Record


@dataclass(frozen=True)
class Texts:
    """Bytes of a trial's record and then evaluations, by path; those that cannot be read are empty."""

    content: Mapping[str, bytes]
    hashes: Mapping[str, str]
    """SHA-256 of each, 64 hex digits."""

    @property
    def digest(self) -> str:
        """The SHA-256, 64 hex digits, of names and bytes."""
        named = (f"{os.path.basename(path)} {found}\n" for path, found in self.hashes.items())
        return hashlib.sha256("".join(named).encode(errors="surrogateescape")).hexdigest()


def texts(folder: Path) -> Texts:
    """Return the JSON files of a trial's folder."""
    inner = os.path.join(folder, "evaluations")
    names = sorted(os.listdir(inner)) if os.path.isdir(inner) else []
    content = {}
    for path in (os.path.join(folder, "record.json"), *(os.path.join(inner, name) for name in names)):
        content[path] = b""  # what is wrong is said where it is checked
        if os.path.isfile(path):  # a pipe, for one, would never end
            with contextlib.suppress(OSError), open(path, "rb") as file:
                content[path] = file.read()
    return Texts(content, {path: hashlib.sha256(text).hexdigest() for path, text in content.items()})


class Whole:
    """A reader of records and evaluations that knows the bytes of those that it has read before.

    A file is looked through and then read for its tables. Its seal and the types of its fields are checked
    the first time, and again only if its bytes have changed.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of the files that were checked, by path."""
        return self._known

    def know(self, hashes: Mapping[str, str]) -> None:
        """Take files with these checksums as checked."""
        self._known |= hashes

    def record(self, path: Path, found: Texts | None = None) -> Record:
        """Return the record in a file; raise UsageError, naming the file, for a damaged one.

        Its bytes are those in `found`, if they are given and could be read.
        """
        return self._read(path, found, Record)

    def evaluation(self, path: Path, found: Texts | None = None) -> Evaluation:
        """Return the evaluation in a file; otherwise as :meth:`record`."""
        return self._read(path, found, Evaluation)

    def _read(self, path: Path, found: Texts | None, kind: Any) -> Any:
        place = str(path)
        if found is not None and found.content.get(place):
            content, now = found.content[place], found.hashes[place]
        else:
            content = read_bytes(path, "JSON")
            now = hashlib.sha256(content).hexdigest()
        made = kind.from_text(content, path, checked=self._known.get(place) == now)
        self._known[place] = now
        return made
