"""Distances between the sample distribution and the true one: W1, Kolmogorov-Smirnov, sliced Wasserstein."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

TAIL = 1e-12  # probability left out at either end of a cdf's numerical support
NODES = 20_001  # nodes of the trapezoid rule; an error of order 1e-7 of the distribution's width
PROJECTIONS = 50
PROJECTION_SEED = 0

Cdf = Callable[[np.ndarray], np.ndarray]


@register(
    "w1",
    title="Wasserstein-1 distance",
    direction="min",
    low=0.0,
    kinds=("scalar",),
    splits=("test", "validation"),
    settings={"nodes": NODES, "tail": TAIL},
)
def w1(fake: Samples, real: Samples, truth: Truth) -> float:
    """W1 = integral of |F_n(x) - F(x)| dx (Vallender 1974) between the samples and the exact distribution.

    F is the true cdf, so no reference noise enters and both splits give the same value; where no cdf is
    known, it is the distance to the reference samples.
    """
    if truth.cdf is None:
        from scipy import stats  # half a second that no other run should wait for

        return float(stats.wasserstein_distance(fake.points[:, 0], real.points[:, 0]))
    return w1_to_cdf(fake.points[:, 0], truth.cdf)


@register(
    "ks",
    title="Kolmogorov-Smirnov statistic",
    direction="min",
    low=0.0,
    high=1.0,
    kinds=("scalar",),
    without=("equilibrium",),
)
def ks(fake: Samples, real: Samples, truth: Truth) -> float:
    """Largest difference between the samples' cdf and the true one (if unknown, the reference's); SciPy's."""
    from scipy import stats

    if truth.cdf is None:
        return float(stats.ks_2samp(fake.points[:, 0], real.points[:, 0], method="asymp").statistic)
    return float(stats.ks_1samp(fake.points[:, 0], truth.cdf, method="asymp").statistic)


@register(
    "sliced_wasserstein",
    title="Sliced Wasserstein-2 distance",
    direction="min",
    low=0.0,
    kinds=("planar", "vectors"),
    splits=("test", "validation"),
    settings={"order": 2, "projections": PROJECTIONS, "projection_seed": PROJECTION_SEED},
)
def sliced_wasserstein(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Sliced W2 (Bonneel et al. 2015, eq. 6) to as many reference samples, on fixed random projections.

    Taken on the scale that networks are trained on, so that no coordinate with a large range (the
    quadratic's y) hides the others; for data without a normalisation that is the raw scale. The value is
    POT's: on a line the best plan joins equal quantiles, and with equal weights the quantiles at which either
    side steps are the same on all projections. Sorting is then all the work, and the real side's is kept.
    """
    ours, theirs = fake.once(_slices), real.once(_slices)
    steps = [np.arange(1, len(side) + 1) / len(side) for side in (ours, theirs)]
    levels = np.union1d(*steps)
    gaps = ours[np.searchsorted(steps[0], levels)] - theirs[np.searchsorted(steps[1], levels)]
    squared = np.square(gaps, out=gaps).mean(1) @ np.diff(levels, prepend=0.0)
    return float(np.sqrt(squared))


def _slices(samples: Samples) -> np.ndarray:
    """Coordinates along each of the fixed directions, every column sorted, shape (n, projections)."""
    directions = np.random.RandomState(PROJECTION_SEED).randn(samples.prepared.shape[1], PROJECTIONS)
    directions /= np.linalg.norm(directions, axis=0)
    # Rows are sorted several times faster than columns.
    return np.sort((samples.prepared @ directions).T.copy(), axis=1).T


@register(
    "curve_distance",
    title="Mean distance to the curve",
    direction="min",
    low=0.0,
    truth=("distance",),
)
def curve_distance(fake: Samples, _real: Samples, truth: Truth) -> float:
    """Mean Euclidean distance from the samples to the curve that the data lie on, on the raw scale."""
    assert truth.distance is not None
    return float(truth.distance(fake.points).mean())


def w1_to_cdf(values: np.ndarray, cdf: Cdf) -> float:
    """W1 between an empirical distribution and a cdf, by the trapezoid rule between all jumps.

    Args:
        values: samples, shape (n,).
        cdf: vectorised, non-decreasing from 0 to 1.
    """
    values = np.sort(values)
    low, high = support(cdf)
    grid = np.union1d(np.linspace(low, high, NODES), values)
    inside = cdf(grid)
    # Between two neighbouring nodes the empirical cdf is constant: its value at the left one.
    steps = np.searchsorted(values, grid[:-1], side="right") / len(values)
    gap = (np.abs(steps - inside[:-1]) + np.abs(steps - inside[1:])) / 2
    return float(np.sum(gap * np.diff(grid)))


def support(cdf: Cdf) -> tuple[float, float]:
    """An interval outside of which a cdf leaves at most `TAIL` on each side, by doubling and bisection."""

    def edge(sign: float) -> float:
        def outside(x: float) -> bool:
            p = float(cdf(np.array([sign * x]))[0])
            return (p if sign < 0 else 1 - p) <= TAIL

        def stride(x: float, wanted: bool) -> float:
            while outside(x) is not wanted:
                x *= 2
                if abs(x) > 1e12:
                    raise Undefined("the true distribution's tails are too heavy for a Wasserstein distance")
            return x

        far, near = stride(1.0, True), stride(-1.0, False)
        for _ in range(60):
            middle = (near + far) / 2
            near, far = (near, middle) if outside(middle) else (middle, far)
        return sign * far

    return edge(-1.0), edge(1.0)
