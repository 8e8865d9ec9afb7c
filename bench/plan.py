"""From a suite and the options of the command line to the list of trials."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from bench import catalogue
from bench.errors import UsageError, check_name
from bench.rehearsals import Rehearsals
from bench.settings import Overrides, check_space, draws, grid, of_suite, parse_overrides
from bench.suite import ALL, BudgetSpec, Suite
from bench.trial import Trial

Load = Callable[[str], Any]
"""Name of a dataset -> the dataset, loaded."""


def plan(
    suite: Suite,
    load: Load,
    *,
    budget: str = "quick",
    only: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    profile: str | None = None,
    dtype: str | None = None,
    changes: Sequence[str] = (),
    notice: Callable[[str], None] = lambda _: None,
) -> list[Trial]:
    """Every trial of `suite` under `budget`, without repetitions, in the order of the suite file.

    `only` are the variants (`["all"]`: every registered one), `seeds` the seeds, `profile` and `dtype` those
    in place of the suite's, `changes` are `--set` arguments. Trains and writes nothing. A variant that cannot
    be trained on a dataset, or has no such profile for it, is left out of "all", and `notice` is told so; so
    is one that cannot be trained with some of the networks or settings. Raises UsageError for one that was
    asked for by name and cannot be trained at all, for unknown names and impossible hyperparameters.
    """
    everything = list(only or ()) == [ALL]
    chosen = [] if everything else [catalogue.variant_name(name, "--variants") for name in only or ()]
    overrides = parse_overrides(changes)
    trials: dict[str, Trial] = {}
    known = list(dict.fromkeys(name for part in suite.parts for name in part.budgets))
    check_name("budget", budget, known, f"suite {suite.name}")
    for part in suite.parts:
        if budget not in part.budgets:  # as an included suite that only a larger budget has
            continue
        replaced = {"profile": profile or part.profile, "dtype": dtype or part.dtype}
        part = part.model_copy(update=replaced | ({"variants": ALL} if everything else {}))
        for trial in _leaf(part, load, budget, chosen, seeds, overrides, notice):
            trials.setdefault(trial.key, trial)
    if not trials:
        raise UsageError(f"suite {suite.name}: nothing to train with these options")
    return list(trials.values())


def _leaf(
    suite: Suite,
    load: Load,
    budget: str,
    only: Sequence[str],
    seeds: Sequence[int] | None,
    overrides: Overrides,
    notice: Callable[[str], None],
) -> Iterator[Trial]:
    spec = suite.budgets[budget]
    suite = suite.model_copy(update={"search": spec.search or suite.search})
    where = f"suite {suite.name}"
    listed = catalogue.variant_names() if suite.variants == ALL else suite.variants
    chosen = only or [catalogue.variant_name(name, where) for name in listed]
    labels = spec.architectures or list(suite.architectures)
    for label in labels:
        check_name("architecture", label, suite.architectures, f"{where}, [budgets.{budget}]")
    check_space(suite)
    tables = of_suite(suite)
    _check_everyone(where, tables, chosen)
    _check_everyone("--set", overrides, chosen)
    _check_everyone(where, {None: suite.axes}, chosen)
    for dataset in spec.datasets or suite.datasets:
        data = load(dataset)
        named = suite.variants != ALL or bool(only)
        fitting = _fitting(suite, chosen, data, None if named else notice)
        rehearsals = Rehearsals(data, where)
        for label in labels:
            network = catalogue.network({"family": label, **suite.architectures[label]})
            for name in fitting:
                facts = catalogue.variant(name)
                for profile, hyperparameters in _settings(suite, name, data.kind, tables, overrides):
                    if not rehearsals.fits(name, label, network, hyperparameters):
                        continue
                    for seed in seeds or spec.seeds or suite.seeds:
                        yield Trial(
                            suite=suite.name,
                            budget=budget,
                            dataset=dataset,
                            data_name=data.name,
                            stand_in_for=data.stand_in_for,
                            content_hash=data.content_hash,
                            kind=data.kind,
                            variant=name,
                            paper=facts.paper,
                            year=facts.year,
                            profile=profile,
                            architecture=label,
                            network=network,
                            hyperparameters=hyperparameters,
                            seed=seed,
                            kimg=spec.kimg,
                            points=_points(spec),
                            dtype=suite.dtype,
                            samples=spec.samples,
                            final_samples=spec.final_samples,
                            versions={"variant": facts.version, "engine": catalogue.engine_version()},
                        )
        rehearsals.report(fitting if named else (), notice)


def _fitting(
    suite: Suite, chosen: Sequence[str], data: Any, notice: Callable[[str], None] | None
) -> list[str]:
    """Those of the variants that can be trained on `data`; without `notice`, one that cannot is an error."""
    where = f"suite {suite.name}"
    fitting = []
    for name in chosen:
        if not (reason := catalogue.unfit(name, data, suite.profile)):
            fitting.append(name)
        elif notice is None:
            raise UsageError(f"{where}: {name} cannot be trained on {data.name}: {reason}")
        else:
            notice(f"{where}: {name} is left out on {data.name}: {reason}")
    return fitting


def _settings(
    suite: Suite, variant: str, kind: str, tables: Overrides, overrides: Overrides
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The label and the hyperparameters, as trials keep them, of every setting of a variant."""
    declared = catalogue.hyperparameters(variant)
    base = catalogue.profile(variant, suite.profile, kind)
    fixed = _mine(tables, variant, declared)
    last = _mine(overrides, variant, declared)
    searched = draws(suite.search, variant, declared) if suite.search else [{}]
    for number, drawn in enumerate(searched):
        for point in grid(suite.axes, declared):
            start = f"search {number:02d}" if suite.search else suite.profile
            label = ", ".join([start, *(f"{name}={value}" for name, value in last.items())])
            settings = catalogue.resolve(variant, base, fixed, drawn, point, last)
            yield label, catalogue.stated(variant, settings)


def _mine(overrides: Overrides, variant: str, declared: Collection[str]) -> dict[str, Any]:
    everyone = {name: value for name, value in overrides.get(None, {}).items() if name in declared}
    return {**everyone, **overrides.get(variant, {})}


def _check_everyone(
    where: str, overrides: Mapping[str | None, Collection[str]], chosen: Sequence[str]
) -> None:
    """A hyperparameter given for every variant must be known to at least one of those chosen."""
    known = list(dict.fromkeys(name for variant in chosen for name in catalogue.hyperparameters(variant)))
    for name in overrides.get(None, ()):
        check_name("hyperparameter", name, known, where)


def _points(spec: BudgetSpec) -> tuple[float, ...]:
    """Equally spaced, the last exactly at the end of the budget."""
    return (*(spec.kimg * i / spec.points for i in range(1, spec.points)), spec.kimg)
