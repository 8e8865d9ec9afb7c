"""Distances between the sample distribution and the true one: W1, Kolmogorov-Smirnov, sliced Wasserstein."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

TAIL = 1e-12  # probability outside a cdf's numerical support, at either end
NODES = 20_001  # nodes of the trapezoid rule; an error of order 1e-7 of the distribution's width
PROJECTIONS = 50
PROJECTION_SEED = 0

Cdf = Callable[[np.ndarray], np.ndarray]


@register(
    "w1",
    title="Wasserstein-1 distance",
    unit="data units",
    direction="min",
    low=0.0,
    kinds=("scalar",),
    splits=("test", "validation"),
    settings={"nodes": NODES, "tail": TAIL},
    ranks=("scalar",),
)
def w1(made: Samples, target: Samples, truth: Truth) -> float:
    """Area between the distribution functions of the samples and of the data: how far mass must move.

    Integral of |F_n(x) - F(x)| dx (Vallender 1974). F is the true cdf, so the value has no noise of a
    reference and is the same on both splits; where no cdf is known, it is the distance to the reference
    samples.
    """
    if truth.cdf is None:
        from scipy import stats  # half a second that no other run should wait for

        return float(stats.wasserstein_distance(made.coordinates[:, 0], target.coordinates[:, 0]))
    return w1_to_cdf(made.coordinates[:, 0], truth.cdf)


@register(
    "ks",
    title="Kolmogorov-Smirnov statistic",
    direction="min",
    low=0.0,
    high=1.0,
    kinds=("scalar",),
    without=("equilibrium",),
)
def ks(made: Samples, target: Samples, truth: Truth) -> float:
    """Largest difference between the distribution functions of the samples and of the data.

    SciPy's value, to the true cdf, or where none is known to the reference samples.
    """
    from scipy import stats

    if truth.cdf is None:
        return float(
            stats.ks_2samp(made.coordinates[:, 0], target.coordinates[:, 0], method="asymp").statistic
        )
    return float(stats.ks_1samp(made.coordinates[:, 0], truth.cdf, method="asymp").statistic)


@register(
    "sliced_wasserstein",
    title="Sliced Wasserstein-2 distance",
    unit="normalised units",
    direction="min",
    low=0.0,
    kinds=("planar", "vectors"),
    splits=("test", "validation"),
    settings={"order": 2, "projections": PROJECTIONS, "projection_seed": PROJECTION_SEED},
    ranks=("planar", "vectors"),
)
def sliced_wasserstein(made: Samples, target: Samples, _truth: Truth) -> float:
    """Root mean square distance that mass must move, over directions in which the samples are projected.

    Sliced W2 (Bonneel et al. 2015, eq. 6) to as many reference samples, on 50 fixed random directions, on the
    scale that networks are trained on, so that a coordinate with a large range (the quadratic's y) does not
    hide the others; without a normalisation that is the raw scale. The value is POT's: on a line the optimal
    plan joins equal quantiles, and with equal weights the quantiles at which either side steps are the same
    on all directions, so only sorting is left to do, and the sorted real side is kept.
    """
    return between_slices(made.once(_slices), target.once(_slices))


def between_slices(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the sliced W2 distance of two sets of points, of which `slices` are given."""
    steps = [np.arange(1, len(side) + 1) / len(side) for side in (ours, theirs)]
    levels = np.union1d(*steps)
    gaps = ours[np.searchsorted(steps[0], levels)] - theirs[np.searchsorted(steps[1], levels)]
    squared = np.square(gaps, out=gaps).mean(1) @ np.diff(levels, prepend=0.0)
    return float(np.sqrt(squared))


def _slices(samples: Samples) -> np.ndarray:
    return slices(samples.prepared)


def slices(points: np.ndarray) -> np.ndarray:
    """Return coordinates along each fixed direction, every column sorted, shape (n, projections)."""
    directions = np.random.RandomState(PROJECTION_SEED).randn(points.shape[1], PROJECTIONS)
    directions /= np.linalg.norm(directions, axis=0)
    # Rows are sorted several times faster than columns.
    return np.sort((points @ directions).T.copy(), axis=1).T


@register(
    "curve_distance",
    title="Mean distance to the curve",
    unit="data units",
    direction="min",
    low=0.0,
    truth=("distance",),
)
def curve_distance(made: Samples, _target: Samples, truth: Truth) -> float:
    """Mean Euclidean distance from the samples to the curve that the data lie on."""
    assert truth.distance is not None
    return float(truth.distance(made.coordinates).mean())


def w1_to_cdf(values: np.ndarray, cdf: Cdf) -> float:
    """Return W1 between an empirical distribution and a cdf, by the trapezoid rule between all jumps.

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
    """Return an interval that leaves at most `TAIL` of a cdf outside on each side (doubling, bisection)."""

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
