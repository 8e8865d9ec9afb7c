"""The request of one `translate`: its fields are the command's options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.planning.options import DataDirs, Plugins, Text, nonempty
from gan_bench.bench.planning.ranges import MOST_SEED, check_ranges
from gan_bench.bench.sampling.request import RECORD


@dataclass(frozen=True)
class Request:
    """Images through a trained model; `record` and `results` as in `bench.sampling.restore.find_trial`."""

    record: Annotated[str, typer.Argument(help=RECORD)]
    inputs: Annotated[tuple[Path, ...], typer.Argument(metavar="INPUT", help="Images or folders.")]
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for NAME.png of each input, or classes.csv.")
    ]
    ability: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(
            metavar="NAME",
            help="What to do: translate, translate_back, inpaint, classify_b ... Default: the first that "
            "the game can.",
        ),
    ] = None
    mask: Annotated[
        Path | None, typer.Option(help="An image, white where holes of the inputs are, for in-painting.")
    ] = None
    to: Annotated[int | None, typer.Option(metavar="LABEL", help="The domain to translate to.")] = None
    tile: Annotated[
        int | None, typer.Option(min=1, max=2**16, help="Side of tiles. Default: the largest that fits.")
    ] = None
    ema: Annotated[bool, typer.Option("--ema", help="Use the averaged weights.")] = False
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Of the noise, where the game has any.")] = 0
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False
    results: Annotated[Path | None, typer.Option(help="The folder of results that holds KEY.")] = None
    data_dirs: DataDirs = ()
    plugins: Plugins = ()

    def __post_init__(self) -> None:
        check_ranges(self)
