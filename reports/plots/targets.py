"""The data's own value of a metric as a line that plots draw, so that "nearer" can be seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gan_bench.reports.labels import number
from gan_bench.reports.style import INK

DASHES = (0, (4, 2))


def target(scores: pd.DataFrame) -> np.ndarray:
    """Return the targets recorded with `scores` of one metric: several where the data differ."""
    return np.sort(scores["target"].dropna().unique())


def target_labels(scores: pd.DataFrame) -> list[str]:
    """Return the legend's text for the line of `draw_target`; nothing where there is no target."""
    values = target(scores)
    word = "target, " if (scores["direction"] == "target").any() else ""
    return [f"{word}the data's own: {' and '.join(number(x, 3) for x in values)}"] if len(values) else []


def draw_target(axes: Axes, which: str, values: np.ndarray) -> list[Line2D]:
    """Draw a dashed line at each of `values` on the axis `which`; returns the legend's handle for them."""
    for value in values:
        line = axes.axvline if which == "x" else axes.axhline
        line(value, color=INK, linestyle=DASHES, linewidth=1.0, zorder=1)
    return [Line2D([], [], color=INK, linestyle=DASHES, linewidth=1.0)] if len(values) else []
