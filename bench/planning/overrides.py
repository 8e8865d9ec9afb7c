"""Changes of a variant's profile: overrides of hyperparameters, grid axes, random search."""

from __future__ import annotations

import hashlib
import itertools
import re
import tomllib
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_bench.bench.common.errors import UsageError, suggestion
from gan_bench.bench.planning import catalogue, laws
from gan_bench.bench.planning.suite import SearchSpec, Suite

Overrides = Mapping[str | None, Mapping[str, Any]]
"""Variant -> hyperparameter -> value; the key None stands for every variant that has the hyperparameter."""

_CHANGE = re.compile(r"(?:(?P<variant>(?:[^=()]|\([^()]*\))+)\.)?(?P<name>[^=().]+)=(?P<value>.*)", re.DOTALL)
"""`NAME=VALUE` or `VARIANT.NAME=VALUE`; a variant may have `=` and `.` inside parentheses."""


@dataclass(frozen=True)
class Assignment:
    """A value of a hyperparameter in a table of a suite or an option.

    Attributes:
        place: file and line, or the option, for messages.
        owner: the variant; None for every variant that has the hyperparameter.
        name: the hyperparameter.
        value: a value, a tuple of alternatives, or the table of a law.
    """

    place: str
    owner: str | None
    name: str
    value: Any


def parse_changes(texts: Iterable[str]) -> list[Assignment]:
    """Read `--set` arguments: `lr=1e-4` for every variant that has it, `VARIANT.lr=1e-4` for one.

    Raises:
        UsageError: for another form, an unknown variant, and two values of one hyperparameter.
    """
    settings: list[Assignment] = []
    for text in texts:
        match = _CHANGE.fullmatch(text)
        if not match:
            raise UsageError(f"--set {text}: expected NAME=VALUE or VARIANT.NAME=VALUE, as in lr=1e-4")
        variant, name, value = match["variant"], match["name"].strip(), _value(match["value"].strip())
        owner = None if variant is None else catalogue.variant_name(variant.strip(), f"--set {text}")
        settings += [Assignment(f"--set {text}", owner, full, value) for full in _full_names(owner, name)]
    _check_once(settings)
    return settings


def _check_once(settings: Iterable[Assignment]) -> None:
    """Raise UsageError where a hyperparameter of a variant, or of all that have it, has two values."""
    known: dict[tuple[str | None, str], Assignment] = {}
    for one in settings:
        first = known.setdefault((one.owner, one.name), one)
        if first is not one and first.value != one.value:  # NaN is refused elsewhere, and unlike itself
            raise UsageError(f"{one.place}: {one.name} has another value already, by {first.place}")


def by_owner(settings: Iterable[Assignment]) -> dict[str | None, dict[str, Any]]:
    """Return values by variant and name."""
    overrides: dict[str | None, dict[str, Any]] = {}
    for setting in settings:
        overrides.setdefault(setting.owner, {})[setting.name] = setting.value
    return overrides


def for_variant(variant: str, overrides: Overrides, declared: Collection[str]) -> dict[str, Any]:
    """Return the hyperparameters of a variant: those of every variant, then its own."""
    everyone = {name: value for name, value in overrides.get(None, {}).items() if name in declared}
    return {**everyone, **overrides.get(variant, {})}


def _full_names(owner: str | None, name: str) -> list[str]:
    """Return the full names of a short one: `gamma` of a composition with the part r1 is `r1_gamma`."""
    return [name] if owner is None else catalogue.hyperparameter_names(owner, name)


def of_suite(suite: Suite) -> list[Assignment]:
    """Return the entries of the tables `[hyperparameters]` and `[hyperparameters.VARIANT]` of a suite."""
    return list(_of_table(suite.hyperparameters, suite, "hyperparameters"))


def of_axes(suite: Suite) -> list[Assignment]:
    """Return the `[axes]` of a suite."""
    return [
        Assignment(suite.place("axes", name), None, name, tuple(values))
        for name, values in suite.axes.items()
    ]


def of_space(search: SearchSpec | None, suite: Suite, *table: str) -> list[Assignment]:
    """Return the laws of a search; `table` is the path of its table in the suite."""
    return [] if search is None else list(_of_table(search.space, suite, *table, "space"))


def _of_table(content: Mapping[str, Any], suite: Suite | None, *table: str) -> Iterator[Assignment]:
    """Yield the entries of a table with hyperparameters of every variant and subtables of single variants.

    Raises:
        UsageError: for a subtable without a variant of its name, and for a hyperparameter that is set twice.
    """
    keys: set[tuple[str | None, str]] = set()
    for key, value in content.items():
        place = suite.place(*table, key) if suite else f"[{'.'.join(table)}] {key}"
        owner = _owner(key, value, place)
        inner = {key: value} if owner is None else value
        for name, item in inner.items():
            where = place if owner is None or suite is None else suite.place(*table, key, name)
            for full in _full_names(owner, name):
                if (owner, full) in keys:
                    raise UsageError(f"{where}: {full} of {owner} is set twice, by two of its names")
                keys.add((owner, full))
                yield Assignment(where, owner, full, item)


def _owner(key: str, value: Any, place: str) -> str | None:
    """Return the variant that a table is named after, None for a hyperparameter of every variant."""
    if not isinstance(value, Mapping):
        return None
    if "+" in key or "(" in key:  # a composition: this call reports its errors
        return catalogue.variant_name(key, place)
    names = catalogue.all_hyperparameters()
    if key in names or "schedule" in value or "law" in value or "choices" in value:
        return None  # a schedule or a law
    try:
        return catalogue.variant(key).name
    except UsageError:
        known = [*catalogue.variant_names(), *names]
        raise UsageError(
            f"{place}: {key!r} is neither a variant nor a hyperparameter; {suggestion(key, known)}"
        ) from None


def grid(axes: Mapping[str, list[Any]], known: Collection[str]) -> list[dict[str, Any]]:
    """Return every point of the axes that are `known` hyperparameters; one empty point if there are none."""
    names = [name for name in axes if name in known]
    return [dict(zip(names, point, strict=True)) for point in itertools.product(*(axes[n] for n in names))]


def draws(search: SearchSpec, variant: str, known: Collection[str]) -> list[dict[str, Any]]:
    """Return `search.settings` settings for `variant`; other variants of the search do not change them.

    `[search.space]` applies to each variant that has the hyperparameter, `[search.space.VARIANT]` to one. The
    first settings, random or Sobol, do not depend on the number of settings.

    Args:
        search: the search.
        variant: its registered name, part of the random seed.
        known: the hyperparameters of the variant.
    """
    tables: dict[str | None, dict[str, laws.Law]] = {}
    for setting in _of_table(search.space, None, "search", "space"):
        tables.setdefault(setting.owner, {})[setting.name] = laws.parse(setting.value, setting.place)
    everyone = {name: law for name, law in tables.get(None, {}).items() if name in known}
    space = dict(sorted({**everyone, **tables.get(variant, {})}.items()))
    root = int.from_bytes(hashlib.sha256(variant.encode()).digest()[:8], "big")
    generator = np.random.default_rng([search.seed, root])
    if search.method == "sobol" and space:
        from scipy.stats import qmc  # takes a second to import

        with warnings.catch_warnings():
            # Any count is allowed; only a power of two is balanced.
            warnings.filterwarnings("ignore", message="The balance properties of Sobol")
            points = qmc.Sobol(len(space), scramble=True, rng=generator).random(search.settings)
        return [
            {name: law.at(float(u)) for (name, law), u in zip(space.items(), point, strict=True)}
            for point in points
        ]
    return [{name: law.draw(generator) for name, law in space.items()} for _ in range(search.settings)]


def _value(text: str) -> Any:
    """Return a TOML value, a number as Python writes it, or the text itself: `true`, `.5`, `adam`."""
    from gan_bench.variants.hyperparameters import number

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return number(text)
