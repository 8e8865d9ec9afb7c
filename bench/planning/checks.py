"""Checks of a whole suite while planning: every name in it exists, every setting has a variant that takes it.

All of a suite file is checked, also what this run leaves out: the other budgets, networks and variants.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence

from gan_bench.bench.common.errors import UsageError, check_name, suggestion
from gan_bench.bench.planning import catalogue, laws
from gan_bench.bench.planning.overrides import Setting, of_axes, of_space, of_suite
from gan_bench.bench.planning.suite import ALL, Suite


def listed(suite: Suite) -> list[str]:
    """Return the registered names of the variants that a suite lists, of all variants where it says so."""
    if suite.variants == ALL:
        return catalogue.variant_names()
    return [catalogue.variant_name(name, suite.place("variants")) for name in suite.variants]


def check_suite(suite: Suite, chosen: Collection[str] = ()) -> None:
    """Check everything that a suite names: variants, datasets, networks, hyperparameters, their values.

    Args:
        suite: one that holds trials itself.
        chosen: variants of `--variants`, which may take settings too.

    Raises:
        UsageError: with the place and the nearest valid name.
    """
    takers = list(dict.fromkeys([*listed(suite), *chosen]))
    for name in suite.datasets:
        check_name("dataset", name, catalogue.dataset_names(), suite.place("datasets"))
    for label, options in suite.architectures.items():
        with placed(suite.place("architectures", label)):
            catalogue.network({"family": label, **options})
    check(of_suite(suite), takers)
    check(of_axes(suite), takers)
    check_laws(of_space(suite.search, suite, "search"), takers)
    for name, budget in suite.budgets.items():
        for dataset in budget.datasets or ():
            place = suite.place("budgets", name, "datasets")
            check_name("dataset", dataset, catalogue.dataset_names(), place)
        for label in budget.architectures or ():
            place = suite.place("budgets", name, "architectures")
            check_name("architecture", label, suite.architectures, place)
        check_laws(of_space(budget.search, suite, "budgets", name, "search"), takers)


def check(settings: Iterable[Setting], takers: Sequence[str]) -> None:
    """Raise UsageError for a setting that none of the variants `takers` takes, or whose value is refused."""
    for setting in settings:
        place, owner, name = setting.place, setting.owner, setting.name
        if owner is None:
            owners = _having(name, takers)
            if not owners:
                known = dict.fromkeys(n for taker in takers for n in catalogue.hyperparameters(taker))
                check_name("hyperparameter", name, known, place)
        else:
            owners, known = [owner], dict(catalogue.hyperparameters(owner))
            if name not in known:
                raise UsageError(
                    f"{place}: {owner} has no hyperparameter {name!r}; {suggestion(name, known)}"
                )
            if owner not in takers:
                raise UsageError(
                    f"{place}: {owner} is not among the variants to train, so nothing takes its {name}; "
                    f"they are {', '.join(takers)}"
                )
        values = setting.value if isinstance(setting.value, tuple) else (setting.value,)
        for taker, value in itertools.product(owners, values):
            with placed(place):
                catalogue.check_hyperparameter(taker, name, value)


def check_laws(settings: Iterable[Setting], takers: Sequence[str]) -> None:
    """Raise UsageError for a law that cannot be drawn from, or draws what its variants do not take."""
    read = [(setting, laws.parse(setting.value, f"{setting.place}, {setting.name}")) for setting in settings]
    for setting, law in read:
        owners = [setting.owner] if setting.owner else _having(setting.name, takers)
        tables = [catalogue.hyperparameters(owner) for owner in owners]
        if law.kind in ("uniform", "log-uniform") and not all(
            table[setting.name].real for table in tables if setting.name in table
        ):
            raise UsageError(
                f"{setting.place}: {setting.name} takes no fractions and cannot follow the law {law.kind}; "
                "expected integer or choices"
            )
    check([Setting(s.place, s.owner, s.name, law.ends) for s, law in read], takers)


def _having(name: str, takers: Iterable[str]) -> list[str]:
    return [taker for taker in takers if name in catalogue.hyperparameters(taker)]
