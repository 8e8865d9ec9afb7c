"""Search of one variant's tuned profile, with the settings that the shipped search gives every variant."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from rich.console import Console

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import shipped
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.tuning import tune
from gan_bench.bench.running.lines import say
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.session import run
from gan_bench.datasets.base import Kind
from gan_bench.reports.labels import slug

PREFIX = "search-"
"""Start of the names of the searches of games that need samples alone, which end in the kind of data."""


def search(
    variant: str,
    dataset: str,
    file: Path,
    console: Console,
    *,
    command: str,
    budget: str = "quick",
    plugins: tuple[Path, ...] = (),
    data_dirs: tuple[Path, ...] = (),
    jobs: int | None = None,
    executor: str | None = None,
    results: Path | None = None,
    dry_run: bool = False,
) -> int:
    """Train every setting of a search, and write the best as the variant's tuned profile.

    The shipped search of the dataset's kind is run on the dataset, with its number of settings, seeds and
    ranges; a range that it states for this variant precedes the common one. What an interrupted search has
    trained is kept.

    Args:
        variant: name of the variant, or a composition.
        dataset: a dataset's name.
        file: of profiles, made or updated.
        console: where progress is shown.
        command: that does this again.
        budget: of the search.
        plugins, data_dirs, jobs, executor, dry_run: as in `Request`.
        results: folder for the trials; default: one for this search in `results`.

    Returns:
        the exit status: that of the run, 0 where a profile was written.

    Raises:
        UsageError: for unknown names, data of a kind that has no shipped search, and data out of reach.
    """
    load_plugins(plugins)
    name = catalogue.variant_name(variant, "--variant")
    catalogue.check_dataset(dataset, "--dataset")
    data = catalogue.dataset(dataset, roots=[path.resolve() for path in data_dirs], stand_in=False)
    suite = search_suite(data.kind)
    out = results or Path("results") / f"tune-{slug(name)}-{slug(data.name)}-{budget}"
    request = Request(
        suite, command, budget=budget, variants=(name,), dataset=dataset, jobs=jobs, out=out,
        data_dirs=data_dirs, plugins=plugins, require_dataset=True, executor=executor, dry_run=dry_run,
    )  # fmt: skip
    status = run(request, console)
    if status or dry_run:
        return status
    say(console, tune(Store(out), file, command, budget))
    loaded = "".join(f" --plugin {path}" for path in plugins)
    say(console, f"Profiles: {file}. Use them with `run --profiles {file} --variants {name}{loaded}`.")
    return 0


def search_suite(kind: str) -> str:
    """Return the shipped search for a kind of data; raise UsageError where there is none."""
    if (name := f"{PREFIX}{kind}") in shipped():
        return name
    kinds = [each for each in get_args(Kind) if f"{PREFIX}{each}" in shipped()]
    raise UsageError(
        f"there is no shipped search for {kind} data; there are {', '.join(kinds)}. Write a suite with a "
        "table [search], run it and give its results to `tune RESULTS -o FILE`"
    )
