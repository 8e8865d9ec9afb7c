"""Time of solo iterations with and without channels last: ``python -m tests.benchmarks.layouts [SUITE ...]``.

Both trainings of a kind of trial take turns, an iteration each, in one process on one thread. A line has the
median milliseconds of an iteration with kernels in PyTorch's usual order and with channels last, and their
ratio: above 1 channels last is faster.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from statistics import median
from typing import Any
from unittest.mock import patch

import torch

from gan_bench.bench.engine import replicas
from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.training import Training, job_of

SUITES = (
    "translation-pairs", "translation-multimodal", "translation-domains", "translation-tints",
    "translation-codes", "restoration-photographs", "adaptation",
)  # fmt: skip
ITERATIONS = 15


def milliseconds(trial: Trial, data: Any) -> tuple[float, float]:
    """Return the median times of an iteration, in the usual layout and with channels last."""
    with patch.object(replicas, "channels_last", lambda kernel: kernel):
        usual = Training(job_of(trial, 1), data).iterations()
    works, times = (usual, Training(job_of(trial, 1), data).iterations()), ([], [])
    with numerics():
        for i in range(ITERATIONS + 2):
            for work, seconds in zip(works, times, strict=True):
                start = time.process_time()
                work.run(1)
                if i >= 2:
                    seconds.append(time.process_time() - start)
    first, second = (1000 * median(seconds) for seconds in times)
    return first, second


def main(suites: tuple[str, ...]) -> None:
    """Print the table."""
    torch.set_num_threads(1)
    load = cache(catalogue.dataset)
    print("| data | variant | usual, ms | channels last, ms | ratio |\n|---|---|---:|---:|---:|")
    for suite in suites:
        kinds = {(t.data_name, t.variant): t for t in plan(load_suite(suite), load, seeds=[0])}
        for (data, variant), trial in kinds.items():
            usual, last = milliseconds(trial, load(trial.dataset))
            print(f"| {data} | {variant} | {usual:.1f} | {last:.1f} | {usual / last:.2f} |", flush=True)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or SUITES)
