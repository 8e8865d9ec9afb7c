"""`new` and `check`: a user's own variant, dataset, networks or suite, from a commented file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gan_bench.bench.commands.options import Plugins
from gan_bench.bench.common.printing import new_console


class Kind(StrEnum):
    """Kinds of files that `new` writes."""

    variant = "variant"
    dataset = "dataset"
    network = "network"
    suite = "suite"


def new(
    kind: Kind,
    name: Annotated[str, typer.Argument(help="Its name, my-hinge for instance.")],
    folder: Annotated[Path, typer.Option("--out", "-o", help="The folder to write into.")] = Path(),
) -> None:
    """Write a commented file of your own to start from.

    It works as it stands: `check` it, train with it, then change it.
    """
    from gan_bench.bench.checking.new import new as write
    from gan_bench.bench.common.program import program

    path = escape(str(write(kind.value, name, folder)))
    new_console().print(f"{path}: check it with `{program()} check {path}`.", soft_wrap=True)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plug-in (.py) or a suite (.toml).")],
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Check a file of your own by the contract of its kind.

    Exit status: 1 if a check fails.
    """
    from rich.table import Table

    from gan_bench.bench.checking.session import check_file
    from gan_bench.bench.common.printing import printable

    with new_console(stderr=True).status("Loading") as status:
        outcomes = check_file(file, plugin, lambda what: status.update(f"Checking {what}"))
    failed = [outcome for outcome in outcomes if outcome.problem]
    table = Table("", "what", "check", box=None, pad_edge=False)
    for outcome in outcomes:
        mark = "[red]fails[/]" if outcome.problem else "[green]holds[/]"
        table.add_row(mark, escape(f"{outcome.kind} {outcome.name}"), escape(outcome.promise))
    console = new_console()
    console.print(table)
    for name, problem in dict.fromkeys((outcome.name, outcome.problem) for outcome in failed):
        console.print(
            f"[bold red]{escape(name)}[/]: {escape(printable(problem))}",
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"{len(outcomes) - len(failed)} of {len(outcomes)} checks hold.")
    raise typer.Exit(1 if failed else 0)
