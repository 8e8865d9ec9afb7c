"""The command `speed`."""

from __future__ import annotations

import typer

from gan_bench.bench.commands.options import reads
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.speed.request import Request


@reads(Request)
def speed(request: Request) -> None:
    """Measure speed and memory: a table, speed.csv and plots.

    All variants take turns in short rounds on one thread, so that a noisy machine slows them alike; medians
    and quartiles over rounds are shown. Unless told otherwise: ring, perceptrons of 2x16, batch 256, one
    critic update per generator update; about three minutes on one core.
    """
    from gan_bench.bench.speed.session import speed as measure

    raise typer.Exit(measure(request, new_console()))
