"""Checks of a whole suite while planning: names exist, and every hyperparameter belongs to a variant.

The whole file is checked, also the budgets, networks and variants that this run does not use.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence

from gan_bench.bench.common.errors import UsageError, check_name, suggestion
from gan_bench.bench.planning import catalogue, laws, user_errors
from gan_bench.bench.planning.evaluators import metric_names
from gan_bench.bench.planning.overrides import Assignment, of_axes, of_space, of_suite
from gan_bench.bench.planning.suite import ALL, Suite


def listed(suite: Suite) -> list[str]:
    """Return the registered names of a suite's variants; `all` gives all variants."""
    if suite.variants == ALL:
        return catalogue.variant_names()
    return [catalogue.variant_name(name, suite.place("variants")) for name in suite.variants]


def check_suite(suite: Suite, chosen: Collection[str] = ()) -> None:
    """Check all names in a suite (variants, datasets, networks, hyperparameters), and the values.

    Args:
        suite: one with trials of its own, not one that includes others.
        chosen: variants of `--variants`, which may have the hyperparameters too.

    Raises:
        UsageError: with the place and the nearest valid name.
    """
    takers = list(dict.fromkeys([*listed(suite), *chosen]))
    for name in suite.datasets:
        catalogue.check_dataset(name, suite.place("datasets"))
    for key, names in (("ranked_by", suite.ranked_by), ("metrics", suite.metrics)):
        for name in names:
            check_name("metric", name, metric_names(), suite.place(key))
    for label, options in suite.architectures.items():
        with user_errors.placed(suite.place("architectures", label)):
            catalogue.network({"family": label, **options})
    fixed, axes, space = of_suite(suite), of_axes(suite), of_space(suite.search, suite, "search")
    check(fixed, takers)
    check(axes, takers)
    check_laws(space, takers)
    check_apart(fixed, space, axes)
    for name, budget in suite.budgets.items():
        for dataset in budget.datasets or ():
            place = suite.place("budgets", name, "datasets")
            catalogue.check_dataset(dataset, place)
        for label in budget.architectures or ():
            place = suite.place("budgets", name, "architectures")
            check_name("architecture", label, suite.architectures, place)
        space = of_space(budget.search, suite, "budgets", name, "search")
        check_laws(space, takers)
        check_apart(space, axes)  # the suite's values count in its other budgets


def check_apart(*tables: Iterable[Assignment]) -> None:
    """Raise UsageError for a value that one of later tables replaces for all variants that it is for.

    Args:
        tables: in rising precedence, as a plan applies them.
    """
    places: dict[str, dict[str | None, str]] = {}
    for table in map(list, tables):
        for one in table:
            others = places.get(one.name, {})
            replaced = next(iter(others.values()), None) if one.owner is None else others.get(one.owner)
            if replaced is not None:
                raise UsageError(
                    f"{one.place}: the values of {one.name} here replace the one in {replaced}, which has no "
                    "effect; leave one of the two out"
                )
        for one in table:
            places.setdefault(one.name, {}).setdefault(one.owner, one.place)


def check(assignments: Iterable[Assignment], takers: Sequence[str]) -> None:
    """Check values of hyperparameters.

    Args:
        assignments: the values.
        takers: the variants to train.

    Raises:
        UsageError: for a hyperparameter that none of the variants has, or a value outside its range.
    """
    for assignment in assignments:
        place, owner, name = assignment.place, assignment.owner, assignment.name
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
                    f"{place}: {owner} is not among the variants to train, so its {name} has no effect; "
                    f"they are {', '.join(takers)}"
                )
        values = assignment.value if isinstance(assignment.value, tuple) else (assignment.value,)
        for taker, value in itertools.product(owners, values):
            with user_errors.placed(place):
                catalogue.check_hyperparameter(taker, name, value)


def check_laws(assignments: Iterable[Assignment], takers: Sequence[str]) -> None:
    """Check the laws of a search.

    Raises:
        UsageError: for an invalid law, or one whose draws a hyperparameter does not allow.
    """
    pairs = [(one, laws.parse(one.value, f"{one.place}, {one.name}")) for one in assignments]
    for one, law in pairs:
        owners = [one.owner] if one.owner else _having(one.name, takers)
        tables = [catalogue.hyperparameters(owner) for owner in owners]
        if law.kind in ("uniform", "log-uniform") and not all(
            table[one.name].real for table in tables if one.name in table
        ):
            raise UsageError(
                f"{one.place}: {one.name} takes no fractions and cannot follow the law {law.kind}; "
                "expected integer or choices"
            )
    check([Assignment(s.place, s.owner, s.name, law.ends) for s, law in pairs], takers)


def _having(name: str, takers: Iterable[str]) -> list[str]:
    return [taker for taker in takers if name in catalogue.hyperparameters(taker)]
