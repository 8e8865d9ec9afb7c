"""The report's folder on disk, and data addresses that need none."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

MANIFEST = "files.txt"


def address(kind: str, content: bytes) -> str:
    """A data address of media type `kind`: the content itself instead of a place to fetch it from."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV, by Arrow's writer: plots of samples hold a hundred thousand numbers."""
    buffer = pa.BufferOutputStream()
    csv.write_csv(
        pa.Table.from_pandas(frame, preserve_index=False), buffer, csv.WriteOptions(quoting_style="needed")
    )
    return buffer.getvalue().to_pybytes()


class Folder:
    """Remembers what it wrote, so that the next report removes what it no longer has, and nothing else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        manifest = path / MANIFEST
        self._old = set(manifest.read_text(encoding="utf-8").splitlines()) if manifest.is_file() else set()
        self._new: set[str] = set()

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

    def close(self) -> None:
        """Remove what the earlier report left behind and write down what this one consists of."""
        inside = self.path.resolve()
        for name in self._old - self._new:
            file = self.path / name
            if file.is_file() and file.resolve().is_relative_to(inside):
                file.unlink()
        self.put(MANIFEST, "".join(f"{name}\n" for name in sorted(self._new)).encode())
