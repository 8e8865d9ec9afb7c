"""`baseline` and `compare`: the regression gate."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from gan_bench.bench.commands.options import Plugins
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_file
from gan_bench.bench.common.printing import new_console, printable
from gan_bench.names import counted

if TYPE_CHECKING:
    import pandas as pd


POWER = (
    "tests: cells and ranking metrics that are tested together, where the suite is compared alone. spread: "
    "standard deviation over seeds, relative to the median. +20%, +40%, +100%: share of comparisons with so "
    "many seeds on either side that report a cell which became so much worse."
)
"""Meaning of the columns of `baseline --power`."""


class Format(StrEnum):
    """The forms in which `compare` shows its outcome."""

    text = "text"
    json = "json"
    github = "github"
    markdown = "markdown"
    latex = "latex"


def baseline(
    results: Annotated[Path, typer.Argument(help="A folder that `run` has filled.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write, baseline.parquet for instance.")
    ] = None,
    power: Annotated[
        bool, typer.Option("--power", help="Show which changes the gate would find, by simulation.")
    ] = False,
) -> None:
    """Write a compact baseline file for `compare`."""
    from gan_bench.bench.compare import load, save
    from gan_bench.bench.results.shipped import path_of

    if out is None and not power:
        raise UsageError("missing option --out, or --power to show which changes the gate would find")
    if out is not None:
        if out.suffix != ".parquet":
            raise UsageError(f"--out {out}: expected a name that ends in .parquet")
        check_file(out, f"--out {out}")
    path = path_of(str(results))
    if not path.is_dir() and not (power and out is None):
        raise UsageError(f"{results} is not a folder")
    frame = load(path)
    if out is not None:
        save(frame, out)
        count = counted(frame["trial"].nunique(), "trial")
        new_console().print(f"Baseline of {count}: {escape(str(out))}", highlight=False)
    if power:
        new_console().print(_power(frame))


def _power(frame: pd.DataFrame) -> Table | str:
    """Return a table of the shares of changes that the gate would report."""
    from gan_bench.bench.compare.power import power_table

    rows = power_table(frame)
    if rows.empty:
        return "No cell has the three scores of a ranking metric that a spread needs."
    table = Table(box=None, pad_edge=False, caption=POWER, caption_justify="left")
    for name in rows:
        left = name in ("suite", "metric")
        table.add_column(name, justify="left" if left else "right", overflow="fold")
    for row in rows.itertuples(index=False):
        table.add_row(*(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    return table


def compare(
    baseline: Annotated[
        Path, typer.Argument(help="A folder or file of results, a speed file, or the word reference.")
    ],
    candidate: Annotated[Path, typer.Argument(help="What is judged, in the same form.")],
    format: Annotated[
        Format, typer.Option(help="For people, programs, GitHub's annotations or summary, or a paper.")
    ] = Format.text,
    fail_on: Annotated[
        str,
        typer.Option(
            help="Findings that count, by commas: exact, quality, stability, speed, incomparable, failed;"
            " default: all."
        ),
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
    typer.echo(printable(show_findings(found, format.value, words)))  # names are those of a file
    raise typer.Exit(found.exit_code(words))
