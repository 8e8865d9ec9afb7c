"""The command line: its commands, each a call into another room, and the place where errors are printed."""

from __future__ import annotations

import errno
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from gan_bench.bench.commands.explain import explain
from gan_bench.bench.commands.options import Plugins, command_line, reads
from gan_bench.bench.commands.sample import sample
from gan_bench.bench.commands.show import show
from gan_bench.bench.commands.speed import speed
from gan_bench.bench.commands.stores import clean, merge, verify
from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.common.plugins import in_plugin
from gan_bench.bench.common.printing import printable
from gan_bench.bench.common.startup import fix_workspaces, limit_threads, plain_output
from gan_bench.bench.planning.user_errors import usage_error
from gan_bench.bench.running.request import Request
from gan_bench.errors import UserError

OF_THE_USERS_FILES = frozenset(
    {errno.EACCES, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EPERM, errno.EROFS}
)
"""Errors of the operating system that are about a name or the rights of a file that the user has named."""
app = typer.Typer(
    help="Train generative adversarial networks on equal terms, measure them, and report the results.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Listed(StrEnum):
    """The kinds of things that `list` lists."""

    variants = "variants"
    datasets = "datasets"
    suites = "suites"
    metrics = "metrics"
    extractors = "extractors"
    references = "references"
    families = "families"


class Format(StrEnum):
    """The forms in which `compare` shows its outcome."""

    text = "text"
    json = "json"
    github = "github"


class Equal(StrEnum):
    """The costs in which `report` compares trials."""

    kimg = "kimg"
    seconds = "seconds"
    flop = "flop"


@app.command()
@reads(Request)
def run(request: Request) -> None:
    """Train and measure what is missing of a suite, then write the report."""
    from gan_bench.bench.running.session import run as run_request

    raise typer.Exit(run_request(request, Console()))


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="A folder that `run` has filled.")],
    equal: Annotated[Equal, typer.Option(help="Compare at equal kimg, seconds or FLOP.")] = Equal.kimg,
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Write the report of a folder of results again."""
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.bench.results.report import write_report
    from gan_bench.bench.results.store import Store

    load_plugins(plugin)
    if not results.is_dir():
        raise UsageError(f"{results} is not a folder")
    store = Store(results)
    store.look_through()
    page = write_report(store, console := Console(), command_line(), equal=equal.value)
    console.print(f"Report: {escape(str(page))}", highlight=False, soft_wrap=True)


app.command()(speed)
app.command()(sample)
app.command()(explain)
app.command()(show)
app.command()(verify)
app.command()(merge)
app.command()(clean)


@app.command("list")
def list_(what: Listed, plugin: Plugins = []) -> None:  # noqa: B006
    """List variants, datasets, suites, metrics, feature extractors or reference rows."""
    from gan_bench.bench.commands.listing import listing
    from gan_bench.bench.common.plugins import load_plugins

    load_plugins(plugin)
    console = Console()
    console.width = console.width if console.is_terminal else 200
    console.print(listing(what.value), markup=False)


@app.command()
def tune(
    results: Annotated[Path, typer.Argument(help="A folder that `run` of a search suite has filled.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The data file of tuned profiles, made or updated.")
    ],
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Turn the results of a search suite into tuned profiles."""
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.bench.results.store import Store
    from gan_bench.bench.results.tuning import tune as tune_store

    load_plugins(plugin)
    if not results.is_dir():
        raise UsageError(f"{results} is not a folder")
    Console().print(tune_store(Store(results), out, command_line()))


@app.command()
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


@app.command()
def compare(
    baseline: Annotated[Path, typer.Argument(help="A folder of results, a baseline file or a speed file.")],
    candidate: Annotated[Path, typer.Argument(help="The same of what is to be judged.")],
    format: Annotated[Format, typer.Option(help="For people, programs or GitHub's pages.")] = Format.text,
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
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.bench.compare import compare as compare_frames
    from gan_bench.bench.compare import load, parse_fail_on, parse_tolerances
    from gan_bench.bench.compare import show as show_findings

    words = parse_fail_on(fail_on)
    load_plugins(plugin)
    limits = parse_tolerances(tolerance)
    before, after = load(baseline), load(candidate)
    for name in (*metric, *limits):
        check_name(
            "metric", name, dict.fromkeys(before.loc[before["what"] == "score", "name"]), str(baseline)
        )
    found = compare_frames(before, after, metric, limits)
    typer.echo(show_findings(found, format.value, words))
    raise typer.Exit(found.exit_code(words))


def main() -> int:
    """Run the command line; return the exit status, 2 for errors of the user and of plug-ins."""
    try:
        plain_output()
        limit_threads()
        fix_workspaces()
        app(prog_name="python -m bench")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except UserError as error:
        return _refuse(str(usage_error(error)))
    except OSError as error:
        if error.errno not in OF_THE_USERS_FILES or not error.filename:
            raise
        return _refuse(f"{error.filename}: {error.strerror}")
    except Exception as error:
        if not (sentence := in_plugin(error)):
            raise
        return _refuse(sentence)
    return 0


def _refuse(sentence: str) -> int:
    """Print an error and return its exit status."""
    Console(stderr=True).print(
        f"[bold red]error:[/] {escape(printable(sentence))}", highlight=False, soft_wrap=True
    )
    return 2
