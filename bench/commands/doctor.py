"""The command `doctor`: what is here, what is missing, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gan_bench.bench.commands.options import DataDirs
from gan_bench.bench.common.printing import new_console

COLOURS = {"fine": "green", "missing": "yellow", "wrong": "red"}


def doctor(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder in which results would be written.")
    ] = Path("results"),
    data_dirs: DataDirs = [],  # noqa: B006
) -> None:
    """Show versions, devices, data in reach and what is missing.

    What is missing is optional. Exit status: 0 fine, 1 if something is wrong.
    """
    from gan_bench.bench.commands.examining import examine
    from gan_bench.bench.common.printing import printable

    console, wrong = new_console(), False
    for finding in examine(out, tuple(data_dirs)):
        line = Table.grid(padding=(0, 2, 0, 0))
        for width in (7, 24):
            line.add_column(min_width=width)
        line.add_column(overflow="fold")
        texts = [text for text in (finding.found, finding.cure) if text]
        state = Text(finding.state, COLOURS[finding.state])
        line.add_row(state, Text(finding.what, "bold"), Text(printable("\n".join(texts))))
        console.print(line)
        wrong |= finding.state == "wrong"
    raise typer.Exit(int(wrong))
