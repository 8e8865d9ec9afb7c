"""Overhead of the engine against a bare loop, interleaved: ``python -m tests.benchmarks.overhead``.

Every figure is a ratio of replica-iterations per second, engine to bare loop, one thread: what
``python -m bench speed --against bare`` measures, as the table of README.
"""

from __future__ import annotations

import argparse
from functools import cache

import pandas as pd
import torch

from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.speed.against import others
from gan_bench.bench.speed.interleave import quartiles
from gan_bench.bench.speed.timing import TimingOptions, time_workload
from gan_bench.bench.speed.workload import DEFAULT, workloads
from gan_bench.datasets import load

WORKLOADS = {
    "ring, 2×16": {"architecture": "mlp, hidden=[16, 16]"},
    "ring, 2×128": {"architecture": "mlp, hidden=[128, 128]"},
    "MNIST, 64-256-512-784": {
        "dataset": "mnist",
        "architecture": "mlp, hidden=[256, 512]",
        "changes": ("batch_size=64", "latent_dim=64"),
    },
}
PACKS = {"ring": (1, 4, 16), "MNIST": (1, 4)}


def row(title: str, variant: str, options: argparse.Namespace) -> str:
    """One line of the table."""
    suite, own = load_suite(str(DEFAULT)), {"variants": (variant,), "reference": variant, **WORKLOADS[title]}
    (workload,) = workloads(suite, cache(load), **own)
    protocol = TimingOptions(
        packs=PACKS[title.split(",")[0]], rounds=options.rounds, seconds=options.seconds,
        device="cpu", others=others(),
    )  # fmt: skip
    frame = time_workload(workload, protocol, lambda _: None)
    bare = 1000 / frame["bare_milliseconds_per_iteration"].median()
    cells = [ratio(frame[frame["replicas"] == size]["ratio_to_bare"]) for size in (1, 4, 16)]
    return f"| {title} | {variant} | {bare:.0f} | {' | '.join(cells)} |"


def ratio(values: pd.Series) -> str:
    """Median and quartiles, nothing where nothing was measured."""
    low, middle, high = quartiles(values.to_numpy())
    return f"{middle:.2f} ({low:.2f} to {high:.2f})" if len(values) else ""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.5, help="per contestant and round")
    parser.add_argument("--workload", choices=WORKLOADS, action="append")
    parser.add_argument("--variant", action="append", help="of those in bare.LOOPS; default: nsgan, wgan-gp")
    options = parser.parse_args()
    print(f"torch {torch.__version__}, one thread; replica-iterations/s against the bare loop\n")
    print("| workload | variant | bare loop, it/s | solo | eager pack of 4 | eager pack of 16 |")
    print("|---|---|---:|---:|---:|---:|")
    with numerics():
        for title in options.workload or WORKLOADS:
            for variant in options.variant or ("nsgan", "wgan-gp"):
                print(row(title, variant, options), flush=True)


if __name__ == "__main__":
    main()
