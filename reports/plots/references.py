"""Reference rows in plots of scores: a dotted line each, named at its end, which never widens an axis."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.axes import Axes

from gan_bench.reports.labels import clean, number
from gan_bench.reports.plots.board import Board
from gan_bench.reports.references import of_metric
from gan_bench.reports.style import MUTED

LINE: dict[str, Any] = {"color": MUTED, "linestyle": (0, (1, 2)), "linewidth": 0.9, "zorder": 0.5}
SIZE = 6.0  # points
ROOM = 68  # characters of this size above the axes
TEXT: dict[str, Any] = {
    "textcoords": "offset points", "ha": "right", "va": "bottom", "size": SIZE, "color": MUTED,
    "annotation_clip": False,
}  # fmt: skip


def reference_lines(axes: Axes, which: Literal["x", "y"], board: Board, metric: str) -> str:
    """Draw the means of a board's reference rows of `metric` on the axis `which`, once its limits are final.

    Rows beyond the limits are named in the corner with their value. Returns what the drawing's description
    must say of them, empty where there is none.
    """
    rows = of_metric(board.references, metric)
    rows = rows[rows["count"] > 0]
    if rows.empty:
        return ""
    low, high = sorted(axes.get_xlim() if which == "x" else axes.get_ylim())
    inside = rows["mean"].between(low, high)
    names: dict[float, list[str]] = {}  # value of a line -> rows named there, its own first
    for name, value in rows[inside].sort_values("mean")[["title", "mean"]].itertuples(index=False):
        (axes.axvline if which == "x" else axes.axhline)(value, **LINE)
        near = next((other for other in names if _points(axes, which, other, value) < SIZE), value)
        names.setdefault(near, []).append(clean(name))
    for value, together in names.items():
        text = ", ".join(together)
        if which == "x":
            axes.annotate(text, (value, 0), (-1, 2), ("data", "axes fraction"), rotation=90, **TEXT)
        else:
            axes.annotate(text, (1, value), (-2, 1), ("axes fraction", "data"), **TEXT)
    texts = [f"{clean(row['title'])} {number(row['mean'], 3)}" for _, row in rows.iterrows()]
    beyond = [text for text, shown in zip(texts, inside, strict=True) if not shown]
    if beyond:
        # Names of horizontal lines are at the right, and the highest may be at the top.
        corner, side = ((1, 1), "right") if which == "x" else ((0, 1), "left")
        text = clean(f"beyond: {', '.join(beyond)}", ROOM)
        axes.annotate(text, corner, (0, 2), "axes fraction", **{**TEXT, "ha": side})
    return f" Reference rows, not ranked: {'; '.join(texts)}."


def _points(axes: Axes, which: Literal["x", "y"], one: float, other: float) -> float:
    """Return the distance of two values of an axis, in points."""
    places = axes.transData.transform([(one, one), (other, other)])[:, 0 if which == "x" else 1]
    figure = axes.get_figure(root=True)
    assert figure is not None
    return abs(float(places[1] - places[0])) * 72 / figure.dpi
