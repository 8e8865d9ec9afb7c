"""Reference rows: samples or outputs made without training, measured as those of trained games.

They stand beside a leaderboard and are never ranked: noise, untrained networks, real data, a trivial method.
"""

from gan_bench.bench.references import (  # noqa: F401 - importing them registers their rows
    codes,
    holes,
    labels,
    makers,
    translation,
)
from gan_bench.bench.references.declarations import Ask, Maker, Reference, Start
from gan_bench.bench.references.planning import Wanted, measure_missing, wanted_rows
from gan_bench.bench.references.registry import info, names, register

__all__ = [
    "Ask",
    "Maker",
    "Reference",
    "Start",
    "Wanted",
    "info",
    "measure_missing",
    "names",
    "register",
    "wanted_rows",
]
