"""A variant's place among all, which decides its colour, marker and line in every report."""

from __future__ import annotations

import functools
import itertools
import tomllib

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import shipped


def place(name: str) -> int | None:
    """The place of a variant, None for one that is not registered (a composition, a plug-in not loaded)."""
    return _places(tuple(catalogue.variant_names())).get(name)


@functools.cache
def _places(names: tuple[str, ...]) -> dict[str, int]:
    """A place of its own for each name, in the register's order as far as colours allow.

    Colours come back after so many places. Variants that a shipped suite compares get different ones while
    there are any, so they choose before all others.
    """
    from gan_bench.reports.style import PALETTE  # what draws is loaded only where something is drawn

    suites = [set(found) for found in _suites() if len(found) <= len(PALETTE)]
    compared = set().union(*suites)
    chosen: dict[str, int] = {}
    for name in sorted(names, key=lambda name: name not in compared):
        company = set().union(*(suite for suite in suites if name in suite))
        taken = {chosen[other] % len(PALETTE) for other in company & chosen.keys()}
        free = (place for place in itertools.count() if place not in chosen.values())
        chosen[name] = next(place for place in free if place % len(PALETTE) not in taken)
    return chosen


def _suites() -> list[list[str]]:
    """The variants that each shipped suite names."""
    content = (tomllib.loads(path.read_text(encoding="utf-8")) for path in shipped().values())
    return [named for suite in content if isinstance(named := suite.get("variants"), list)]
