"""Costs: scores of which a smaller one is better and a lost one, of a trial without a score, is the worst."""

from __future__ import annotations

import numpy as np
import pandas as pd

SIGNS = {"min": 1, "max": -1}
"""Direction of a metric -> factor that makes a smaller score better."""


def lost_as_worst(values: pd.Series | np.ndarray, direction: str) -> np.ndarray:
    """Return scores in which a missing or infinite one is infinite, with the sign that is worse.

    Raises ValueError for a direction other than "min" and "max": no score is worse than another without one.
    """
    if direction not in SIGNS:
        raise ValueError(f"scores with direction {direction!r} have no worst; expected min or max")
    values = np.asarray(values, dtype=float)
    return np.where(np.isfinite(values), values, SIGNS[direction] * np.inf)


def costs(values: pd.Series | np.ndarray, direction: str = "min") -> np.ndarray:
    """Return scores of which a smaller one is better and a lost one infinite; raises as `lost_as_worst`."""
    return SIGNS.get(direction, 1) * lost_as_worst(values, direction)
