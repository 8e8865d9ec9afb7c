"""Estimated over measured time of iterations: ``python -m tests.benchmarks.estimates [SUITE ...]``.

One line for each kind of trial of the suites: milliseconds of a core's work in an iteration alone at the
start of training, the same as estimated without any measurement, and their ratio. Games whose rounds change
during training (srgan) are estimated over all of it.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from statistics import median

from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.pace import USUAL
from gan_bench.bench.speed.training import Training, job_of

SUITES = (
    "gaussian1d", "ring", "digits", "clustering", "semi-supervised-digits", "restoration", "adaptation",
    "translation",
)  # fmt: skip
TURN = 0.4
"""Seconds of iterations of each kind of trial."""


def milliseconds(trial: Trial, data: object) -> float:
    """Median CPU time of an iteration."""
    times: list[float] = []
    with numerics():
        work = Training(job_of(trial, 1), data).iterations()
        work.run(1)
        while len(times) < 3 or sum(times) < TURN:
            start = time.process_time()
            work.run(1)
            times.append(time.process_time() - start)
    return 1000 * median(times)


def main(suites: tuple[str, ...]) -> None:
    """Print the table."""
    load = cache(catalogue.dataset)
    print("| data, networks | variant | measured ms | estimated ms | ratio |\n|---|---|---:|---:|---:|")
    for suite in suites:
        kinds = {
            (t.data_name, t.architecture, t.variant): t for t in plan(load_suite(suite), load, seeds=[0])
        }
        for (data, architecture, variant), trial in kinds.items():
            measured = milliseconds(trial, load(trial.dataset))
            iterations = catalogue.course(trial, load(trial.dataset)).iterations
            estimated = 1000 * USUAL.seconds(trial, load(trial.dataset)) / iterations
            ratio = estimated / measured
            print(
                f"| {data}, {architecture} | {variant} | {measured:.2f} | {estimated:.2f} | {ratio:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or SUITES)
