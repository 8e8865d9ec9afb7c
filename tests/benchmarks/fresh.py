"""Whole commands in fresh processes, start to end: what the end-to-end benchmarks share."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from gan_bench.bench.common.provenance import provenance

ROOT = Path(__file__).resolve().parents[2]
CORES = 2


@dataclass(frozen=True)
class Finished:
    """A command that ended well: its wall time in seconds and what it printed."""

    seconds: float
    out: str


def together(commands: list[list[str]]) -> list[Finished]:
    """Run `python` with each list of arguments, all at once, one thread each, from the repository's root.

    Raises:
        RuntimeError: with the last lines of its output, if one fails.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}

    def run(command: list[str]) -> Finished:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, cwd=ROOT, env=environment
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
        return Finished(time.perf_counter() - start, done.stdout)

    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(run, commands))


@contextmanager
def folder():
    """A temporary folder for suite files and results."""
    with TemporaryDirectory(prefix="gan-bench-") as path:
        yield Path(path)


def run_suite(suite: str, out: Path, *options: str) -> Finished:
    """`python -m bench run`, start to end: imports, planning, training, measuring and the report."""
    (finished,) = together([["-m", "bench", "run", "--suite", suite, "--out", str(out), *options]])
    return finished


def machine() -> str:
    """Processor, cores, torch and date, for the last column of a table."""
    facts, today = provenance("cpu"), f"{datetime.now(UTC):%Y-%m-%d}"
    return f"{facts['processor']}, {facts['cores']} cores, torch {facts['versions']['torch']}, {today}"
