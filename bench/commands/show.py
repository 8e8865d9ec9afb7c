"""The command `show`."""

from __future__ import annotations

from gan_bench.bench.commands.options import reads
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.show.request import Request


@reads(Request)
def show(request: Request) -> None:
    """Show what a variant or composition is made of.

    Losses are formulas in words. Every hyperparameter has the place where its value comes from.
    """
    from gan_bench.bench.show.session import show as print_variant

    print_variant(request, new_console())
