"""The command `tour`."""

from __future__ import annotations

import typer

from gan_bench.bench.commands.options import reads
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.explain.tour.request import Request


@reads(Request)
def tour(request: Request) -> None:
    """Train three small examples and explain them on one page.

    A first lesson of about a minute: a 1-D Gaussian, a curve in the plane with the critic's features, and
    handwritten digits by perceptrons.
    """
    from gan_bench.bench.explain.tour.session import tour as give

    raise typer.Exit(give(request, new_console()))
