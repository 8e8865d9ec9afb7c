"""Sliced Wasserstein distances by optimal assignment, which SciPy solves: independent of sorting."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment


def by_assignment(one: np.ndarray, other: np.ndarray, directions: np.ndarray) -> float:
    """Return the sliced Wasserstein-2 distance of two sets of points along the columns of `directions`.

    Each point is repeated until both sets are as large: transport then is an assignment.
    """
    size = math.lcm(len(one), len(other))
    costs = []
    for left, right in zip((one @ directions).T, (other @ directions).T, strict=True):
        repeated = np.repeat(left, size // len(left)), np.repeat(right, size // len(right))
        squares = (repeated[0][:, None] - repeated[1][None]) ** 2
        costs.append(squares[linear_sum_assignment(squares)].mean())
    return float(np.sqrt(np.mean(costs)))
