"""Which trials of a file of results this version of the program would train the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.alterations import altered
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import datasets_of, load_suite, shipped
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Evaluation, Record

Measured = tuple[Record, Evaluation | None]
"""A trial of a file, and its scores."""
Line = tuple[str, str, str, str]
"""Suite, budget, dataset and variant of trials."""


class Plans:
    """Trials that this version of the program would train in place of those of a file.

    Args:
        trials: of the file.
        load: gives datasets by name.
    """

    def __init__(self, trials: Iterable[Measured], load: Callable[[str], Any] = catalogue.dataset) -> None:
        self._load = load
        self._seeds: dict[Line, set[int]] = defaultdict(set)
        for record, _ in trials:
            self._seeds[_line(record.trial)].add(record.trial.seed)
        self._keys: dict[Line, frozenset[str]] = {}

    def have(self, trial: Trial) -> bool:
        """Return whether a trial would be trained today, by its key: the same settings and numerics."""
        line = _line(trial)
        if line not in self._keys:
            self._keys[line] = self._planned(line)
        return trial.key in self._keys[line]

    def _planned(self, line: Line) -> frozenset[str]:
        """Return the keys of a variant on one dataset: others of its suite may refuse it."""
        suite, budget, dataset, variant = line
        seeds = sorted(self._seeds[line])
        try:
            whole = load_suite(suite)
            if not any(dataset in datasets_of(part, budget) for part in whole.parts):
                return frozenset()
            found = plan(
                altered(whole, dataset=dataset), self._load, budget=budget, only=[variant], seeds=seeds
            )
        except UsageError:  # the variant, the suite or the budget is gone
            return frozenset()
        return frozenset(trial.key for trial in found)


def current(
    trials: Iterable[Measured], load: Callable[[str], Any] = catalogue.dataset
) -> tuple[Measured, ...]:
    """Return those trials of shipped suites that this version would train the same; `load` gives datasets."""
    trials = tuple(trials)
    plans = Plans(trials, load)
    return tuple(each for each in trials if each[0].trial.suite in shipped() and plans.have(each[0].trial))


def _line(trial: Trial) -> Line:
    return trial.suite, trial.budget, trial.dataset, trial.variant
