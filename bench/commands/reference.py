"""`reference`: the results that come with the package, shown or made anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_bench.bench.commands.options import DataDirs, command_line
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_file
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.planning.options import parse_names, parse_seeds
from gan_bench.names import counted

if TYPE_CHECKING:
    from gan_bench.bench.results.shipped import Shipped

SUITES = (
    "gaussian1d:all,quadratic:all,ring:all,grid:all,digits:all,mnist:all,fashion:all,"
    "conditional,inference,clustering,semi-supervised,"
    "translation,translation-multimodal,translation-tints,translation-codes,translation-contents,"
    "translation-styles,restoration,adaptation"
)
NUMBERS = ("variants", "seeds", "finished")
CHOICE = "Suites, separated by commas; SUITE:all trains every variant that its data can feed."
EXTEND = "Keep what this file holds and is not stale (`reference`: the package's); train only the rest."
OUT = "Train what is missing and write a file of results; without it, show what the package has."


def reference(
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE.parquet", help=OUT)] = None,
    suites: Annotated[str, typer.Option(help=CHOICE)] = SUITES,
    budget: Annotated[str, typer.Option(help="A budget of these suites.")] = "quick",
    seeds: Annotated[str, typer.Option(help="A count, a list or a range.")] = "5",
    results: Annotated[Path, typer.Option(help="The folder of results that is filled.")] = Path(
        "results/reference"
    ),
    extend: Annotated[str | None, typer.Option(metavar="FILE", help=EXTEND)] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Begin no further seed of a suite after this time.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Packs that train at a time.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1.")] = "cpu",
    data_dir: DataDirs = [],  # noqa: B006
    long: Annotated[bool, typer.Option("--long", help="Show a line per variant.")] = False,
) -> None:
    """Show the reference results, or make a file of results.

    Interrupted, it goes on where it was when it is given again: seed by seed, each of every suite.
    """
    from gan_bench.bench.results import shipped
    from gan_bench.bench.results.current import current
    from gan_bench.bench.results.store import Store
    from gan_bench.bench.running.request import Request
    from gan_bench.bench.running.rounds import fill, rest

    console = new_console()
    if out is None:
        if extend is not None:
            raise UsageError("--extend needs --out, the file to write")
        _show(shipped.read(shipped.REFERENCE), long, console)
        return
    if out.suffix != ".parquet":
        raise UsageError(f"--out {out}: expected a name that ends in .parquet")
    check_file(out, f"--out {out}")
    chosen, numbers = [_suite(name) for name in parse_names(suites) or ()], parse_seeds(seeds)
    if not chosen or not numbers:
        raise UsageError("expected at least one suite and one seed")
    requests = [
        Request(
            suite, command_line(), budget=budget, variants=variants, seeds=(seed,), out=results, jobs=jobs,
            device=device, data_dirs=tuple(data_dir), require_dataset=True,
        )
        for seed in numbers
        for suite, variants in chosen
    ]  # fmt: skip
    kept = () if extend is None else current(shipped.read(extend).trials)
    keys = {record.trial.key for record, _ in kept}
    if kept:
        requests = rest(requests, keys, new_console(quiet=True))
    status = fill(requests, console, None if minutes is None else 60 * minutes, keys)
    if status == 130:
        raise typer.Exit(status)
    _show(shipped.export(Store(results), out, kept), long, console)
    console.print(f"Written: {escape(str(out))} ({out.stat().st_size:,} bytes)", highlight=False)
    raise typer.Exit(status)


def _suite(text: str) -> tuple[str, tuple[str, ...] | None]:
    """Return the suite and the variants that `SUITE` or `SUITE:all` names; None: the suite's own.

    Raises:
        UsageError: for another word after the colon.
    """
    from gan_bench.bench.planning.suite import ALL

    suite, colon, variants = text.partition(":")
    if colon and variants != ALL:
        raise UsageError(f"--suites {text}: expected {suite}, or {suite}:{ALL} for every variant")
    return suite, (ALL,) if colon else None


def _show(found: Shipped, long: bool, console: Console) -> None:
    """Print a line per suite, or per variant, and what the file took to make."""
    from gan_bench.bench.results.shipped import contents, overview

    rows = contents(found) if long else overview(contents(found))
    table = Table(box=None, padding=(0, 1, 0, 0))
    for name in rows:
        table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")
    for row in rows.itertuples(index=False):
        table.add_row(*map(escape, map(str, row)))
    console.print(table)
    machines = {record.provenance.get("processor") or "an unknown processor" for record, _ in found.trials}
    torch = {record.provenance.get("versions", {}).get("torch") for record, _ in found.trials}
    text = f"{counted(len(found.trials), 'trial')} in {found.facts['hours']:.2f} hours of training and"
    text += f" evaluation (wall-clock, summed over processes), on {', '.join(sorted(machines))},"
    text += f" torch {', '.join(sorted(map(str, torch)))}; made {found.facts['created'][:10]}."
    console.print(escape(text), highlight=False)
