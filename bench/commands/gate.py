"""`baseline` and `compare`: the regression gate."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from gan_bench.bench.commands.options import Plugins
from gan_bench.bench.common.errors import UsageError


class Format(StrEnum):
    """The forms in which `compare` shows its outcome."""

    text = "text"
    json = "json"
    github = "github"
    markdown = "markdown"


def baseline(
    results: Annotated[Path, typer.Argument(help="A folder that `run` has filled.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file to write, baseline.parquet for instance.")
    ],
) -> None:
    """Write a compact baseline file for `compare`."""
    from gan_bench.bench.compare import frame_of, save
    from gan_bench.bench.results.store import Store

    if not results.is_dir():
        raise UsageError(f"{results} is not a folder")
    frame = frame_of(Store(results))
    save(frame, out)
    Console().print(f"Baseline of {frame['trial'].nunique()} trials: {escape(str(out))}", highlight=False)


def compare(
    baseline: Annotated[
        Path, typer.Argument(help="A folder or file of results, a speed file, or the word reference.")
    ],
    candidate: Annotated[Path, typer.Argument(help="The same of what is to be judged.")],
    format: Annotated[
        Format, typer.Option(help="For people, programs, GitHub's annotations or its summary.")
    ] = Format.text,
    fail_on: Annotated[
        str,
        typer.Option(help="Of exact, quality, stability, speed, incomparable, failed; default: all."),
    ] = "",
    metric: Annotated[
        list[str], typer.Option(help="A metric to judge in place of those ranked by; repeatable.")
    ] = [],  # noqa: B006
    tolerance: Annotated[
        list[str],
        typer.Option(metavar="METRIC=RELATIVE,ABSOLUTE", help="How much worse a median may get; repeatable."),
    ] = [],  # noqa: B006
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Say whether CANDIDATE is worse than BASELINE.

    Exit status: 0 fine, 1 regression, 2 usage, 3 not comparable or missing, 4 failed trials.
    """
    from gan_bench.bench.compare import compare_paths, parse_fail_on
    from gan_bench.bench.compare import show as show_findings

    words = parse_fail_on(fail_on)
    found = compare_paths(baseline, candidate, metric, tolerance, plugin)
    typer.echo(show_findings(found, format.value, words))
    raise typer.Exit(found.exit_code(words))
