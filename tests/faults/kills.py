"""Kill runs at random moments, parent or workers, resume them, and compare what they leave with whole runs.

The command `PYTHONPATH=bench/package:. python -m tests.faults.kills --kills 100` does so. With `--fork`, runs
and workers are forked from this process, which has loaded all libraries, so that a kill costs less time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 1200.0
"""Seconds after which a run that was left alone has hung."""
TIMES = ("seconds", "compile_seconds", "created", "sha256", "files")
"""Fields that differ between two runs of the same bits."""

SUITE = """
title = "Kills"
datasets = ["gaussian1d"]
variants = ["nsgan", "wgan-gp"]
profile = "default"

[architectures.mlp]
family = "mlp"
hidden = [16]

[hyperparameters]
batch_size = 32
ema = 0.9

[budgets.quick]
kimg = {kimg}
points = 4
samples = 500
final_samples = 500
seeds = {seeds}
pack = {pack}
compile = "{compile}"
"""
OFTEN = '''"""Snapshots ten times a second, in place of one every minute."""
from gan_bench.bench.running import snapshots

snapshots.LEAST, snapshots.SHARE = 0.1, 1.0
'''
KINDS = {
    "packed": {"pack": 2, "seeds": 2, "kimg": 16, "compile": "off"},
    "solo": {"pack": 1, "seeds": 1, "kimg": 16, "compile": "off"},
    "compiled": {"pack": 2, "seeds": 2, "kimg": 16, "compile": "on"},
}


class Kills:
    """Runs of one kind in a folder: one that is left alone, and others that are killed.

    Args:
        kind: a key of `KINDS`.
        folder: a new folder for all of it.
        draw: chooses moments and victims.
        fork: fork runs and workers from this process.

    Attributes:
        killed: number of kills by victim.
        continued: trials whose training continued from a snapshot.
    """

    def __init__(self, kind: str, folder: Path, draw: random.Random, fork: bool = False) -> None:
        self.folder, self.draw, self.fork = folder, draw, fork
        self.killed: Counter[str] = Counter()
        self.continued = self.rounds = 0
        folder.mkdir(parents=True)
        (folder / "suite.toml").write_text(SUITE.format(**KINDS[kind]))
        (folder / "often.py").write_text(OFTEN)
        start = time.monotonic()
        self._end(self._start("whole"))
        self.seconds = time.monotonic() - start
        self.whole = contents(folder / "whole")

    def round(self, most: int) -> None:
        """Kill a run until it has finished or `most` kills are spent; compare what it left in the end."""
        self.rounds += 1
        name = f"cut{self.rounds}"
        process = self._start(name)
        for _ in range(most):
            if process.ends_within(self.draw.uniform(0, self.seconds * 0.8)):
                break
            victims = children(process.pid)
            if victims and self.draw.random() < 0.6:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.draw.choice(victims), signal.SIGKILL)
                    self.killed["worker"] += 1
            else:
                os.kill(process.pid, signal.SIGKILL)
                process.ends_within(PATIENCE)
                process = self._start(name)
                self.killed["parent"] += 1
        self._end(process)
        found = contents(self.folder / name)
        assert found.keys() == self.whole.keys(), found.keys() ^ self.whole.keys()
        differ = [path for path in found if found[path] != self.whole[path]]
        assert not differ, (name, differ)
        self.continued += sum(
            json.loads(path.read_text())["provenance"]["continued_at"] is not None
            for path in (self.folder / name / "trials").glob("*/record.json")
        )

    def _start(self, name: str) -> Run:
        options = ["--suite", str(self.folder / "suite.toml"), "--out", str(self.folder / name)]
        options += ["--plugin", str(self.folder / "often.py"), "--jobs", "2", "--device", "cpu"]
        return (Forked if self.fork else Run)(options, self.folder / f"{name}.txt")

    def _end(self, process: Run) -> None:
        assert process.ends_within(PATIENCE), f"hangs: {process.shown}"
        assert process.status == 0, process.shown
        assert "Traceback" not in process.shown, process.shown


class Run:
    """A run in a process of its own, whose output goes to a file.

    Args:
        options: of the command.
        output: the file.
    """

    def __init__(self, options: list[str], output: Path) -> None:
        self.output = output
        self._process = self._begin(options)
        self.pid: int = self._process.pid

    def _begin(self, options: list[str]) -> Any:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with open(self.output, "w") as file:
            command = [sys.executable, "-m", "bench", "run", *options]
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)

    def ends_within(self, seconds: float) -> bool:
        """Wait so long, or until the run has ended; return whether it has."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def status(self) -> int | None:
        """The exit status."""
        return self._process.returncode

    @property
    def shown(self) -> str:
        """The text that the run has printed."""
        return self.output.read_text()


class Forked(Run):
    """A run that is forked from this process, and forks its workers."""

    def _begin(self, options: list[str]) -> Any:
        process = multiprocessing.get_context("fork").Process(target=_run, args=(options, self.output))
        process.start()
        return process

    def ends_within(self, seconds: float) -> bool:
        """Wait so long, or until the run has ended; return whether it has."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    @property
    def status(self) -> int | None:
        """The exit status."""
        return self._process.exitcode


def _run(options: list[str], output: Path) -> None:
    """Do a run in this process, without report and reference rows, and end with it."""
    from gan_bench.bench.commands import app
    from gan_bench.bench.running import session
    from gan_bench.bench.running.executors import workers

    file = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    forking = multiprocessing.get_context("fork")
    workers.multiprocessing.get_context = lambda _: forking  # type: ignore[assignment, attr-defined]
    session.write_report = lambda *_, **__: output  # type: ignore[assignment]
    session.measure_missing = lambda *_: []  # type: ignore[assignment]
    sys.argv = ["bench", "run", *options]
    status = app.main()
    sys.stdout.flush()
    os._exit(status)


def children(pid: int) -> list[int]:
    """Return the worker processes of a run, without the tracker that multiprocessing starts."""
    command = ["ps", "-o", "pid=,comm=,args=", "--ppid", str(pid)]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return [int(line.split()[0]) for line in lines if "python" in line and "resource_tracker" not in line]


def untimed(value: Any) -> Any:
    """Return stored values without times; of the provenance, the pack alone."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name not in TIMES}
        if "provenance" in kept:
            kept["provenance"] = kept["provenance"].get("pack")
        return {name: untimed(item) for name, item in kept.items()}
    return [untimed(item) for item in value] if isinstance(value, list) else value


def contents(results: Path) -> dict[str, Any]:
    """Return everything that is stored of trials, by path, without times."""
    found: dict[str, Any] = {}
    for path in sorted((results / "trials").rglob("*")):
        name = str(path.relative_to(results))
        if path.suffix == ".json":
            found[name] = untimed(json.loads(path.read_text()))
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def load_all() -> None:
    """Load what runs and workers need, on one thread, which survives a fork."""
    from gan_bench.bench.common.startup import fix_workspaces, limit_threads

    limit_threads()
    fix_workspaces()
    import torch

    import gan_bench.bench.commands.app
    import gan_bench.bench.engine
    import gan_bench.bench.metrics
    import gan_bench.bench.running.session
    import gan_bench.bench.running.snapshots
    import gan_bench.reports.site  # noqa: F401

    torch.set_num_threads(1)


def main() -> None:
    """Kill runs of every kind in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=6, help="kills of one run, at most")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--fork", action="store_true")
    options = parser.parse_args()
    if options.fork:
        load_all()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        runs = {kind: Kills(kind, Path(folder) / kind, draw, options.fork) for kind in options.kinds}
        done = 0
        while done < options.kills:
            for kind, each in runs.items():
                each.round(min(options.each, options.kills - done))
                done = sum(sum(one.killed.values()) for one in runs.values())
                print(kind, dict(each.killed), "continued:", each.continued, "of all:", done, flush=True)
                if done >= options.kills:
                    break


if __name__ == "__main__":
    main()
