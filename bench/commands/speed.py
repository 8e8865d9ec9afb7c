"""The command `speed`: its options, and what they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gan_bench.bench.commands.options import Plugins, check_device, parse_names, parse_whole
from gan_bench.bench.common.errors import UsageError


def speed(
    suite: Annotated[
        str,
        typer.Option(help="Data, networks and settings of this suite's budget quick. Default: as below."),
    ] = "",
    variants: Annotated[str, typer.Option(help="Only these, separated by commas.")] = "",
    dataset: Annotated[str, typer.Option(help="Any dataset (see `list datasets`).")] = "",
    architecture: Annotated[
        str,
        typer.Option(
            metavar="NAME[, OPTION=VALUE ...]",
            help="A family of networks, or one that the suite names: 'mlp, hidden=[128, 128]', dcgan.",
        ),
    ] = "",
    profile: Annotated[str, typer.Option(help="Hyperparameters: tuned, paper, default.")] = "",
    changes: Annotated[
        list[str], typer.Option("--set", metavar="[VARIANT.]NAME=VALUE", help="A hyperparameter; repeatable.")
    ] = [],  # noqa: B006
    packs: Annotated[str, typer.Option(help="Replicas per pack, separated by commas.")] = "1,4,16,64",
    rounds: Annotated[int, typer.Option(min=1, help="Turns of every contestant.")] = 9,
    seconds: Annotated[float, typer.Option(min=0.001, help="Of one turn.")] = 0.2,
    reference: Annotated[
        str,
        typer.Option(
            help="The variant that costs are relative to; always measured. Default: the default set's first."
        ),
    ] = "",
    against: Annotated[
        str, typer.Option(metavar="bare", help="Compare with the hand-written loops of a source checkout.")
    ] = "",
    compiled: Annotated[
        str, typer.Option("--compile", metavar="on|off", help="Compiled packs: 8 to 22 s each at first.")
    ] = "off",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    out: Annotated[Path, typer.Option(help="The folder for rows and plots.")] = Path("results/speed"),
    data_dir: Annotated[
        list[Path], typer.Option(help="A folder of image data in torchvision's layout; repeatable.")
    ] = [],  # noqa: B006
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Measure speed and memory: a table, speed.csv with every round, and plots.

    All variants take turns in short rounds on one thread, so that a noisy machine slows them alike; medians
    and quartiles over rounds are shown. Unless told otherwise: ring, perceptrons of 2x16, batch 256, one
    critic update per generator update; about three minutes on one core.
    """
    from gan_bench.bench.speed.session import Request
    from gan_bench.bench.speed.session import speed as measure

    check_device(device)
    if compiled not in ("on", "off"):
        raise UsageError(f"--compile {compiled}: expected on or off")
    request = Request(
        suite=suite or None,
        variants=parse_names(variants),
        dataset=dataset or None,
        architecture=architecture or None,
        profile=profile or None,
        changes=tuple(changes),
        packs=parse_packs(packs),
        rounds=rounds,
        seconds=seconds,
        reference=reference or None,
        against=against or None,
        compile=compiled == "on",
        device=device,
        out=out,
        data_dirs=tuple(data_dir),
        plugins=tuple(plugin),
    )
    raise typer.Exit(measure(request, Console()))


def parse_packs(text: str) -> tuple[int, ...]:
    """`4,16` -> 1, 4, 16: ascending, a single replica always among them. Raises UsageError."""
    sizes = [parse_whole(part) for part in text.split(",")]
    if any(size is None or size < 1 for size in sizes):
        raise UsageError(f"--packs {text}: expected numbers of at least 1, separated by commas")
    return tuple(sorted({1, *(size for size in sizes if size is not None)}))
