"""The regression gate: statistical tests of a candidate's results against a baseline's.

`baseline` (results as one tidy frame) -> `cells` (pairs of comparable cells of two frames) -> `quality`,
`tiers`, `survival` and `speed` (findings, by the tests in `evidence`) -> `gate` (verdict, exit status) ->
`show` (output).
"""

from gan_bench.bench.compare.baseline import frame_of, load, save
from gan_bench.bench.compare.gate import Comparison, compare, parse_fail_on
from gan_bench.bench.compare.quality import parse_tolerances
from gan_bench.bench.compare.show import show
from gan_bench.bench.compare.sides import compare_paths

__all__ = [
    "Comparison",
    "compare",
    "compare_paths",
    "frame_of",
    "load",
    "parse_fail_on",
    "parse_tolerances",
    "save",
    "show",
]
