"""Hash of everything that a report is made of: an unchanged report need not be drawn again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pandas as pd

from gan_bench.reports import statistics as stats

LIBRARIES = ("jinja2", "matplotlib", "numpy", "pandas", "pillow", "pyarrow", "scipy")


def fingerprint(frames: Iterable[pd.DataFrame], *words: str | None) -> str:
    """Return SHA-256 of everything that a page depends on: frames, sample files, words, code, libraries.

    Sample files count by size and time of change; the first frame names them in its column `samples`.
    """
    frames = list(frames)
    digest = hashlib.sha256(repr(words).encode())
    for frame in frames:
        digest.update(repr(list(frame.columns)).encode())
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    for file in sorted({path for path in frames[0]["samples"] if isinstance(path, str)}):
        if os.path.exists(file):
            status = os.stat(file)
            digest.update(f"{file} {status.st_size} {status.st_mtime_ns}".encode())
    folders = (Path(__file__).parent, Path(stats.__file__).parent)
    for source in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix != ".pyc"):
        if source.is_file():
            digest.update(source.read_bytes())
    digest.update(repr([metadata.version(name) for name in LIBRARIES]).encode())
    return digest.hexdigest()
