"""The command `report`: pages of one folder of results, of two side by side, or a table for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from gan_bench.bench.commands.options import Beside, Plugins, command_line
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_file, check_folder, unwritable, write
from gan_bench.bench.common.printing import new_console

if TYPE_CHECKING:
    from gan_bench.bench.results.store import Store


class Equal(StrEnum):
    """The costs in which `report` compares trials."""

    kimg = "kimg"
    seconds = "seconds"
    flop = "flop"


class Format(StrEnum):
    """Formats that `report` writes."""

    html = "html"
    latex = "latex"


def report(
    results: Annotated[
        list[Path], typer.Argument(help="A folder that `run` has filled; two are compared on one page.")
    ],
    equal: Annotated[Equal, typer.Option(help="Compare at equal kimg, seconds or FLOP.")] = Equal.kimg,
    format_: Annotated[
        Format, typer.Option("--format", help="Pages, or a LaTeX table for a paper (booktabs).")
    ] = Format.html,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Columns of the LaTeX table, by commas: metrics, final, best, rank, finished, seconds ...",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The table's file, or the folder of the page that compares two."),
    ] = None,
    beside: Beside = [],  # noqa: B006
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Write the report of a folder of results again."""
    from gan_bench.bench.common.plugins import load_plugins

    load_plugins(plugin)
    if out is not None:
        check = check_file if format_ is Format.latex else check_folder
        check(out, f"--out {out}")
    if len(results) > 2:
        raise UsageError(f"report takes one folder of results, or two to compare; {len(results)} are given")
    stores = [_store(folder) for folder in results]
    console = new_console()
    if format_ is Format.latex:
        if len(stores) > 1:
            raise UsageError("--format latex makes a table of one folder of results; leave the other out")
        _latex(stores[0], columns, equal, beside, out)
        return
    if columns is not None:
        raise UsageError("--columns chooses those of a table; add --format latex")
    if len(stores) == 2:
        page = _compare(stores[0], stores[1], equal, beside, out)
    elif out is not None:
        raise UsageError("--out is for a table or two folders; the report of one is in RESULTS/report")
    else:
        from gan_bench.bench.results.report import write_report

        page = write_report(stores[0], console, command_line(), equal=equal.value, beside=beside)
    console.print(f"Report: {escape(str(page))}", highlight=False, soft_wrap=True)


def _store(folder: Path) -> Store:
    from gan_bench.bench.results.store import Store

    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    store = Store(folder)
    store.look_through()
    return store


def _latex(store: Store, columns: str | None, equal: Equal, beside: Sequence[str], out: Path | None) -> None:
    from gan_bench.bench.results.report import paper_table

    chosen = [name.strip() for name in (columns or "").split(",") if name.strip()]
    text = paper_table(store, equal.value, chosen, beside, _notice)
    if out is None:
        typer.echo(text, nl=False)
        return
    with unwritable(f"-o {out}"):
        write(out, text.encode())
    new_console().print(f"Written: {escape(str(out))}", highlight=False, soft_wrap=True)


def _notice(text: str) -> None:
    typer.echo(text, err=True)


def _compare(first: Store, second: Store, equal: Equal, beside: Sequence[str], out: Path | None) -> Path:
    from gan_bench.bench.results.report import frames_of
    from gan_bench.reports import versus

    names = [store.root.resolve().name for store in (first, second)]
    if names[0] == names[1]:
        names = [str(store.root) for store in (first, second)]
    folder = out or first.root / "comparisons" / second.root.resolve().name
    sides = [
        versus.Side(name, frames_of(store, equal.value, beside, _notice))
        for name, store in zip(names, (first, second), strict=True)
    ]
    try:
        with unwritable(f"cannot write the page to {folder}"):
            return versus.write(sides[0], sides[1], folder)
    except ValueError as error:
        raise UsageError(str(error)) from error
