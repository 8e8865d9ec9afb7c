"""Mean and standard deviation of the samples, and their distances from the known ones.

They are not measured of a point mass with an equilibrium: its samples are all equal, and the metrics of
`dynamics` follow them.
"""

from __future__ import annotations

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth


@register(
    "mean",
    title="Sample mean",
    unit="data units",
    direction="target",
    kinds=("scalar",),
    without=("equilibrium",),
    target=lambda truth: truth.mean and truth.mean[0],
)
def mean(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Mean of the samples; best at the data's own mean."""
    return float(made.coordinates.mean())


@register(
    "std",
    title="Sample standard deviation",
    unit="data units",
    direction="target",
    low=0.0,
    kinds=("scalar",),
    without=("equilibrium",),
    target=lambda truth: truth.std and truth.std[0],
)
def std(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Standard deviation of the samples, with n - 1 in the denominator; best at the data's own."""
    return float(_std(made)[0])


COORDINATES = ("scalar", "planar", "vectors")


@register(
    "mean_error",
    title="Error of the mean",
    unit="data units",
    direction="min",
    low=0.0,
    kinds=COORDINATES,
    truth=("mean",),
    without=("equilibrium",),
)
def mean_error(made: Samples, _target: Samples, truth: Truth) -> float:
    """Euclidean distance between the samples' mean and the true one."""
    return float(np.linalg.norm(made.coordinates.mean(0) - np.asarray(truth.mean)))


@register(
    "std_error",
    title="Error of the standard deviation",
    unit="data units",
    direction="min",
    low=0.0,
    kinds=COORDINATES,
    truth=("std",),
    without=("equilibrium",),
)
def std_error(made: Samples, _target: Samples, truth: Truth) -> float:
    """Euclidean distance between the samples' standard deviations per coordinate and the true ones."""
    return float(np.linalg.norm(_std(made) - np.asarray(truth.std)))


def _std(made: Samples) -> np.ndarray:
    if len(made) < 2:
        raise Undefined(f"a standard deviation needs at least 2 samples, there are {len(made)}")
    return made.coordinates.std(0, ddof=1)
