"""Dynamics near an equilibrium, from the path that a generator of one point takes during training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.datasets.base import Truth

SHRUNK = 0.5  # of the first quarter's amplitude, in the last: what counts as converging


@dataclass(frozen=True)
class Path:
    """Where the samples' mean was at the points of evaluation.

    Attributes:
        iterations: at every point, evenly spaced, shape (n,).
        values: the mean there, shape (n,).
        rate: learning rate of both players, the length of a step in time.
    """

    iterations: np.ndarray
    values: np.ndarray
    rate: float


@register(
    "eigenvalue_real",
    title="Eigenvalue, real part",
    direction=None,
    when="path",
    unit="1 / time",
    truth=("equilibrium",),
)
def eigenvalue_real(path: Path, _real: object, truth: Truth) -> float:
    """Real part of the slower eigenvalue of the players' vector field, as `eigenvalue` fits it."""
    return eigenvalue(path, truth).real


@register(
    "eigenvalue_imag",
    title="Eigenvalue, imaginary part",
    direction=None,
    when="path",
    low=0.0,
    unit="1 / time",
    truth=("equilibrium",),
)
def eigenvalue_imag(path: Path, _real: object, truth: Truth) -> float:
    """Imaginary part of the slower eigenvalue (of the pair, the positive one), as `eigenvalue` fits it."""
    return abs(eigenvalue(path, truth).imag)


@register(
    "converges",
    title="Converges",
    direction="max",
    when="path",
    low=0.0,
    high=1.0,
    settings={"shrunk": SHRUNK},
    truth=("equilibrium",),
)
def converges(path: Path, _real: object, truth: Truth) -> float:
    """1 where the distance from the equilibrium has halved from the first quarter to the last, else 0.

    Of each quarter the largest distance counts, as a spiral passes the equilibrium's coordinate twice a turn.
    """
    distance = np.abs(_departures(path, truth))
    quarter = max(1, len(distance) // 4)
    return float(distance[-quarter:].max() < SHRUNK * distance[:quarter].max())


def eigenvalue(path: Path, truth: Truth) -> complex:
    """The eigenvalue of larger real part of a planar linear flow that one coordinate was seen of.

    Two coordinates that gradient descent with rate h moves by x <- (I + h A) x obey, each alone and at every
    w-th step, y_{k+2} = a y_{k+1} + b y_k, where mu^2 = a mu + b has the roots (1 + h lambda)^w. (a, b) are
    the least squares of the equations divided by their sizes, so that a decaying path counts to its end.

    Raises:
        Undefined: for fewer than five points, uneven ones, or a path that does not move.
    """
    y = _departures(path, truth)
    strides = np.diff(path.iterations)
    if len(y) < 5 or not (strides == strides[0]).all():
        raise Undefined(f"an eigenvalue needs five evenly spaced points at least, there are {len(y)}")
    size = np.abs(y[:-2]) + np.abs(y[1:-1]) + np.abs(y[2:])
    seen = size > 0
    if seen.sum() < 3:
        raise Undefined("the path does not leave the equilibrium")
    rows = np.stack((y[1:-1], y[:-2]), axis=1)[seen] / size[seen, None]
    a, b = np.linalg.lstsq(rows, y[2:][seen] / size[seen], rcond=None)[0]
    multipliers = np.roots([1.0, -a, -b]).astype(complex) ** (1 / strides[0])
    found = (multipliers - 1) / path.rate
    return complex(max(found, key=lambda value: (value.real, value.imag)))


def _departures(path: Path, truth: Truth) -> np.ndarray:
    assert truth.equilibrium is not None
    if broken := np.count_nonzero(~np.isfinite(path.values)):
        raise Undefined(f"{broken} of {len(path.values)} points of the path are not finite")
    return path.values - truth.equilibrium
