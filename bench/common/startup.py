"""Settings of a process that must be made before anything large is imported."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import gan_bench

ASCII = {
    "·": "-", "±": "+/-", "–": "-", "—": "-", "…": "...", "→": "->", "←": "<-", "↓": "(min)", "↑": "(max)",
    "×": "x", "≤": "<=", "≥": ">=", "²": "^2", "−": "-", "≈": "~", "‘": "'", "’": "'", "“": '"', "”": '"',
}  # fmt: skip
"""Replacements of characters that the terminal's encoding lacks."""


def plain_output() -> None:
    """Print in any encoding: characters that standard output and error lack are written in ASCII."""
    codecs.register_error("gan-bench", _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="gan-bench")


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    words = [ASCII.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking]
    return "".join(words), error.end


def limit_threads() -> None:
    """Limit linear algebra to one thread, unless the environment says otherwise; child processes inherit it.

    Sums then come out the same with any number of jobs, and workers do not fight over cores.
    """
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def fix_workspaces() -> None:
    """Give cuBLAS workspaces of fixed size, without which it may sum in another order at every run.

    The library reads the setting when it is first used on a device. The value is one of two that its
    documentation names for repeatable results.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@contextlib.contextmanager
def importable() -> Iterator[str]:
    """Within, new processes of Python find this package, also that of a checkout; gives PYTHONPATH."""
    before = os.environ.get("PYTHONPATH")
    found = str(Path(gan_bench.__file__ or "").resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (before, found)))
    try:
        yield os.environ["PYTHONPATH"]
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def keep_programs(cache: Path) -> None:
    """Keep compiled programs in the user's cache folder, for other processes and runs; workers inherit it."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "programs"))
