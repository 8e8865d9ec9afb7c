"""The commands that look after folders of results: `verify`, `merge`, `clean`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import unwritable
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.common.program import program
from gan_bench.names import counted

Results = Annotated[Path, typer.Argument(help="A folder that `run` has filled.")]


def verify(results: Results) -> None:
    """Check all files of a folder of results.

    Exit status: 0 fine, 1 if a file is damaged or foreign.
    """
    from gan_bench.bench.results.store import FOLDERS
    from gan_bench.bench.results.verifying import verify as verify_store

    store = _store(results)
    if not any((results / name).exists() for name in FOLDERS):
        raise UsageError(f"{results}: not a folder of results (it has no folder trials)")
    found = verify_store(store)
    _print(found.lines())
    _print(found.problems.values(), "red")
    raise typer.Exit(1 if found.problems else 0)


def merge(
    results: Annotated[list[Path], typer.Argument(help="Folders that `run` has filled.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to fill; it may be one of them.")],
) -> None:
    """Merge folders of results into one.

    Exit status: 1 if something damaged was left out.
    """
    from gan_bench.bench.results.merging import merge as merge_stores

    done = merge_stores(results, out)
    _print(done.lines())
    _print([f"Merged: {out}. Write its report with `{program()} report {out}`."])
    raise typer.Exit(1 if done.left_out else 0)


def clean(
    results: Results,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; without it they are listed.")] = False,
) -> None:
    """List or remove what was set aside in a folder of results."""
    from gan_bench.bench.results.cleaning import remove, unread

    store = _store(results)
    folders = unread(store)
    _print(f"{each.size / 1e6:9.1f} MB in {counted(each.files, 'file')}: {each.path}" for each in folders)
    total = f"{sum(each.size for each in folders) / 1e6:.1f} MB in {counted(len(folders), 'folder')}"
    if not folders:
        _print([f"{results}: nothing was set aside or archived."])
    elif not yes:
        _print([f"{total} can be removed: `{program()} clean {results} --yes`."])
    if yes:
        with unwritable(f"cannot remove folders in {results}"):
            remove(folders, store)
        _print([f"Removed: {total}."])


def _store(results: Path):
    from gan_bench.bench.results.store import Store

    if not results.is_dir():
        raise UsageError(f"{results} is not a folder")
    return Store(results)


def _print(lines: Iterable[str], style: str | None = None) -> None:
    from gan_bench.bench.running.lines import say

    console = new_console()
    for line in lines:
        say(console, line, style)
