"""Plots of a report: each a function from a board to `Plot`s, drawn as SVG with their numbers beside them."""

from reports.plots.board import Board
from reports.plots.copies import copies
from reports.plots.curves import loss_curves, metric_curves
from reports.plots.dynamics import dynamics
from reports.plots.figure import Plot, rc
from reports.plots.fronts import fronts
from reports.plots.profiles import profiles
from reports.plots.published import published
from reports.plots.samples import points
from reports.plots.scores import cost, strips
from reports.plots.speed import speed_plots
from reports.plots.stability import stability

__all__ = [
    "Board",
    "Plot",
    "copies",
    "cost",
    "dynamics",
    "fronts",
    "loss_curves",
    "metric_curves",
    "points",
    "profiles",
    "published",
    "rc",
    "speed_plots",
    "stability",
    "strips",
]
