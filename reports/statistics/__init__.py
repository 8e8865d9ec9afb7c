"""Statistics of trials: tidy DataFrames in, tidy DataFrames out. Knows of NumPy, SciPy and pandas only.

A score that was never reached is part of the evidence: a diverged or failed trial has the value NaN, is left
out of mean and standard deviation (which say n of N), and is the worst of all in ranks, interquartile means,
comparisons and profiles. A *cost* is a score turned so that smaller is better and lost is infinite.
"""

from gan_bench.reports.statistics.comparison import improvement, probability_of_improvement
from gan_bench.reports.statistics.costs import SIGNS, costs, lost_as_worst
from gan_bench.reports.statistics.profiles import performance_profile
from gan_bench.reports.statistics.ranks import (
    Differences,
    blocked_differences,
    letters,
    pooled_differences,
    ranks,
)
from gan_bench.reports.statistics.summary import (
    interquartile_mean,
    interval,
    quartiles,
    resampled,
    summarise,
)

MIN_SEEDS = 5
TOO_FEW = "too few seeds to rank"

__all__ = [
    "MIN_SEEDS",
    "SIGNS",
    "TOO_FEW",
    "Differences",
    "blocked_differences",
    "costs",
    "improvement",
    "interquartile_mean",
    "interval",
    "letters",
    "lost_as_worst",
    "performance_profile",
    "pooled_differences",
    "probability_of_improvement",
    "quartiles",
    "ranks",
    "resampled",
    "summarise",
]
