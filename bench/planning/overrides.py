"""What a suite does to a variant's profile: overrides, grid axes, random search."""

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
"""Hyperparameters per variant; None stands for every variant that has them."""

_CHANGE = re.compile(r"(?:(?P<variant>(?:[^=()]|\([^()]*\))+)\.)?(?P<name>[^=().]+)=(?P<value>.*)", re.DOTALL)
"""`NAME=VALUE` or `VARIANT.NAME=VALUE`, where a variant may have `=` and `.` inside parentheses."""


@dataclass(frozen=True)
class Assignment:
    """A value that a table of a suite or an option gives to a hyperparameter.

    Attributes:
        place: where it is written, for messages.
        owner: the variant that it is for; None: every variant that has the hyperparameter.
        name: the hyperparameter.
        value: a value, a tuple of alternatives, or the table of a law.
    """

    place: str
    owner: str | None
    name: str
    value: Any


def parse_changes(texts: Iterable[str]) -> list[Assignment]:
    """Read `--set` arguments: `lr=1e-4` for every variant that has it, `VARIANT.lr=1e-4` for one."""
    settings = []
    for text in texts:
        match = _CHANGE.fullmatch(text)
        if not match:
            raise UsageError(f"--set {text}: expected NAME=VALUE or VARIANT.NAME=VALUE, as in lr=1e-4")
        variant, name, value = match["variant"], match["name"].strip(), _value(match["value"].strip())
        owner = None if variant is None else catalogue.variant_name(variant.strip(), f"--set {text}")
        settings += [Assignment(f"--set {text}", owner, full, value) for full in _full_names(owner, name)]
    return settings


def parse_overrides(texts: Iterable[str]) -> dict[str | None, dict[str, Any]]:
    """Return `--set` arguments by variant and name; of two for the same the later one counts."""
    return by_owner(parse_changes(texts))


def by_owner(settings: Iterable[Assignment]) -> dict[str | None, dict[str, Any]]:
    """Return values by variant and name; later settings replace earlier ones."""
    overrides: dict[str | None, dict[str, Any]] = {}
    for setting in settings:
        overrides.setdefault(setting.owner, {})[setting.name] = setting.value
    return overrides


def _full_names(owner: str | None, name: str) -> list[str]:
    """Return full names: `gamma` of a composition with the part r1 is its `r1_gamma`."""
    return [name] if owner is None else catalogue.hyperparameter_names(owner, name)


def of_suite(suite: Suite) -> list[Assignment]:
    """Return what the `[hyperparameters]` and `[hyperparameters.VARIANT]` tables of a suite say."""
    return list(_of_table(suite.hyperparameters, suite, "hyperparameters"))


def of_axes(suite: Suite) -> list[Assignment]:
    """Return the `[axes]` of a suite."""
    return [
        Assignment(suite.place("axes", name), None, name, tuple(values))
        for name, values in suite.axes.items()
    ]


def of_space(search: SearchSpec | None, suite: Suite, *table: str) -> list[Assignment]:
    """Return the laws of a search; `table` is where the search is written in the suite."""
    return [] if search is None else list(_of_table(search.space, suite, *table, "space"))


def _of_table(content: Mapping[str, Any], suite: Suite | None, *table: str) -> Iterator[Assignment]:
    """Yield the entries of a table that has hyperparameters of every variant and tables of single ones.

    Raises UsageError for a table that is named after no variant and for what is set twice.
    """
    given: set[tuple[str | None, str]] = set()
    for key, value in content.items():
        place = suite.place(*table, key) if suite else f"[{'.'.join(table)}] {key}"
        owner = _owner(key, value, place)
        inner = {key: value} if owner is None else value
        for name, item in inner.items():
            where = place if owner is None or suite is None else suite.place(*table, key, name)
            for full in _full_names(owner, name):
                if (owner, full) in given:
                    raise UsageError(f"{where}: {full} of {owner} is set twice, under two of its names")
                given.add((owner, full))
                yield Assignment(where, owner, full, item)


def _owner(key: str, value: Any, place: str) -> str | None:
    """Return the variant that a table is named after, None for a hyperparameter of every variant."""
    if not isinstance(value, Mapping):
        return None
    if "+" in key:  # a composition: what is wrong with it is told
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
    """Every point of those axes that name one of the `known` hyperparameters; an empty point without axes."""
    names = [name for name in axes if name in known]
    return [dict(zip(names, point, strict=True)) for point in itertools.product(*(axes[n] for n in names))]


def draws(search: SearchSpec, variant: str, known: Collection[str]) -> list[dict[str, Any]]:
    """`search.settings` settings for `variant`, the same whatever else is searched.

    `[search.space]` holds for each variant that has the hyperparameter, `[search.space.VARIANT]` for one.
    Random settings do not depend on how many are drawn after them; nor do Sobol points.
    """
    tables: dict[str | None, dict[str, laws.Law]] = {}
    for setting in _of_table(search.space, None, "search", "space"):
        tables.setdefault(setting.owner, {})[setting.name] = laws.parse(setting.value, setting.place)
    everyone = {name: law for name, law in tables.get(None, {}).items() if name in known}
    space = dict(sorted({**everyone, **tables.get(variant, {})}.items()))
    root = int.from_bytes(hashlib.sha256(variant.encode()).digest()[:8], "big")
    generator = np.random.default_rng([search.seed, root])
    if search.method == "sobol" and space:
        from scipy.stats import qmc  # a second of start-up that no other command should wait for

        with warnings.catch_warnings():
            # Any count is allowed: the balance that a power of two has is nice, and not needed.
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
