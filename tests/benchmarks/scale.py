"""Many trials: ``python -m tests.benchmarks.scale --trials 10000``.

One trial of a small suite is trained; its record and evaluation are then copied for every trial of a large
plan, with that trial's specification and drawn scores, as files of a real store. Each step is measured in a
process of its own: seconds, and the largest memory that the process held.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.benchmarks.fresh import ROOT, machine, run_suite

SETTINGS = 100
SUITE = """
title = "Scale"
datasets = ["ring"]
variants = ["nsgan", "lsgan", "wgan-gp", "hinge"]
profile = "default"
seeds = {seeds}

[architectures.mlp]
family = "mlp"
hidden = [16]

[axes]
lr = {rates}

[budgets.smoke]
kimg = 1
points = 2
samples = 100
final_samples = 100

[budgets.quick]
kimg = 10
points = 4
samples = 100
final_samples = 100
"""


def write_suite(path: Path, trials: int) -> Path:
    """Write a suite of at least so many trials: 25 learning rates for each of four variants, and seeds."""
    rates = [round(1e-4 * 1.2**i, 8) for i in range(SETTINGS // 4)]
    path.write_text(SUITE.format(seeds=-(-trials // SETTINGS), rates=rates))
    return path


def planned(suite: Path) -> list[Any]:
    """Return the trials of a suite."""
    from gan_bench.bench.planning import catalogue
    from gan_bench.bench.planning.plan import plan
    from gan_bench.bench.planning.suite import load_suite

    return plan(load_suite(str(suite)), catalogue.dataset)


def fill(results: Path, suite: Path, template: Path) -> None:
    """Write a store with a record and an evaluation for every trial of a suite, made from a trained one."""
    from gan_bench.bench.common import keys
    from gan_bench.bench.common.seals import sealed
    from gan_bench.bench.results.store import Store

    source = Store(template)
    key = next(iter(source))
    record, evaluation = source.read(key), source.evaluations(key)[0]
    assert record is not None
    rng = random.Random(0)
    for trial in planned(suite):
        folder = results / "trials" / trial.key
        (folder / "evaluations").mkdir(parents=True)
        pack = {**record.provenance["pack"], "id": trial.key, "size": 1, "slot": 0}
        own = replace(record, trial=trial, files={}, provenance={**record.provenance, "pack": pack})
        (folder / "record.json").write_bytes(sealed(own.to_json()))
        rows = [
            {**row, "value": None if row["value"] is None else abs(row["value"]) * rng.uniform(0.9, 1.1)}
            for row in evaluation.rows
        ]
        measured = replace(evaluation, key=keys.evaluation_key(trial.key, evaluation.protocol), rows=rows)
        (folder / "evaluations" / f"{measured.key}.json").write_bytes(sealed(measured.to_json()))


def load(results: Path) -> None:
    """Check a store and read its frames, as a report does."""
    from gan_bench.bench.results import frames
    from gan_bench.bench.results.store import Store

    store = Store(results)
    assert not store.look_through()
    print(f"{len(frames.load(store).trials):,} trials", end=", ")


def report(results: Path) -> None:
    """Write a report."""
    from rich.console import Console

    from gan_bench.bench.results.report import write_report
    from gan_bench.bench.results.store import Store

    store = Store(results)
    store.look_through()
    with open("/dev/null", "w") as nowhere:
        write_report(store, Console(file=nowhere), "bench report")


def gate(results: Path) -> None:
    """Compare a store with itself."""
    from gan_bench.bench.compare import compare
    from gan_bench.bench.compare import load as load_frame

    frame = load_frame(results)
    assert compare(frame, frame).exit_code() == 0


STEPS: dict[str, Callable[[Path, Path], Any]] = {
    "plan": lambda suite, _: planned(suite),
    "load": lambda _, results: load(results),
    "report": lambda _, results: report(results),
    "load again": lambda _, results: load(results),
    "gate": lambda _, results: gate(results),
}


def main() -> None:
    """Print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, required=True, help="for suite and store; filled if empty")
    parser.add_argument("--steps", nargs="*", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--only", choices=list(STEPS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    place = options.folder.resolve() / str(options.trials)
    suite, results = place / "scale.toml", place / "results"
    if options.only:
        start, cpu = time.perf_counter(), time.process_time()
        STEPS[options.only](suite, results)
        spent, cpu = time.perf_counter() - start, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{spent:.1f} s wall, {cpu:.1f} s of CPU, {memory:.2f} GiB at most", flush=True)
        return
    place.mkdir(parents=True, exist_ok=True)
    write_suite(suite, options.trials)
    if not results.exists():
        run_suite(
            str(suite), place / "template", "--budget", "smoke", "--variants", "nsgan", "--seeds", "1",
            "--set", "lr=1e-3", "--jobs", "1", "--pack", "1",
        )  # fmt: skip
        fill(results, suite, place / "template")
    print(f"{options.trials:,} trials, {machine()}")
    for step in options.steps:
        command = [sys.executable, "-m", "tests.benchmarks.scale", "--folder", str(options.folder)]
        command += ["--trials", str(options.trials), "--only", step]
        print(f"{step}: ", end="", flush=True)
        subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
