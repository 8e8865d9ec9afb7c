"""`tune`: tuned profiles, from the results of a search suite or from a search of one variant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.commands.options import DataDirs, Plugins, command_line
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_file
from gan_bench.bench.common.printing import new_console

RESULTS = "A folder that `run` of a search suite has filled. Without it, --variant and --dataset."
FILE = "The file of profiles, made or updated."
BUDGET = "Budget of the search (smoke, quick: the default) or, of several in RESULTS, the one to tune from."
TRIALS = "With --variant: the folder for its trials. Default: results/tune-VARIANT-DATASET-BUDGET."


def tune(
    results: Annotated[Path | None, typer.Argument(help=RESULTS)] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help=FILE)] = Path("tuned.toml"),
    variant: Annotated[str, typer.Option(help="Search this variant, as the shipped ones were.")] = "",
    dataset: Annotated[str, typer.Option(help="With --variant: the data to search on.")] = "",
    budget: Annotated[str | None, typer.Option(help=BUDGET, show_default=False)] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="With --variant: packs at a time.")] = None,
    trials: Annotated[Path | None, typer.Option(metavar="FOLDER", help=TRIALS)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --variant: show the plan.")] = False,
    data_dir: DataDirs = [],  # noqa: B006
    plugin: Plugins = [],  # noqa: B006
) -> None:
    """Make tuned profiles, for `run --profiles`.

    Either from the results of a search suite, or by a search of one variant with as many settings as the
    shipped search of this kind of data has.
    """
    if (results is None) != bool(variant and dataset) or bool(variant) != bool(dataset):
        raise UsageError("give either a folder of results, or --variant and --dataset")
    check_file(out, f"--out {out}")
    if variant:
        from gan_bench.bench.running.search import search

        status = search(
            variant, dataset, out, new_console(), command=command_line(), budget=budget or "quick", jobs=jobs,
            results=trials, dry_run=dry_run, plugins=tuple(plugin), data_dirs=tuple(data_dir),
        )  # fmt: skip
        raise typer.Exit(status)
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.bench.results.store import Store
    from gan_bench.bench.results.tuning import tune as tune_store

    load_plugins(plugin)
    assert results is not None
    if not results.is_dir():
        raise UsageError(f"{results} is not a folder")
    new_console().print(tune_store(Store(results), out, command_line(), budget))
