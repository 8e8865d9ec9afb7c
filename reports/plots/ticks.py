"""Ticks whose labels have room beside each other, on linear and on logarithmic axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gan_bench.reports.labels import quantity

CHARACTER, GAP = 0.066, 0.1  # inches: a character of a tick's label, and between two labels on a line
HEIGHT = 0.15  # inches: a line of ticks' labels
MOST = 6
STEPS = [1, 2, 2.5, 5, 10]


def room(axes: Axes, which: str) -> float:
    """Return length of the axis `which` ("x" or "y") in inches."""
    width, height = axes.figure.get_size_inches()  # type: ignore[union-attr]
    box = axes.get_position()
    return float(box.width * width if which == "x" else box.height * height)


def log_ticks(low: float, high: float, which: str, inches: float) -> list[float]:
    """Return ticks from `low` to `high` (both above 0) as dense as fits: 1, 2, 5; 1, 3; or decades."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    dense = [((1.0, 2.0, 5.0), 1), ((1.0, 3.0), 1)]
    ticks: list[float] = []
    for parts, stride in [*dense, *(((1.0,), stride) for stride in range(1, len(decades) + 1))]:
        # Whole strides from 1 on, so that 1 is a tick wherever it is in sight.
        starts = [exponent for exponent in decades if exponent % stride == 0]
        every = [part * 10.0**exponent for exponent in starts for part in parts]
        ticks = [tick for tick in every if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        positions = [inches * math.log(tick / low) / math.log(high / low) for tick in ticks]
        if fits(positions, [quantity(tick) for tick in ticks], which):
            break
    return ticks


def linear_count(low: float, high: float, which: str, inches: float) -> int:
    """Return the number of intervals that `MaxNLocator` may make from `low` to `high` so that labels fit."""
    if not high > low:
        return MOST
    for count in range(MOST, 1, -1):
        ticks = MaxNLocator(count, steps=STEPS).tick_values(low, high)
        inside = [tick for tick in ticks if low <= tick <= high]
        longest = max((f"{tick:.6g}" for tick in inside), key=len, default="")
        if fits(list(inches * (np.array(inside) - low) / (high - low)), [longest] * len(inside), which):
            return count
    return 1


def fits(positions: Sequence[float], labels: Sequence[str], which: str) -> bool:
    """Return whether labels at `positions` (inches, ascending) leave a gap between each two."""
    sizes = [len(label) * CHARACTER if which == "x" else HEIGHT - GAP for label in labels]
    neighbours = itertools.pairwise(zip(positions, sizes, strict=True))
    return all(right - left >= (one + other) / 2 + GAP for (left, one), (right, other) in neighbours)
