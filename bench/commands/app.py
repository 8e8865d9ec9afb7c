"""The command line: its commands, each a call into another room, and the place where errors are printed."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from gan_bench.bench.commands.doctor import doctor
from gan_bench.bench.commands.evaluate import evaluate
from gan_bench.bench.commands.explain import explain
from gan_bench.bench.commands.gate import baseline, compare
from gan_bench.bench.commands.hints import Command
from gan_bench.bench.commands.options import Plugins, reads
from gan_bench.bench.commands.own import check, new
from gan_bench.bench.commands.reference import reference
from gan_bench.bench.commands.refusals import refusal
from gan_bench.bench.commands.report import report
from gan_bench.bench.commands.sample import sample
from gan_bench.bench.commands.show import show
from gan_bench.bench.commands.speed import speed
from gan_bench.bench.commands.stores import clean, merge, verify
from gan_bench.bench.commands.tour import tour
from gan_bench.bench.commands.translate import translate
from gan_bench.bench.commands.tune import tune
from gan_bench.bench.common.printing import new_console, printable
from gan_bench.bench.common.program import program
from gan_bench.bench.common.startup import fix_workspaces, limit_threads, plain_output
from gan_bench.bench.common.steady import steady
from gan_bench.bench.running.request import Request

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


DAILY, OWN, GATE, LOOK, STORES = (
    "Every day",
    "Your own",
    "Regression gate and tuning",
    "A closer look",
    "Folders of results",
)
"""Headings of `--help`, in the order of their first command."""


def _version(asked: bool) -> None:
    if asked:
        from gan_bench.bench.commands.examining import version

        typer.echo(version("gan-bench"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Train generative adversarial networks on equal terms, measure them, and report the results."""


class Listed(StrEnum):
    """The kinds of things that `list` lists."""

    variants = "variants"
    datasets = "datasets"
    suites = "suites"
    metrics = "metrics"
    extractors = "extractors"
    references = "references"
    families = "families"


@app.command(rich_help_panel=DAILY, cls=Command)
@reads(Request)
def run(request: Request) -> None:
    """Train and measure what a suite lacks; write the report."""
    from gan_bench.bench.running.session import run as run_request

    with steady():
        raise typer.Exit(run_request(request, new_console()))


@app.command("list", rich_help_panel=LOOK, cls=Command)
def list_(
    what: Listed,
    long: Annotated[bool, typer.Option("--long", help="Every column; without, a line each.")] = False,
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """List variants, datasets, suites, metrics and more."""
    from gan_bench.bench.commands.listing import listing
    from gan_bench.bench.common.plugins import load_plugins

    load_plugins(plugin)
    console = new_console()
    if not console.is_terminal:  # for programs and files no line is cut
        console.width = 200 if long else 1000
    console.print(listing(what.value, long=long), markup=False)


COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    DAILY: (report, evaluate, compare, sample, translate),
    OWN: (new, check),
    GATE: (tune, baseline, reference, speed),
    LOOK: (show, explain, tour, doctor),
    STORES: (verify, merge, clean),
}
"""Commands of other modules by heading."""
for heading, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=heading, cls=Command)(command)


def main() -> int:
    """Run the command line; return the exit status, 2 for errors of the user and of plug-ins."""
    try:
        plain_output()
        limit_threads()
        fix_workspaces()
        app(prog_name=program())
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:
        if not (sentence := refusal(error)):
            raise
        return _refuse(sentence)
    return 0


def _refuse(sentence: str) -> int:
    """Print an error and return its exit status."""
    new_console(stderr=True).print(
        f"[bold red]error:[/] {escape(printable(sentence))}", highlight=False, soft_wrap=True
    )
    return 2
