"""The request of one `sample`: its fields are the command's options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.options import DataDirs, Plugins, Text, nonempty, parse_classes

LATENTS = {"grid": 64, "interpolation": 16, "arithmetic": 64}
"""Latents that are drawn unless -n says otherwise."""
ARITHMETIC = (
    "'3 - 7 + 12': latents by their place in the grid of the same seed, counted from 0 row by row; "
    "'(3, 5)' is an average."
)


@dataclass(frozen=True)
class Request:
    """A picture or file of samples; `record` and `results` as in `bench.sampling.restore.find_trial`."""

    record: Annotated[
        str, typer.Argument(help="A trial's folder, results/.../trials/KEY; or KEY, with --results.")
    ]
    out: Annotated[
        Path, typer.Option("--out", "-o", help="A picture (.png) or samples, latents and labels (.npz).")
    ]
    count: Annotated[
        int | None, typer.Option("-n", min=1, help="Latents to draw. Default: 64; 16 with --interpolate.")
    ] = None
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="A row from latent 0 to 1, one from 2 to 3, and so on.")
    ] = False
    steps: Annotated[int, typer.Option(min=2, help="Samples in a row of --interpolate.")] = 8
    arithmetic: Annotated[str | None, Text(nonempty), typer.Option(metavar="SUM", help=ARITHMETIC)] = None
    classes: Annotated[
        tuple[int, ...] | None,
        Text(parse_classes),
        typer.Option("--class", metavar="LABEL[,LABEL ...]", help="Only these classes, in turn."),
    ] = None
    ema: Annotated[bool, typer.Option("--ema", help="Use the averaged weights.")] = False
    seed: Annotated[int, typer.Option(min=0, help="Of the latents.")] = 0
    results: Annotated[Path | None, typer.Option(help="The folder of results that holds KEY.")] = None
    data_dirs: DataDirs = ()
    plugins: Plugins = ()

    def __post_init__(self) -> None:
        if self.interpolate and self.arithmetic:
            raise UsageError("--interpolate and --arithmetic are two pictures; give one of the two")

    @property
    def what(self) -> Literal["grid", "interpolation", "arithmetic"]:
        """The picture."""
        return "interpolation" if self.interpolate else "arithmetic" if self.arithmetic else "grid"

    @property
    def latents(self) -> int:
        """Number of latents that are drawn."""
        return LATENTS[self.what] if self.count is None else self.count
