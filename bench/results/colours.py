"""Numbers of the looks of variants: those of the project differ where its suites compare them."""

from __future__ import annotations

import functools
import re
import tomllib

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import shipped
from gan_bench.reports.colours import assign, extended, number_of


@functools.cache
def numbers() -> dict[str, int]:
    """Return the numbers of the project's own variants, and of the compositions that its suites name."""
    from gan_bench.variants.order import VARIANTS  # loads torch, which colours alone do not need

    names = [name for name in catalogue.variant_names() if name in VARIANTS]
    content = [tomllib.loads(path.read_text(encoding="utf-8")) for path in shipped().values()]
    compared = [
        [catalogue.variant_name(name, "a suite") for name in named]
        for suite in content
        if isinstance(named := suite.get("variants"), list)
    ]
    own = assign(names, compared)
    composed = dict.fromkeys(name for group in compared for name in group if name not in own)
    return own | extended(own, [*composed], compared)


def number(name: str) -> int:
    """Return the number of a variant's look, in every report the same.

    Compositions that no suite of the project names have another colour than the variant that they change.
    """
    if (known := numbers().get(name)) is not None:
        return known
    base = re.split(r"[+(]", name, maxsplit=1)[0]
    return number_of(name, number(base) if base not in ("", name) else None)
