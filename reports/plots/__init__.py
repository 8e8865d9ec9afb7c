"""Plots of a report: each a function from a board to `Plot`s, drawn as SVG with their numbers beside them."""

from gan_bench.reports.plots import abilities
from gan_bench.reports.plots.axes import along_axis
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.copies import copies
from gan_bench.reports.plots.curves import loss_curves, metric_curves
from gan_bench.reports.plots.dynamics import dynamics
from gan_bench.reports.plots.figure import Plot, rc
from gan_bench.reports.plots.fronts import fronts
from gan_bench.reports.plots.paper_numbers import paper_numbers
from gan_bench.reports.plots.profiles import profiles
from gan_bench.reports.plots.samples import points
from gan_bench.reports.plots.scores import cost, strips
from gan_bench.reports.plots.speed import speed_plots
from gan_bench.reports.plots.stability import stability

__all__ = [
    "Board",
    "Plot",
    "abilities",
    "along_axis",
    "copies",
    "cost",
    "dynamics",
    "fronts",
    "loss_curves",
    "metric_curves",
    "paper_numbers",
    "points",
    "profiles",
    "rc",
    "speed_plots",
    "stability",
    "strips",
]
