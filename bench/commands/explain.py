"""The command `explain`: its options, and what they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gan_bench.bench.commands.options import Plugins, command_line


def explain(
    variant: Annotated[
        str | None, typer.Option(help="See `list variants`. Default: the example's own.", show_default=False)
    ] = None,
    dataset: Annotated[
        str, typer.Option(help="Points of a plane: quadratic, two-curves, ring ...")
    ] = "quadratic",
    iterations: Annotated[int, typer.Option(min=1, help="Rounds of ten updates of each player.")] = 3_000,
    every: Annotated[int, typer.Option(min=1, help="Iterations between two looks.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the training run.")] = 0,
    changes: Annotated[
        list[str], typer.Option("--set", metavar="NAME=VALUE", help="A hyperparameter; repeatable.")
    ] = [],  # noqa: B006
    out: Annotated[Path | None, typer.Option(help="Default: results/explain/VARIANT-DATASET.")] = None,
    results: Annotated[
        Path | None, typer.Option(help="A folder that `run` has filled, whose report gets the page too.")
    ] = None,
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Show what the discriminator sees: its features before and after updates, in a small example.

    A generator and a critic of 2x16 units, the critic with two features before its score, batches of 256 and
    RMSProp at 1e-3. Writes a page with plots (PNG) and the numbers of each (CSV).
    """
    from gan_bench.bench.explain.session import Request
    from gan_bench.bench.explain.session import explain as watch

    request = Request(
        variant=variant,
        dataset=dataset,
        command=command_line(),
        iterations=iterations,
        every=every,
        out=out,
        results=results,
        seed=seed,
        changes=tuple(changes),
        plugins=tuple(plugin),
    )
    raise typer.Exit(watch(request, Console()))
