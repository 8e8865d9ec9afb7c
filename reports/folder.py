"""The report's folder on disk, and data addresses that need none."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

MANIFEST = "files.txt"
STAMP = "made-of.txt"
INDEX = "index.html"


def address(kind: str, content: bytes) -> str:
    """Return a data address of media type `kind`: the content itself instead of a place to fetch it from."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


class Folder:
    """Folder of a report that lists its files, so that the next report removes those and no others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        manifest = path / MANIFEST
        listed = manifest.read_bytes().decode("utf-8", "replace") if manifest.is_file() else ""
        self._old = {name for name in listed.splitlines() if "\0" not in name}
        self._new: set[str] = set()

    def holds(self, origin: str) -> bool:
        """Return whether the folder holds the complete report that was made of `origin`."""
        stamp = self.path / STAMP
        return stamp.is_file() and stamp.read_bytes() == self._stamp(origin, self._old).encode()

    def _stamp(self, origin: str, names: Iterable[str]) -> str:
        digest = hashlib.sha256(origin.encode())
        for name in sorted({*names, INDEX} - {MANIFEST, STAMP}):
            file = self.path / name
            digest.update(f"\0{name}\0".encode() + (file.read_bytes() if file.is_file() else b"missing"))
        return digest.hexdigest()

    def note(self, files: Iterable[Path]) -> None:
        """Count files that somebody else wrote into the folder as part of the report."""
        self._new |= {file.relative_to(self.path).as_posix() for file in files}

    def put(self, name: str, content: bytes) -> None:
        """Write the file `name`, a path inside the folder; whole or not at all."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(file.name + ".partial")
        partial.write_bytes(content)
        partial.replace(file)
        self._new.add(name)

    def close(self, origin: str) -> None:
        """Remove what the earlier report left behind; write down what this one is and what it was made of."""
        inside = self.path.resolve()
        for name in self._old - self._new:
            file = self.path / name
            if file.is_file() and file.resolve().is_relative_to(inside):
                file.unlink()
        self._new.add(STAMP)
        self.put(MANIFEST, "".join(f"{name}\n" for name in sorted(self._new)).encode())
        self.put(STAMP, self._stamp(origin, self._new).encode())
