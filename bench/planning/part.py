"""The trials of one suite of a plan: on its datasets and networks, with its variants, settings and seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.checks import listed
from gan_bench.bench.planning.overrides import Overrides, by_owner, draws, for_variant, grid, of_suite
from gan_bench.bench.planning.rehearsals import Rehearsals
from gan_bench.bench.planning.suite import ALL, MOST_TRIALS, BudgetSpec, Suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.reports.variation import value_text, written

Load = Callable[[str], Any]
"""Name of a dataset -> the dataset, loaded."""
Notice = Callable[[str], None]


@dataclass(frozen=True)
class Wishes:
    """The request of a command, the same for every suite of a plan.

    Attributes:
        budget: name of a budget that the suites have.
        only: variants in place of the suites'; none: theirs.
        seeds: in place of the suites'.
        overrides: changes of hyperparameters by `--set`.
        searches: searched profiles, see `catalogue.searches`.
    """

    budget: str
    only: Sequence[str]
    seeds: Sequence[int] | None
    overrides: Overrides
    searches: Any


@dataclass(frozen=True)
class Setting:
    """A setting of a variant.

    Attributes:
        label: profile and `--set`.
        varied: the hyperparameters that the suite varies.
        hyperparameters: all those that a trial stores.
    """

    label: str
    varied: dict[str, Any]
    hyperparameters: dict[str, Any]


class Part:
    """One suite of a plan.

    Args:
        suite: the suite.
        wishes: of the command.
        load: returns a dataset by name.
        notice: called with a sentence on everything that is left out or replaced.
    """

    def __init__(self, suite: Suite, wishes: Wishes, load: Load, notice: Notice) -> None:
        spec = suite.budgets[wishes.budget]
        changes = {"search": spec.search or suite.search, "axes": _without_repeats(suite, notice)}
        self._suite, self._spec = suite.model_copy(update=changes), spec
        self._wishes, self._load, self._notice = wishes, load, notice
        self._where = f"suite {suite.name}"
        self._named = suite.variants != ALL or bool(wishes.only)
        self._labels = spec.architectures or list(suite.architectures)
        self._seeds = wishes.seeds or spec.seeds or suite.seeds
        self._tables = by_owner(of_suite(suite))

    def trials(self) -> Iterator[Trial]:
        """Yield the trials, on one dataset after the other.

        Raises:
            UsageError: for variants, named by the user, that cannot be trained, and for too many trials.
        """
        for name in map(catalogue.whole_dataset_name, self._spec.datasets or self._suite.datasets):
            yield from self._on(name, self._load(name))

    def _on(self, dataset: str, data: Any) -> Iterator[Trial]:
        """Yield the trials on one dataset, and report what does not fit it."""
        fitting = self._fitting(data)
        self._check_count(len(fitting))
        rehearsals = Rehearsals(data, self._where)
        for label in self._labels:
            network = catalogue.network({"family": label, **self._suite.architectures[label]})
            for variant in fitting:
                for setting in self._settings(variant, data.kind):
                    if rehearsals.fits(variant, label, network, setting.hyperparameters):
                        for seed in self._seeds:
                            yield self._trial(dataset, data, variant, label, network, setting, seed)
        rehearsals.report(fitting if self._named else (), self._notice)

    def _fitting(self, data: Any) -> list[str]:
        """Return the variants that can be trained on `data`; raise UsageError for one that the user named."""
        searches, fitting = self._wishes.searches, []
        for name in self._wishes.only or listed(self._suite):
            reason = catalogue.unfit(name, data, self._suite.profile, searches, fallback=self._named)
            if not reason:
                fitting.append(name)
            elif self._named:
                raise UsageError(f"{self._where}: {name} cannot be trained on {data.name}: {reason}")
            else:
                self._notice(f"{self._where}: {name} is left out on {data.name}: {reason}")
        return fitting

    def _check_count(self, variants: int) -> None:
        """Raise UsageError for more trials than a plan holds, of so many variants."""
        suite = self._suite
        settings = suite.search.settings if suite.search else 1
        lines = variants * len(self._labels) * len(self._seeds)
        count = lines * settings * math.prod(len(values) for values in suite.axes.values())
        if count > MOST_TRIALS:
            raise UsageError(f"{self._where}: {count:,} trials; a plan has at most {MOST_TRIALS:,}")

    def _settings(self, variant: str, kind: str) -> list[Setting]:
        """Return the settings of a variant on a kind of data; say which profile was replaced, and repeats."""
        base = catalogue.profile(
            variant, self._suite.profile, kind, self._wishes.searches, fallback=self._named
        )
        if base.replaced:
            lacks = f"{variant} has no profile {base.replaced} for {kind} data"
            self._notice(f"{self._where}: {lacks}: {base.name} is used; `tune` makes one")
        settings = list(self._drawn(variant, base))
        different = len({keys.digest(setting.hyperparameters) for setting in settings})
        if different < len(settings):
            self._notice(
                f"{self._where}: of the {len(settings)} settings of {variant} only {different} "
                f"{'differs' if different == 1 else 'differ'}; equal ones are trained once"
            )
        return settings

    def _drawn(self, variant: str, base: Any) -> Iterator[Setting]:
        """Yield every setting of a variant over `base`, its `variants.profiles.Chosen`."""
        suite, declared = self._suite, catalogue.hyperparameters(variant)
        fixed = for_variant(variant, self._tables, declared)
        last = for_variant(variant, self._wishes.overrides, declared)
        searched = draws(suite.search, variant, declared) if suite.search else [{}]
        for number, drawn in enumerate(searched):
            for point in grid(suite.axes, declared):
                start = f"search {number:02d}" if suite.search else base.label
                resolved = catalogue.resolve(variant, base.settings, fixed, drawn, point, last)
                varied = {name: resolved[name] for name in {**drawn, **point} if name not in last}
                label = ", ".join(filter(None, [start, written({name: resolved[name] for name in last})]))
                yield Setting(label, varied, catalogue.stated(variant, resolved))

    def _trial(
        self, dataset: str, data: Any, variant: str, label: str, network: Mapping[str, Any],
        setting: Setting, seed: int,
    ) -> Trial:  # fmt: skip
        facts, suite, spec = catalogue.variant(variant), self._suite, self._spec
        return Trial(
            suite=suite.name,
            budget=self._wishes.budget,
            dataset=dataset,
            data_name=data.name,
            stand_in_for=data.stand_in_for,
            content_hash=data.content_hash,
            kind=data.kind,
            variant=variant,
            paper=facts.paper,
            year=facts.year,
            profile=setting.label,
            varied=setting.varied,
            architecture=label,
            network=network,
            hyperparameters=setting.hyperparameters,
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


def _without_repeats(suite: Suite, notice: Notice) -> dict[str, list[Any]]:
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
