"""The command `evaluate`."""

from __future__ import annotations

import typer

from gan_bench.bench.commands.options import reads
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.evaluation.request import Request


@reads(Request)
def evaluate(request: Request) -> None:
    """Score images, points or a generator from elsewhere.

    Every metric that applies, with standard errors, beside reference rows. Nothing is stored.
    """
    from gan_bench.bench.evaluation import tables
    from gan_bench.bench.evaluation.session import evaluate as measured

    frame = measured(request, new_console(stderr=True))
    if request.format.value == "table":
        split = f"the {request.split.value} split" if "noise" in frame else "all images"  # of a folder
        data = f"{split} of {request.dataset}"
        new_console().print(tables.in_terminal(frame, data))
        return
    texts = {"json": tables.as_json, "csv": tables.as_csv, "latex": tables.as_latex}
    typer.echo(texts[request.format.value](frame).rstrip("\n"))
