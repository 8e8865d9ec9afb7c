"""The request of one `tour`: its fields are the command's options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.planning.options import DataDirs
from gan_bench.bench.planning.ranges import MOST_SEED, check_ranges


@dataclass(frozen=True)
class Request:
    """A folder for the lesson. Without MNIST its digits are those of scikit-learn."""

    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the page.")] = Path("results/tour")
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED - 2, help="Of the three trainings.")] = 0
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False
    data_dirs: DataDirs = ()

    def __post_init__(self) -> None:
        check_ranges(self)
