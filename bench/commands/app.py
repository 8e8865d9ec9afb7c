"""The command line; what it means is in the modules that each command calls."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from gan_bench.bench.commands.explain import explain
from gan_bench.bench.commands.options import Plugins, check_device, command_line, parse_names, parse_whole
from gan_bench.bench.commands.sample import sample
from gan_bench.bench.commands.speed import speed
from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.common.startup import limit_threads, plain_output

app = typer.Typer(
    help="Train generative adversarial networks on equal terms, measure them, and report the results.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Listed(StrEnum):
    """What `list` lists."""

    variants = "variants"
    datasets = "datasets"
    suites = "suites"
    metrics = "metrics"
    extractors = "extractors"
    references = "references"


class Format(StrEnum):
    """How `compare` shows its outcome."""

    text = "text"
    json = "json"
    github = "github"


@app.command()
def run(
    suite: Annotated[str, typer.Option(help="A suite by name (see `list suites`), or your own .toml file.")],
    budget: Annotated[
        str, typer.Option(help="A budget of the suite: smoke, quick, gate (for `compare`) or full.")
    ] = "quick",
    variants: Annotated[
        str, typer.Option(help="Only these, separated by commas: names or compositions; or all.")
    ] = "",
    seeds: Annotated[str, typer.Option(help="A count (5), a list (0,1,7) or a range (0-4).")] = "",
    profile: Annotated[
        str, typer.Option(help="Hyperparameters: tuned, paper, default. Default: the suite's.")
    ] = "",
    changes: Annotated[
        list[str], typer.Option("--set", metavar="[VARIANT.]NAME=VALUE", help="A hyperparameter; repeatable.")
    ] = [],  # noqa: B006 - typer's way to say repeatable
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Tasks at a time. Default: a core each; 1 on CUDA.")
    ] = None,
    pack: Annotated[str, typer.Option(help="Trials per pack: a number, or auto. Default: the suite's.")] = "",
    compile_: Annotated[
        str,
        typer.Option(
            "--compile", help="Compiled training: on, off, auto (where it pays). Default: the suite's."
        ),
    ] = "",
    dtype: Annotated[
        str,
        typer.Option(help="float32, float64, or bfloat16 (matrix products only). Default: the suite's."),
    ] = "",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="Default: results/SUITE-BUDGET.")] = None,
    data_dir: Annotated[
        list[Path],
        typer.Option(help="A folder of image data in torchvision's layout, only read; repeatable."),
    ] = [],  # noqa: B006
    require_dataset: Annotated[
        bool, typer.Option("--require-dataset", help="Fail rather than use a stand-in.")
    ] = False,
    inception: Annotated[
        bool, typer.Option("--inception", help="Download Inception for FID and the like.")
    ] = False,
    inception_weights: Annotated[Path | None, typer.Option(help="A file of Inception's weights.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Archive this suite's earlier trials; start anew.")
    ] = False,
    plugin: Plugins = [],  # noqa: B006
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and its cost; do nothing.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show the traceback of the first failure.")
    ] = False,
) -> None:
    """Train and measure what is missing of a suite, then write the report."""
    from gan_bench.bench.running.session import Request
    from gan_bench.bench.running.session import run as run_request

    if inception and inception_weights:
        raise UsageError(
            "--inception downloads the weights and --inception-weights names them; give one of the two"
        )
    if inception_weights and not inception_weights.is_file():
        raise UsageError(f"--inception-weights {inception_weights}: no such file")
    check_device(device)
    request = Request(
        suite=suite,
        command=command_line(),
        budget=budget,
        variants=parse_names(variants),
        seeds=parse_seeds(seeds),
        profile=profile or None,
        dtype=parse_choice("--dtype", dtype, ("float32", "float64", "bfloat16")),
        changes=tuple(changes),
        jobs=jobs,
        pack=parse_pack(pack),
        compile=parse_choice("--compile", compile_, ("auto", "on", "off")),
        device=device,
        out=out,
        data_dirs=tuple(data_dir),
        require_dataset=require_dataset,
        inception="download"
        if inception
        else str(inception_weights.resolve())
        if inception_weights
        else None,
        fresh=fresh,
        plugins=tuple(plugin),
        dry_run=dry_run,
        verbose=verbose,
    )
    raise typer.Exit(run_request(request, Console()))


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="A folder that `run` has filled.")],
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
    page = write_report(store, console := Console(), command_line())
    console.print(f"Report: {escape(str(page))}", highlight=False, soft_wrap=True)


app.command()(speed)
app.command()(sample)
app.command()(explain)


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
    from gan_bench.bench.compare import load, parse_fail_on, parse_tolerances, show

    words = parse_fail_on(fail_on)
    load_plugins(plugin)
    limits = parse_tolerances(tolerance)
    before, after = load(baseline), load(candidate)
    for name in (*metric, *limits):
        check_name(
            "metric", name, dict.fromkeys(before.loc[before["what"] == "score", "name"]), str(baseline)
        )
    found = compare_frames(before, after, metric, limits)
    typer.echo(show(found, format.value, words))
    raise typer.Exit(found.exit_code(words))


def parse_seeds(text: str) -> tuple[int, ...] | None:
    """`5` -> 0 … 4; `0,1,7` and `0-4` -> these; nothing -> None. Raises UsageError."""
    if not text:
        return None
    if (count := parse_whole(text)) is not None:
        seeds = list(range(count))
    else:
        seeds = []
        for part in filter(None, map(str.strip, text.split(","))):
            first, dash, last = part.partition("-")
            ends = parse_whole(first), parse_whole(last if dash else first)
            if ends[0] is None or ends[1] is None:
                raise UsageError(f"--seeds {text}: expected a count (5), a list (0,1,7) or a range (0-4)")
            seeds += range(ends[0], ends[1] + 1)
    if not seeds or max(seeds) >= 2**63:
        raise UsageError(
            f"--seeds {text}: no seeds below 2^63; expected a count of at least 1, a list or a range"
        )
    return tuple(dict.fromkeys(seeds))


def parse_pack(text: str) -> int | str | None:
    """A number of at least 1, `auto`, or None for nothing. Raises UsageError."""
    if text in ("", "auto"):
        return text or None
    if (size := parse_whole(text)) is not None and size > 0:
        return size
    raise UsageError(f"--pack {text}: expected auto or a number of at least 1")


def parse_choice(option: str, text: str, choices: tuple[str, ...]) -> str | None:
    """One of the choices, or None for nothing. Raises UsageError."""
    if text:
        check_name(option, text, choices)
    return text or None


def main() -> int:
    """Run the command line; returns the exit status."""
    try:
        plain_output()
        limit_threads()
        app(prog_name="python -m bench")
    except UsageError as error:
        Console(stderr=True).print(
            f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True
        )
        return 2
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
