"""The command `sample`: its options, and what they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from gan_bench.bench.commands.options import Plugins, parse_whole
from gan_bench.bench.common.errors import UsageError


def sample(
    record: Annotated[
        str, typer.Argument(help="A trial's folder, results/.../trials/KEY; or KEY, with --results.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="A picture (.png) or samples, latents and labels (.npz).")
    ],
    count: Annotated[
        int | None, typer.Option("-n", min=1, help="Latents to draw. Default: 64; 16 with --interpolate.")
    ] = None,
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="A row from latent 0 to 1, one from 2 to 3, and so on.")
    ] = False,
    steps: Annotated[int, typer.Option(min=2, help="Samples in a row of --interpolate.")] = 8,
    arithmetic: Annotated[
        str,
        typer.Option(
            metavar="SUM",
            help="'3 - 7 + 12': latents by their place in the grid of the same seed, counted from 0 row by "
            "row; '(3, 5)' is an average.",
        ),
    ] = "",
    classes: Annotated[
        str, typer.Option("--class", metavar="LABEL[,LABEL ...]", help="Only these classes, in turn.")
    ] = "",
    ema: Annotated[bool, typer.Option("--ema", help="Use the averaged weights.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the latents.")] = 0,
    results: Annotated[Path | None, typer.Option(help="The folder of results that holds KEY.")] = None,
    data_dir: Annotated[
        list[Path], typer.Option(help="A folder of image data in torchvision's layout; repeatable.")
    ] = [],  # noqa: B006
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Generate from a trial's checkpoint: a grid, interpolations, or sums of latents."""
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.bench.engine.numerics import numerics
    from gan_bench.bench.sampling.generate import Request, generate
    from gan_bench.bench.sampling.pictures import check_out, encode
    from gan_bench.bench.sampling.restoring import find, restored

    if interpolate and arithmetic:
        raise UsageError("--interpolate and --arithmetic are two pictures; give one of the two")
    check_out(out)
    request = Request(
        record=record,
        out=out,
        count=count,
        interpolate=interpolate,
        steps=steps,
        arithmetic=arithmetic or None,
        classes=parse_classes(classes),
        ema=ema,
        seed=seed,
        results=results,
        data_dirs=tuple(path.resolve() for path in data_dir),
        plugins=tuple(plugin),
    )
    load_plugins(request.plugins)
    trial, dataset, model = restored(*find(request.record, request.results), request.data_dirs)
    with numerics():
        made = generate(request, model, trial.variant)
    stands = f" (stands in for {trial.stand_in_for})" if trial.stand_in_for else ""
    weights = "averaged weights" if ema else "weights"
    context = f"{trial.title}{stands} · {trial.kimg:g} kimg · {weights} · latents of seed {seed}"
    content = encode(made, request.what, trial, dataset, context, out.suffix.lower())
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UsageError(f"-o {out}: {error.strerror}") from None
    console = Console()
    console.print(escape(f"{context}\nWritten: {out}"), highlight=False, soft_wrap=True)


def parse_classes(text: str) -> tuple[int, ...] | None:
    """`3` or `0,1,2` -> these labels; nothing -> None. Raises UsageError."""
    labels = [parse_whole(part) for part in text.split(",")] if text else []
    if any(label is None or label < 0 for label in labels):
        raise UsageError(f"--class {text}: expected labels, which are numbers from 0, separated by commas")
    return tuple(label for label in labels if label is not None) or None
