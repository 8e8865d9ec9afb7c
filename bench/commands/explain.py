"""The command `explain`."""

from __future__ import annotations

import typer

from gan_bench.bench.commands.options import reads
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.explain.request import Request


@reads(Request)
def explain(request: Request) -> None:
    """Show a critic's features before and after single updates.

    Trains a generator and a critic with two layers of 16 units each; the critic has another layer of two
    units, its features. Batches of 256, RMSProp, learning rate 1e-3. Writes a page, its plots as PNG, and
    their numbers as CSV.
    """
    from gan_bench.bench.explain.session import explain as watch

    raise typer.Exit(watch(request, new_console()))
