"""Dynamics near an equilibrium, from the trajectory of a generator of one point during training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.datasets.base import Truth

SHRUNK = 0.5  # converging: the last quarter's amplitude is below this share of the first's


@dataclass(frozen=True)
class Trajectory:
    """The samples' mean at every point of evaluation.

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
def eigenvalue_real(trajectory: Trajectory, _target: object, truth: Truth) -> float:
    """Rate at which training moves away from the equilibrium; below 0 it converges.

    Real part of the slower eigenvalue of the players' vector field, as `eigenvalue` fits it.
    """
    return eigenvalue(trajectory, truth).real


@register(
    "eigenvalue_imag",
    title="Eigenvalue, imaginary part",
    direction=None,
    when="path",
    low=0.0,
    unit="1 / time",
    truth=("equilibrium",),
)
def eigenvalue_imag(trajectory: Trajectory, _target: object, truth: Truth) -> float:
    """Rate at which training circles around the equilibrium, in radians per unit of time.

    Imaginary part of the slower eigenvalue (of a conjugate pair, the positive one), as `eigenvalue` fits it.
    """
    return abs(eigenvalue(trajectory, truth).imag)


@register(
    "converges",
    title="Converges",
    unit="1: yes, 0: no",
    direction="max",
    when="path",
    low=0.0,
    high=1.0,
    settings={"shrunk": SHRUNK},
    truth=("equilibrium",),
)
def converges(trajectory: Trajectory, _target: object, truth: Truth) -> float:
    """1 where the distance from the equilibrium is less than half in the last quarter of training, else 0.

    Compared with the first quarter. Of each quarter the largest distance counts, because a spiral passes the
    equilibrium's coordinate twice a turn. Undefined for fewer than four points, or if none is away from it.
    """
    distance = np.abs(_departures(trajectory, truth))
    if len(distance) < 4:
        raise Undefined(
            f"the first and the last quarter need four points at least, there are {len(distance)}"
        )
    if not distance.any():
        raise Undefined("the trajectory does not leave the equilibrium")
    quarter = len(distance) // 4
    return float(distance[-quarter:].max() < SHRUNK * distance[:quarter].max())


def eigenvalue(trajectory: Trajectory, truth: Truth) -> complex:
    """Return the eigenvalue with the larger real part of a planar linear flow, from one coordinate.

    Two coordinates that gradient descent with rate h moves by x <- (I + h A) x obey, each alone and at every
    w-th step, y_{k+2} = a y_{k+1} + b y_k, where mu^2 = a mu + b has the roots (1 + h lambda)^w. (a, b) are
    the least squares of the equations divided by their sizes, so that a decaying trajectory counts to its
    end. Of the w-th roots the principal one is taken: between two points the flow must turn by less than pi.

    Raises:
        Undefined: for fewer than five points, uneven ones, or a trajectory that does not move.
    """
    y = _departures(trajectory, truth)
    strides = np.diff(trajectory.iterations)
    if len(y) < 5 or not (strides == strides[0]).all():
        raise Undefined(f"an eigenvalue needs five evenly spaced points at least, there are {len(y)}")
    size = np.abs(y[:-2]) + np.abs(y[1:-1]) + np.abs(y[2:])
    seen = size > 0
    if seen.sum() < 3:
        raise Undefined("the trajectory does not leave the equilibrium")
    rows = np.stack((y[1:-1], y[:-2]), axis=1)[seen] / size[seen, None]
    a, b = np.linalg.lstsq(rows, y[2:][seen] / size[seen], rcond=None)[0]
    multipliers = np.roots([1.0, -a, -b]).astype(complex) ** (1 / strides[0])
    found = (multipliers - 1) / trajectory.rate
    return complex(max(found, key=lambda value: (value.real, value.imag)))


def _departures(trajectory: Trajectory, truth: Truth) -> np.ndarray:
    assert truth.equilibrium is not None
    if broken := np.count_nonzero(~np.isfinite(trajectory.values)):
        raise Undefined(f"{broken} of {len(trajectory.values)} points of the trajectory are not finite")
    return trajectory.values - truth.equilibrium
