"""The request of one `sample`: its fields are the command's options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.options import DataDirs, Plugins, Text, nonempty, parse_classes
from gan_bench.bench.planning.ranges import MOST_SEED, check_ranges
from gan_bench.bench.planning.suite import MOST_SAMPLES

What = Literal["grid", "interpolation", "arithmetic", "labels", "traversal", "reconstructions", "clusters"]
COUNTS: dict[What, int] = {
    "grid": 64, "interpolation": 16, "arithmetic": 64, "labels": 10, "traversal": 3, "reconstructions": 16,
    "clusters": 10,
}  # fmt: skip
"""Latents that are drawn unless -n says otherwise, or what a picture of an ability has instead."""
OPTIONS: dict[What, str] = {
    "interpolation": "--interpolate", "arithmetic": "--arithmetic", "labels": "--labels",
    "traversal": "--traverse", "reconstructions": "--reconstruct", "clusters": "--cluster",
}  # fmt: skip
"""The option that asks for each picture but the grid."""
RECORD = (
    "RESULTS:VARIANT:best (or median, worst; by the ranking metric); a trial's folder, "
    "results/.../trials/KEY; or KEY, with --results."
)
COUNT = (
    "Latents to draw, 64 by default (16 with --interpolate); samples of each class with --labels (10), rows "
    "of each code with --traverse (3), test samples with --reconstruct (16), samples of each cluster with "
    "--cluster (10)."
)
ARITHMETIC = (
    "'3 - 7 + 12': latents by their place in the grid of the same seed, counted from 0 row by row; "
    "'(3, 5)' is an average."
)


@dataclass(frozen=True)
class Request:
    """A picture or file of samples; `record` and `results` as in `bench.sampling.restore.find_trial`."""

    record: Annotated[str, typer.Argument(help=RECORD)]
    out: Annotated[
        Path, typer.Option("--out", "-o", help="A picture (.png) or samples, latents and labels (.npz).")
    ]
    count: Annotated[int | None, typer.Option("-n", min=1, max=MOST_SAMPLES, help=COUNT)] = None
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="A row from latent 0 to 1, one from 2 to 3, and so on.")
    ] = False
    steps: Annotated[
        int, typer.Option(min=2, max=1000, help="Samples in a row of --interpolate, or of --traverse.")
    ] = 8
    arithmetic: Annotated[str | None, Text(nonempty), typer.Option(metavar="SUM", help=ARITHMETIC)] = None
    labels: Annotated[bool, typer.Option("--labels", help="A row per class.")] = False
    traverse: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(metavar="CODE", help="Rows along which a code varies, all other draws held."),
    ] = None
    reconstruct: Annotated[
        bool, typer.Option("--reconstruct", help="Test samples above their reconstructions.")
    ] = False
    cluster: Annotated[
        bool, typer.Option("--cluster", help="A row per cluster: its most confident test samples.")
    ] = False
    classes: Annotated[
        tuple[int, ...] | None,
        Text(parse_classes),
        typer.Option("--class", metavar="LABEL[,LABEL ...]", help="Only these classes, in turn."),
    ] = None
    ema: Annotated[bool, typer.Option("--ema", help="Use the averaged weights.")] = False
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Of the latents.")] = 0
    results: Annotated[Path | None, typer.Option(help="The folder of results that holds KEY.")] = None
    data_dirs: DataDirs = ()
    plugins: Plugins = ()

    def __post_init__(self) -> None:
        check_ranges(self)
        if len(asked := self._asked()) > 1:
            first, second = (OPTIONS[what] for what in asked[:2])
            raise UsageError(f"{first} and {second} are two pictures; give one of the two")
        if self.classes is not None and self.what in ("traversal", "reconstructions", "clusters"):
            raise UsageError(f"--class goes with samples, not with {OPTIONS[self.what]}; leave one out")

    def _asked(self) -> list[What]:
        asked: dict[What, object] = {
            "interpolation": self.interpolate, "arithmetic": self.arithmetic, "labels": self.labels,
            "traversal": self.traverse, "reconstructions": self.reconstruct, "clusters": self.cluster,
        }  # fmt: skip
        return [what for what, given in asked.items() if given]

    @property
    def what(self) -> What:
        """The picture."""
        return next(iter(self._asked()), "grid")

    @property
    def latents(self) -> int:
        """Number of latents that are drawn, or of what the picture has instead."""
        return COUNTS[self.what] if self.count is None else self.count
