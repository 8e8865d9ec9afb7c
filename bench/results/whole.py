"""JSON files of trials that were read without an error: their checksums need no second calculation."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from gan_bench.bench.common.files import as_table, read_bytes
from gan_bench.bench.results.records import Evaluation, Record


class Whole:
    """A reader of records and evaluations that knows the bytes of those that it has read before.

    A file is looked through and then read for its tables. Its seal and the types of its fields are checked
    the first time, and again only if its bytes have changed.
    """

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def record(self, path: Path) -> Record:
        """Return the record in a file; raise UsageError, naming the file, for a damaged one."""
        return self._read(path, Record)

    def evaluation(self, path: Path) -> Evaluation:
        """Return the evaluation in a file; raise UsageError, naming the file, for a damaged one."""
        return self._read(path, Evaluation)

    def _read(self, path: Path, kind: Any) -> Any:
        content = read_bytes(path, "JSON")
        found = hashlib.sha256(content).digest()
        place = str(path)
        made = kind.from_json(as_table(content, path), place, checked=self._known.get(place) == found)
        self._known[place] = found
        return made
