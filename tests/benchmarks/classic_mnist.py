"""A classic MNIST script against ours, start to end: ``python -m tests.benchmarks.classic_mnist``.

The same networks, batch and seeds. Ours: `python -m bench run` in a fresh process, two jobs, one evaluation
point of few samples; imports, measuring and the report are included. Against: a script as tutorials have it
(torchvision's dataset with PIL transforms, DataLoader, BCELoss, `.item()` of both losses at every step), one
process per core, each with its share of the seeds. Needs the real MNIST in BENCH_DATA.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import os
import shlex
import sys
import time
from pathlib import Path

from tests.benchmarks.fresh import CORES, folder, machine, run_suite, together

BATCH, LATENT, GENERATOR, CRITIC = 64, 100, [128, 256, 512, 1024], [512, 256]
SUITE = """
title = "Classic MNIST"
datasets = ["mnist"]
variants = ["nsgan"]
profile = "default"
seeds = {seeds}

[architectures.mlp]
family = "mlp"
hidden = {generator}
critic_hidden = {critic}
activation = "leaky_relu"
norm = "batch"

[hyperparameters]
batch_size = {batch}
latent_dim = {latent}
lr = 2e-4
beta1 = 0.5

[budgets.quick]
kimg = {kimg}
points = 1
samples = 1000
final_samples = 100
"""


def classic(root: str, seeds: int, iterations: int) -> None:
    """Train some seeds one after another, as a tutorial does; print the seconds that this took."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    torch.set_num_threads(1)
    start = time.perf_counter()
    for seed in range(seeds):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for ins, outs in itertools.pairwise([LATENT, *GENERATOR]):
            layers += [nn.Linear(ins, outs), nn.BatchNorm1d(outs), nn.LeakyReLU(0.2, inplace=True)]
        generator = nn.Sequential(*layers, nn.Linear(GENERATOR[-1], 784), nn.Tanh())
        layers = []
        for ins, outs in itertools.pairwise([784, *CRITIC]):
            layers += [nn.Linear(ins, outs), nn.LeakyReLU(0.2, inplace=True)]
        critic = nn.Sequential(*layers, nn.Linear(CRITIC[-1], 1), nn.Sigmoid())
        transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])
        loader = DataLoader(
            datasets.MNIST(root, train=True, transform=transform),
            batch_size=BATCH,
            shuffle=True,
            drop_last=True,
        )
        loss = nn.BCELoss()
        critic_optimiser = torch.optim.Adam(critic.parameters(), lr=2e-4, betas=(0.5, 0.999))
        generator_optimiser = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        log = []
        epochs = itertools.chain.from_iterable(iter(loader) for _ in itertools.count())
        for images, _ in itertools.islice(epochs, iterations):
            valid, invalid = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
            generator_optimiser.zero_grad()
            fake = generator(torch.randn(BATCH, LATENT))
            generator_loss = loss(critic(fake), valid)
            generator_loss.backward()
            generator_optimiser.step()
            critic_optimiser.zero_grad()
            real = images.flatten(1)
            critic_loss = (loss(critic(real), valid) + loss(critic(fake.detach()), invalid)) / 2
            critic_loss.backward()
            critic_optimiser.step()
            log.append((critic_loss.item(), generator_loss.item()))
    print(time.perf_counter() - start)


def ours(options: argparse.Namespace) -> float:
    """Wall time in seconds."""
    text = SUITE.format(
        seeds=options.seeds, generator=GENERATOR, critic=CRITIC, batch=BATCH, latent=LATENT,
        kimg=options.iterations * BATCH / 1000,
    )  # fmt: skip
    with folder() as place:
        (place / "classic.toml").write_text(text)
        more = ("--jobs", str(CORES), "--require-dataset", *shlex.split(options.run_options))
        return run_suite(str(place / "classic.toml"), place / "results", *more).seconds


def unpacked(place: Path) -> Path:
    """A root as torchvision wants it, filled from BENCH_DATA; ends with a message where that has no MNIST."""
    for root in filter(None, os.environ.get("BENCH_DATA", "").split(os.pathsep)):
        if packed := sorted(Path(root, "MNIST", "raw").glob("*-ubyte*")):
            raw = place / "MNIST" / "raw"
            raw.mkdir(parents=True)
            for path in packed:
                content = path.read_bytes()
                (raw / path.stem).write_bytes(gzip.decompress(content) if path.suffix == ".gz" else content)
            return place
    sys.exit("this benchmark needs the real MNIST: set BENCH_DATA to a folder that holds MNIST/raw")


def main() -> None:
    """Print the table, or do one process' share of the classic script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument("--run-options", default="", help="more options of `bench run`, in one string")
    parser.add_argument("--share", nargs=2, metavar=("ROOT", "SEEDS"))
    options = parser.parse_args()
    if options.share:
        classic(options.share[0], int(options.share[1]), options.iterations)
        return
    with folder() as place:
        of = [str(unpacked(place)), str(options.seeds // CORES), "--iterations", str(options.iterations)]
        done = together([["-m", "tests.benchmarks.classic_mnist", "--share", *of]] * CORES)
        theirs = max(one.seconds for one in done)
    mine = ours(options)
    print("| seeds | iterations | options | bench run, s | classic script, s | ratio | machine |")
    print("|---:|---:|---|---:|---:|---:|---|")
    cells = [str(options.seeds), str(options.iterations), options.run_options, f"{mine:.1f}", f"{theirs:.1f}"]
    print(f"| {' | '.join(cells)} | {theirs / mine:.2f} | {machine()} |")


if __name__ == "__main__":
    main()
