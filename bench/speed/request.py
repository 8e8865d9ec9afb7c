"""The request of one `speed`: its fields are the command's options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.options import (
    Architecture,
    Changes,
    DataDirs,
    Dataset,
    Plugins,
    Text,
    check_device,
    choice,
    nonempty,
    parse_names,
    parse_packs,
    parse_switch,
)
from gan_bench.bench.planning.pack_table import Way
from gan_bench.bench.planning.ranges import check_ranges

PACKS = (1, 4, 16, 64)


@dataclass(frozen=True)
class Request:
    """Workloads to time, and the way to time them."""

    suite: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(help="Data, networks and settings of this suite's budget quick. Default: as below."),
    ] = None
    variants: Annotated[
        tuple[str, ...] | None, Text(parse_names), typer.Option(help="Only these, separated by commas.")
    ] = None
    dataset: Dataset = None
    architecture: Architecture = None
    profile: Annotated[
        str | None, Text(nonempty), typer.Option(help="Hyperparameters: tuned, paper, default.")
    ] = None
    changes: Changes = ()
    packs: Annotated[
        tuple[int, ...],
        Text(parse_packs, ",".join(map(str, PACKS))),
        typer.Option(help="Replicas per pack, separated by commas."),
    ] = PACKS
    rounds: Annotated[int, typer.Option(min=1, max=100_000, help="Turns of every contestant.")] = 9
    seconds: Annotated[float, typer.Option(min=0.001, max=86_400, help="Of one turn.")] = 0.2
    reference: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(
            help="The variant that costs are relative to; always measured. Default: the default set's first "
            "where the suite has it, else the suite's first."
        ),
    ] = None
    against: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(metavar="bare", help="Compare with the hand-written loops of a source checkout."),
    ] = None
    compile: Annotated[
        bool,
        Text(parse_switch, "off"),
        typer.Option("--compile", metavar="on|off", help="Compiled packs: 8 to 22 s each at first."),
    ] = False
    way: Annotated[
        Way | None,
        choice("--way", "batched", "products", "streams"),
        typer.Option(help="The calculation of packs, as in the table of packs. Default: batched."),
    ] = None
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto"
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for rows and plots.")] = Path(
        "results/speed"
    )
    table: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Also put the times into a table of packs (see planning)."),
    ] = None
    data_dirs: DataDirs = ()
    plugins: Plugins = ()

    def __post_init__(self) -> None:
        check_ranges(self)
        check_device(self.device)
        if self.compile and self.way:
            raise UsageError(
                f"--compile on and --way {self.way}: a pack has one way; leave one of the two out"
            )

    @property
    def calculated(self) -> Way:
        """The way in which packs are calculated."""
        return "compiled" if self.compile else self.way or "batched"
