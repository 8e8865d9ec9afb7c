"""The request of one `explain`: its fields are the command's options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.planning.options import Plugins
from gan_bench.bench.planning.ranges import MOST_SEED, MOST_STEPS, check_ranges


@dataclass(frozen=True)
class Request:
    """An example to train and watch. With `results`, a store, the page is kept there, in its report too."""

    command: str
    """The command that does this again."""
    variant: Annotated[
        str | None,
        typer.Option(
            help="The game to watch, see `list variants`. Default: the example's.", show_default=False
        ),
    ] = None
    dataset: Annotated[
        str,
        typer.Option(help="Numbers or points in the plane: gaussian1d, quadratic, ring ..."),
    ] = "quadratic"
    iterations: Annotated[
        int, typer.Option(min=1, max=MOST_STEPS, help="Iterations: ten updates of each player.")
    ] = 3_000
    every: Annotated[
        int, typer.Option(min=1, max=MOST_STEPS, help="Iterations between two panels of features.")
    ] = 1_000
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the training.")] = 0
    changes: Annotated[
        tuple[str, ...], typer.Option("--set", metavar="NAME=VALUE", help="A hyperparameter; repeatable.")
    ] = ()
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The folder of the page. Default: results/explain/VARIANT-DATASET."),
    ] = None
    results: Annotated[
        Path | None, typer.Option(help="A folder that `run` has filled, whose report gets the page too.")
    ] = None
    plugins: Plugins = ()

    def __post_init__(self) -> None:
        check_ranges(self)
