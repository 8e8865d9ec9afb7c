"""Numbers of the looks of all registered variants, from the suites that come with the project."""

from __future__ import annotations

import functools
import tomllib

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import shipped
from gan_bench.reports.colours import assign


def numbers() -> dict[str, int]:
    """Return variant -> number of its look; compositions and plug-ins that are not loaded have none."""
    return _numbers(tuple(catalogue.variant_names()))


@functools.cache
def _numbers(names: tuple[str, ...]) -> dict[str, int]:
    content = (tomllib.loads(path.read_text(encoding="utf-8")) for path in shipped().values())
    return assign(names, [named for suite in content if isinstance(named := suite.get("variants"), list)])
