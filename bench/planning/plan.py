"""Plan the trials of a suite, with the options of the command line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.checks import check, check_suite, listed
from gan_bench.bench.planning.overrides import (
    Overrides,
    by_owner,
    draws,
    for_variant,
    grid,
    of_suite,
    parse_changes,
)
from gan_bench.bench.planning.rehearsals import Rehearsals
from gan_bench.bench.planning.suite import ALL, MOST_TRIALS, BudgetSpec, Suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.reports.variation import value_text, written

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
    searches: Any = None,
    dtype: str | None = None,
    changes: Sequence[str] = (),
    notice: Callable[[str], None] = lambda _: None,
) -> list[Trial]:
    """Return the trials of `suite` with `budget`, without repetitions, in the order of the suite file.

    Trials of a variant are omitted if it cannot be trained with their networks or settings. If the variants
    are "all", those that cannot be trained on a dataset, or lack the profile for it, are omitted too. A
    variant that is named has another profile in place of one that it lacks (`variants.profiles.FALLBACKS`).
    `notice` reports every omission and replacement.

    Args:
        suite: what to train.
        load: returns a dataset by name.
        budget: name of a budget of the suite.
        only: variants in place of the suite's; `["all"]` for every registered one.
        seeds, profile, dtype: in place of the suite's.
        searches: searched profiles, see `catalogue.searches`.
        changes: `--set` arguments.
        notice: called with a sentence on each omission.

    Raises:
        UsageError: for a variant named by the user that cannot be trained at all, for unknown names, invalid
            hyperparameters, and a plan without trials.
    """
    everything = list(only or ()) == [ALL]
    chosen = [] if everything else [catalogue.variant_name(name, "--variants") for name in only or ()]
    parts = _parts(suite, budget, everything)
    for part in suite.parts:
        check_suite(part, catalogue.variant_names() if everything else chosen)
    changed = parse_changes(changes)
    check(changed, chosen or list(dict.fromkeys(name for part in parts for name in listed(part))))
    overrides = by_owner(changed)
    notices: dict[str, None] = {}
    trials: dict[str, Trial] = {}
    for part in parts:
        part = part.model_copy(update={"profile": profile or part.profile, "dtype": dtype or part.dtype})
        for trial in _trials_of(
            part, load, budget, chosen, seeds, overrides, searches, lambda text: notices.setdefault(text)
        ):
            trials.setdefault(trial.key, trial)
    for text in notices:
        notice(text)
    if not trials:
        raise UsageError(f"suite {suite.name}: nothing to train with these options")
    return list(trials.values())


def _parts(suite: Suite, budget: str, everything: bool) -> list[Suite]:
    """Return the parts of a suite that have the budget; a larger budget may include more suites."""
    known = list(dict.fromkeys(name for part in suite.parts for name in part.budgets))
    check_name("budget", budget, known, f"suite {suite.name}")
    parts = [part for part in suite.parts if budget in part.budgets]
    return [part.model_copy(update={"variants": ALL}) for part in parts] if everything else parts


def _trials_of(
    suite: Suite,
    load: Load,
    budget: str,
    only: Sequence[str],
    seeds: Sequence[int] | None,
    overrides: Overrides,
    searches: Any,
    notice: Callable[[str], None],
) -> Iterator[Trial]:
    spec = suite.budgets[budget]
    suite = suite.model_copy(update={"search": spec.search or suite.search})
    chosen = only or listed(suite)
    labels = spec.architectures or list(suite.architectures)
    tables = by_owner(of_suite(suite))
    suite = suite.model_copy(update={"axes": _without_repeats(suite, notice)})
    for dataset in map(catalogue.whole_dataset_name, spec.datasets or suite.datasets):
        data = load(dataset)
        named = suite.variants != ALL or bool(only)
        fitting = _fitting(suite, chosen, data, searches, None if named else notice)
        planned_seeds = seeds or spec.seeds or suite.seeds
        _check_count(suite, len(fitting) * len(labels) * len(planned_seeds))
        rehearsals = Rehearsals(data, f"suite {suite.name}")
        for label in labels:
            network = catalogue.network({"family": label, **suite.architectures[label]})
            for name in fitting:
                facts = catalogue.variant(name)
                base = catalogue.profile(name, suite.profile, data.kind, searches, fallback=named)
                if base.replaced:
                    lacks = f"{name} has no profile {base.replaced} for {data.kind} data"
                    notice(f"suite {suite.name}: {lacks}: {base.name} is used")
                settings = list(_settings(suite, name, base, tables, overrides))
                different = len({keys.digest(hyperparameters) for *_, hyperparameters in settings})
                if different < len(settings):
                    notice(
                        f"suite {suite.name}: of the {len(settings)} settings of {name} {different} differ; "
                        "equal ones are trained once"
                    )
                for profile, varied, hyperparameters in settings:
                    if not rehearsals.fits(name, label, network, hyperparameters):
                        continue
                    for seed in planned_seeds:
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
                            varied=varied,
                            architecture=label,
                            network=network,
                            hyperparameters=hyperparameters,
                            seed=seed,
                            kimg=spec.kimg,
                            points=_points(spec),
                            dtype=suite.dtype,
                            samples=spec.samples,
                            final_samples=spec.final_samples,
                            ranked_by=tuple(suite.ranked_by),
                            metrics=tuple(suite.metrics),
                            versions={"variant": facts.version, "engine": catalogue.engine_version()},
                        )
        rehearsals.report(fitting if named else (), notice)


def _check_count(suite: Suite, lines: int) -> None:
    """Raise UsageError for more trials than a plan holds, of so many seeds of variants on networks."""
    settings = suite.search.settings if suite.search else 1
    count = lines * settings * math.prod(len(values) for values in suite.axes.values())
    if count > MOST_TRIALS:
        raise UsageError(f"suite {suite.name}: {count:,} trials; a plan has at most {MOST_TRIALS:,}")


def _fitting(
    suite: Suite, chosen: Sequence[str], data: Any, searches: Any, notice: Callable[[str], None] | None
) -> list[str]:
    """Return the variants that can be trained on `data`; raise UsageError for others if `notice` is None."""
    where = f"suite {suite.name}"
    fitting = []
    for name in chosen:
        if not (reason := catalogue.unfit(name, data, suite.profile, searches, fallback=notice is None)):
            fitting.append(name)
        elif notice is None:
            raise UsageError(f"{where}: {name} cannot be trained on {data.name}: {reason}")
        else:
            notice(f"{where}: {name} is left out on {data.name}: {reason}")
    return fitting


def _settings(
    suite: Suite, variant: str, base: Any, tables: Overrides, overrides: Overrides
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield every setting of a variant over `base`, its `variants.profiles.Chosen`.

    A setting has a label (profile and `--set`), the hyperparameters that the suite varies, and all those that
    a trial stores.
    """
    declared = catalogue.hyperparameters(variant)
    fixed = for_variant(variant, tables, declared)
    last = for_variant(variant, overrides, declared)
    searched = draws(suite.search, variant, declared) if suite.search else [{}]
    for number, drawn in enumerate(searched):
        for point in grid(suite.axes, declared):
            start = f"search {number:02d}" if suite.search else base.label
            resolved = catalogue.resolve(variant, base.settings, fixed, drawn, point, last)
            varied = {name: resolved[name] for name in {**drawn, **point} if name not in last}
            label = ", ".join(filter(None, [start, written({name: resolved[name] for name in last})]))
            yield label, varied, catalogue.stated(variant, resolved)


def _without_repeats(suite: Suite, notice: Callable[[str], None]) -> dict[str, list[Any]]:
    """Return the axes of a suite, each value once; `notice` reports repeated values."""
    axes: dict[str, list[Any]] = {}
    for name, values in suite.axes.items():
        digests = [keys.digest(catalogue.number(value)) for value in values]
        axes[name] = [value for i, value in enumerate(values) if digests[i] not in digests[:i]]
        for value in (v for i, v in enumerate(values) if digests[i] in digests[:i]):
            place = suite.place("axes", name)
            notice(f"{place}: {name} has the value {value_text(value)} twice; it is trained once")
    return axes


def _points(spec: BudgetSpec) -> tuple[float, ...]:
    """Return equally spaced evaluation points in kimg; the last is exactly the budget."""
    return (*(spec.kimg * i / spec.points for i in range(1, spec.points)), spec.kimg)
