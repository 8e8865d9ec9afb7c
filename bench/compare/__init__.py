"""The regression gate: whether the candidate is worse than the baseline, by evidence and not by chance.

`baseline` (what is compared, as one tidy frame) -> `cells` (which parts of two frames may be compared) ->
`tiers` and `speed` (what got worse, by the tests in `evidence`) -> `gate` (verdict, exit status) -> `show`.
"""

from gan_bench.bench.compare.baseline import frame_of, load, save
from gan_bench.bench.compare.gate import Comparison, compare, parse_fail_on
from gan_bench.bench.compare.quality import parse_tolerances
from gan_bench.bench.compare.show import show

__all__ = ["Comparison", "compare", "frame_of", "load", "parse_fail_on", "parse_tolerances", "save", "show"]
