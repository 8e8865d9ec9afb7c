"""What must be right before anything large is imported."""

from __future__ import annotations

import codecs
import importlib.util
import io
import os
import sys
from importlib import metadata
from pathlib import Path

from gan_bench.bench.common.errors import UsageError

PACKAGES = ("datasets", "variants", "reports")


ASCII = {
    "·": "-", "±": "+/-", "–": "-", "—": "-", "…": "...", "→": "->", "←": "<-", "↓": "(min)", "↑": "(max)",
    "×": "x", "≤": "<=", "≥": ">=", "²": "^2", "−": "-", "≈": "~", "‘": "'", "’": "'", "“": '"', "”": '"',
}  # fmt: skip
"""What is written for characters that the terminal's encoding lacks."""


def plain_output() -> None:
    """Let text go out in any encoding: what standard output and error lack is written in ASCII."""
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
    """One thread for each process' linear algebra, unless the environment says otherwise; workers inherit it.

    Sums then come out the same with any number of jobs, and workers do not fight over cores.
    """
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def keep_programs(cache: Path) -> None:
    """Keep compiled programs in the user's cache folder, for other processes and runs; workers inherit it."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "programs"))


def check_packages() -> None:
    """Raise UsageError where another distribution's package would be imported in place of one of ours.

    `datasets` above all is a name that others use. Nothing is imported: the other one may be slow, or fail.
    """
    home = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        where = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if where == home / name:
            continue
        if where is None:
            raise UsageError(f"package {name!r} of gan-bench is missing from {home}; install gan-bench again")
        owners = metadata.packages_distributions().get(name, [])
        others = [owner for owner in dict.fromkeys(owners) if owner != "gan-bench"]
        whose = f"of the distribution {' or '.join(others)!r} " if others else ""
        if name == "datasets" and "datasets" in others:
            whose = "of Hugging Face's distribution 'datasets' "
        raise UsageError(
            f"Python finds a package {name!r} {whose}at {where}, which hides the one of gan-bench at "
            f"{home / name}; use an environment without it, or run from the folder of gan-bench"
        )
