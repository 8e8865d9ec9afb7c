"""Overhead of the engine against a bare loop, interleaved: ``python -m tests.benchmarks.overhead``.

Every figure is a ratio of replica-iterations per second, engine to bare loop, one thread. Rounds of a
fraction of a second alternate between all contestants, so that a noisy machine slows them alike; the
median over rounds is reported with the quartiles.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import cycle

import numpy as np
import torch

import variants
from bench.engine import Budget, Job
from bench.engine.train import Trainer
from datasets import load
from tests.benchmarks.bare import Bare, image_batch, perceptron, ring_batch
from variants.hyperparameters import resolve

WORKLOADS = {
    "ring 2x16": ("ring", [16, 16], 256, 16),
    "ring 2x128": ("ring", [128, 128], 256, 16),
    "mnist mlp": ("mnist", [256, 512], 64, 64),
}


def engine_contestant(variant: str, workload: str, replicas: int) -> Callable[[int], None]:
    """Return what trains ``replicas`` seeds for a number of iterations."""
    name, hidden, batch, latent = WORKLOADS[workload]
    settings = {"batch_size": batch, "latent_dim": latent, "lr": 1e-3, "beta1": 0.5, "beta2": 0.9}
    hyperparameters = resolve(variants.get(variant).hyperparameters, settings)
    job = Job(
        variant, {"family": "mlp", "hidden": hidden}, (hyperparameters,) * replicas, tuple(range(replicas)),
        Budget(1e6, (1e6,)),
    )  # fmt: skip
    trainer = Trainer(job, load(name))
    feeds, iteration = iter(trainer.feeds), iter(range(1, 10**9))

    def run(count: int) -> None:
        for _ in range(count):
            now = next(iteration)
            trainer.iterate(now, next(feeds))
            if now % trainer.history.window == 0:
                trainer.history.flush(now, 0.0, 0.0)

    return run


def bare_contestant(variant: str, workload: str) -> Callable[[int], None]:
    """Return the hand-written loop of one model."""
    name, hidden, batch, latent = WORKLOADS[workload]
    if name == "ring":
        real, size, last = ring_batch(batch), 2, None
    else:
        source = load(name).stream("real")
        real, size, last = image_batch(source.gather(torch.arange(len(source))), batch), 784, torch.nn.Tanh()
    generator = perceptron(latent, size, hidden, 0.0, last=last)
    critic = perceptron(size, 1, hidden[::-1], 0.2)
    bare = Bare(variant, generator, critic, real, batch, latent)

    def run(count: int) -> None:
        for _ in range(count):
            bare.step()

    return run


def rates(
    contestants: dict[str, Callable[[int], None]], rounds: int, seconds: float
) -> dict[str, np.ndarray]:
    """Iterations per second of every contestant in every round."""
    share = {}
    for name, run in contestants.items():
        run(10)
        start = time.perf_counter()
        run(20)
        share[name] = max(5, int(seconds * 20 / (time.perf_counter() - start)))
    measured: dict[str, list[float]] = {name: [] for name in contestants}
    for _, (name, run) in zip(range(rounds * len(contestants)), cycle(contestants.items()), strict=False):
        start = time.perf_counter()
        run(share[name])
        measured[name].append(share[name] / (time.perf_counter() - start))
    return {name: np.array(values) for name, values in measured.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5, help="per contestant and round")
    parser.add_argument("--workload", choices=WORKLOADS, action="append")
    parser.add_argument("--variant", choices=("nsgan", "wgan-gp"), action="append")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    print(f"torch {torch.__version__}, one thread; replica-iterations/s against the bare loop\n")
    print("| workload | variant | bare loop, it/s | solo | eager K=4 | eager K=16 |")
    print("|---|---|---|---|---|---|")
    for workload in options.workload or WORKLOADS:
        for variant in options.variant or ("nsgan", "wgan-gp"):
            packs = (1, 4, 16) if workload != "mnist mlp" else (1, 4)
            contestants = {"bare": bare_contestant(variant, workload)}
            contestants |= {f"K={k}": engine_contestant(variant, workload, k) for k in packs}
            speed = rates(contestants, options.rounds, options.seconds)
            cells = []
            for k in (1, 4, 16):
                if k not in packs:
                    cells.append("")
                    continue
                low, middle, high = np.quantile(k * speed[f"K={k}"] / speed["bare"], (0.25, 0.5, 0.75))
                cells.append(f"{middle:.2f} ({low:.2f} to {high:.2f})")
            print(
                f"| {workload} | {variant} | {np.median(speed['bare']):.0f} | {' | '.join(cells)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
