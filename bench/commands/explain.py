"""The command `explain`."""

from __future__ import annotations

import typer
from rich.console import Console

from gan_bench.bench.commands.options import reads
from gan_bench.bench.explain.request import Request


@reads(Request)
def explain(request: Request) -> None:
    """Show a critic's features before and after single updates.

    A generator and a critic of 2x16 units, the critic with two features before its score, batches of 256 and
    RMSProp at 1e-3. Writes a page with plots (PNG) and the numbers of each (CSV).
    """
    from gan_bench.bench.explain.session import explain as watch

    raise typer.Exit(watch(request, Console()))
