"""Many seeds, start to end, on two cores: ``python -m tests.benchmarks.many_seeds``.

Ours: `python -m bench run` in a fresh process, two jobs, with one evaluation point of few samples; planning,
workers' start, measuring and writing the report are included. Against: the bare eager loop in one process
per core, each of which imports torch, builds and trains its share of the seeds one after another.
"""

from __future__ import annotations

import argparse
import shlex
import time

from tests.benchmarks.fresh import CORES, folder, machine, run_suite, together

BATCH, LATENT = 256, 16
SUITE = """
title = "Many seeds"
datasets = ["ring"]
variants = ["{variant}"]
profile = "default"
seeds = {seeds}

[architectures.mlp]
family = "mlp"
hidden = [{width}, {width}]

[hyperparameters]
batch_size = {batch}
latent_dim = {latent}
lr = 1e-3
beta1 = 0.5
beta2 = 0.9

[budgets.quick]
kimg = {kimg}
points = 1
samples = 100
final_samples = 100
"""


def share(variant: str, width: int, seeds: int, iterations: int) -> None:
    """Train some seeds by the bare loop, one after another; print the seconds that this took."""
    import torch

    from tests.benchmarks.bare import LOOPS, perceptron, ring_batch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    start = time.perf_counter()
    for seed in range(seeds):
        torch.manual_seed(seed)
        generator, critic = (
            perceptron(ins, outs, [width, width], slope)
            for ins, outs, slope in ((LATENT, 2, 0.0), (2, 1, 0.2))
        )
        loop = LOOPS[variant](generator, critic, ring_batch(BATCH), BATCH, LATENT)
        for _ in range(iterations):
            loop.step()
    print(time.perf_counter() - start)


def ours(variant: str, width: int, options: argparse.Namespace) -> float:
    """Wall time in seconds."""
    kimg = options.iterations * BATCH / 1000
    text = SUITE.format(
        variant=variant, width=width, seeds=options.seeds, batch=BATCH, latent=LATENT, kimg=kimg
    )
    with folder() as place:
        (place / "seeds.toml").write_text(text)
        more = ("--jobs", str(CORES), *shlex.split(options.run_options))
        return run_suite(str(place / "seeds.toml"), place / "results", *more).seconds


def theirs(variant: str, width: int, options: argparse.Namespace) -> float:
    """Wall time in seconds; where fewer seeds were run, their training time is scaled to the full share."""
    full = options.seeds // CORES
    some = min(options.bare_seeds or full, full)
    settings = [variant, str(width), str(some), str(options.iterations)]
    done = together([["-m", "tests.benchmarks.many_seeds", "--share", *settings]] * CORES)
    return max(one.seconds + float(one.out.split()[-1]) * (full / some - 1) for one in done)


def main() -> None:
    """Print the table, or do one process' share of the bare loop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", action="append", help="default: nsgan, wgan-gp")
    parser.add_argument("--width", type=int, action="append", help="of two hidden layers; default: 16, 128")
    parser.add_argument("--seeds", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=5000)
    parser.add_argument("--bare-seeds", type=int, help="seeds per bare process; the rest is scaled linearly")
    parser.add_argument("--run-options", default="", help="more options of `bench run`, in one string")
    parser.add_argument("--share", nargs=4, metavar=("VARIANT", "WIDTH", "SEEDS", "ITERATIONS"))
    options = parser.parse_args()
    if options.share:
        variant, *numbers = options.share
        share(variant, *map(int, numbers))
        return
    scaled = f", scaled from {options.bare_seeds} seeds per process" if options.bare_seeds else ""
    print(f"{options.seeds} seeds to {options.iterations} iterations of batch {BATCH}, {CORES} processes\n")
    print(f"| networks | variant | options | bench run, s | bare loop, s{scaled} | ratio | machine |")
    print("|---|---|---|---:|---:|---:|---|")
    for width in options.width or (16, 128):
        for variant in options.variant or ("nsgan", "wgan-gp"):
            mine, bare = ours(variant, width, options), theirs(variant, width, options)
            cells = [f"2×{width}", variant, options.run_options, f"{mine:.1f}", f"{bare:.1f}"]
            print(f"| {' | '.join(cells)} | {bare / mine:.2f} | {machine()} |", flush=True)


if __name__ == "__main__":
    main()
