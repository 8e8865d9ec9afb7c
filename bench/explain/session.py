"""The command `explain`: plan the example, train it, write the page."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import make_folder
from gan_bench.bench.common.interrupt import interruptible
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.engine import Progress
from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.explain import frames
from gan_bench.bench.explain.request import Request
from gan_bench.bench.explain.watch import SHOWN, WatchingTrainer
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.alterations import altered
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import colours
from gan_bench.bench.results.report import write_report
from gan_bench.bench.results.store import Store
from gan_bench.names import counted

if TYPE_CHECKING:
    from gan_bench.reports.explain import Watched

EXAMPLE = Path(__file__).parent / "example.toml"
BUDGET = "quick"
WIDTHS = {"generator": "hidden", "critic": "critic_hidden"}


def explain(request: Request, console: Console) -> int:
    """Train and write the page; return the exit status: 0, or 130 if interrupted (nothing is written).

    Raises:
        UsageError: for impossible options, before training.
    """
    load_plugins(request.plugins)
    trial, data, trainer = prepare(request)
    store = None if request.results is None else Store(request.results)
    if store is not None and request.out is not None:
        raise UsageError("--out and --results both name the folder of the page; expected one of the two")
    if store is not None:
        store.look_through()
    if store is not None and not any(True for _ in store):
        raise UsageError(
            f"--results {request.results}: the folder has no trials; expected one that `run` has filled"
        )
    name = Path("explain") / f"{trial.variant}-{data.name}"
    out = request.out or (request.results or Path("results")) / name
    make_folder(out, "--out")
    try:
        with interruptible(), console.status("") as status:
            content = watched(
                trial, data, trainer, request.command,
                lambda p: status.update(f"iteration {p.iteration:,} of {p.iterations:,}, {p.seconds:.0f} s"),
            )  # fmt: skip
    except KeyboardInterrupt:
        console.print("\nStopped: nothing was written.")
        return 130
    from gan_bench.reports import explain as pages

    page = pages.write(out, content)
    console.print(content.facts[-1].removesuffix("."), highlight=False)
    console.print(f"Page: {escape(str(page))}", highlight=False, soft_wrap=True)
    if store is not None:
        report = write_report(store, console, request.command)
        console.print(f"Report: {escape(str(report))}", highlight=False, soft_wrap=True)
    return 0


def prepare(request: Request) -> tuple[Trial, Any, WatchingTrainer]:
    """Return the trial of a request, its dataset, and a trainer that watches it.

    Raises:
        UsageError: for impossible options.
    """
    trial, data = _plan(request)
    return trial, data, _trainer(trial, data, request)


def watched(
    trial: Trial, data: Any, trainer: WatchingTrainer, command: str, on_progress: Callable[[Progress], None]
) -> Watched:
    """Train to the end and return what was recorded; `command` does it again."""
    with numerics():
        outcome = trainer.watch(on_progress)
    from gan_bench.reports import explain as pages

    end = "" if outcome.diverged_at is None else f"; diverged at iteration {outcome.diverged_at:,}"
    return pages.Watched(
        variant=trial.variant,
        place=colours.number(trial.variant),
        title=f"Features of the critic of {trial.variant} on {data.name}",
        context=f"{trial.variant} · {data.name} · {_networks(trial)} · seed {trial.seed}",
        facts=[
            f"Data: {data.truth.description or data.name}.",
            f"Settings: {_settings(trial)}.",
            f"{counted(outcome.iterations, 'iteration')} in {outcome.seconds:.0f} s{end}.",
        ],
        command=command,
        features=frames.features(trainer.updates),
        centroids=frames.centroids(trainer.updates),
        scatters=frames.scatters(trainer.scatters, data.reference("test", SHOWN).numpy()),
        losses=frames.losses(outcome.history),
    )


def _plan(request: Request) -> tuple[Trial, Any]:
    load = functools.cache(catalogue.dataset)
    kind = catalogue.kind_of(request.dataset) or load(request.dataset).kind  # without a download for it
    if kind not in ("scalar", "planar"):
        raise UsageError(
            f"--dataset {request.dataset} has {kind}; expected numbers or points of a plane, such as"
            " gaussian1d, quadratic or ring"
        )
    data = load(request.dataset)
    suite = altered(load_suite(str(EXAMPLE)), dataset=request.dataset)
    only = None if request.variant is None else [catalogue.variant_name(request.variant, "--variant")]
    trials = plan(suite, load, budget=BUDGET, only=only, seeds=(request.seed,), changes=request.changes)
    return trials[0], data


def _trainer(trial: Trial, data: Any, request: Request) -> WatchingTrainer:
    """Return a trainer for the requested iterations that records the first, every nth and the last one."""
    budget = WatchingTrainer(job_of(Pack((trial,)), "cpu"), data, ()).budget
    budget = budget.lasting(request.iterations)
    marks = sorted({*range(request.every, request.iterations, request.every), request.iterations})
    points = tuple(sorted({budget.images_until(mark) / 1000 for mark in marks}))
    trial = dataclasses.replace(trial, kimg=points[-1], points=points)
    return WatchingTrainer(job_of(Pack((trial,)), "cpu"), data, {1, *marks})


def _networks(trial: Trial) -> str:
    widths = {role: "-".join(map(str, trial.network[key])) for role, key in WIDTHS.items()}
    return ", ".join(f"{role} {width}" for role, width in widths.items())


def _settings(trial: Trial) -> str:
    """Return the hyperparameters that differ from the variant's default and from the one they inherit."""
    declared, values = catalogue.hyperparameters(trial.variant), trial.hyperparameters
    usual = catalogue.resolve(trial.variant)
    texts = [
        f"{name} {value}"
        for name, value in values.items()
        if value != values.get(declared[name].inherits, usual[name])
    ]
    return ", ".join(texts)
