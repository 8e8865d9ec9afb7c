"""Plots of the cost of an update and of the gain of packs, from the frame of `python -m bench speed`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from gan_bench.reports.colours import Look
from gan_bench.reports.labels import LEGEND, FileNames, clean, most_lines, number, stacked
from gan_bench.reports.plots.board import portions
from gan_bench.reports.plots.figure import LINE, Plot, canvas, finish, legend, legend_columns, scale
from gan_bench.reports.plots.roofline import roofline
from gan_bench.reports.statistics.summary import QUARTILES
from gan_bench.reports.style import INK

Fill = Literal["full", "none"]
COSTS: dict[str, tuple[str, str, Fill]] = {
    "milliseconds_per_iteration": ("one iteration", "o", "full"),
    "milliseconds_per_critic_update": ("one critic update", "<", "none"),
    "milliseconds_per_generator_update": ("one generator update", ">", "none"),
    "bare_milliseconds_per_iteration": ("one iteration, bare loop", "x", "full"),
    "bare_captured_milliseconds_per_iteration": ("the same, captured", "+", "full"),
    "classic_milliseconds_per_iteration": ("one iteration, classic script", "D", "none"),
}
"""Columns: legend, marker and how it is filled."""


def speed_plots(frame: pd.DataFrame, looks: Mapping[str, Look], context: str) -> Iterator[Plot]:
    """Yield plots of costs, of pack gains (where packs were measured) and of rates for every workload.

    Plots of gains and rates have at most `LINES_IN_A_PLOT` variants each; further ones have their own plots.

    Args:
        frame: one row per variant, pack size and round, columns as `python -m bench speed` writes them.
        looks: variant -> look.
        context: what else must be known: device, host, date.
    """
    names = FileNames()
    for workload, rows in frame.groupby("workload", sort=False):
        where = f"{clean(workload)} · {context}"
        yield _costs(rows, looks, where, names(["speed", str(workload), "cost"]))
        figures = [
            (portion, rows[rows["variant"].isin(portion.labels)])
            for portion in portions(list(rows["variant"].unique()))
        ]
        for portion, part in figures if rows["replicas"].nunique() > 1 else ():
            name = names(["speed", str(workload), "packs", portion.words])
            yield _gains(part, looks, where, name, portion.titled("What packs gain"))
        for portion, part in figures:
            name = names(["speed", str(workload), "roofline", portion.words])
            yield roofline(part, looks, where, name, portion.titled("Rates beside the machine's own"))


def _costs(rows: pd.DataFrame, looks: Mapping[str, Look], context: str, name: str) -> Plot:
    rows = rows[rows["replicas"] == 1]
    variants = list(rows["variant"].unique())
    columns_shown = [column for column in COSTS if rows[column].notna().any()]
    labels = [COSTS[column][0] for column in columns_shown]
    columns, legend_rows = legend_columns(labels)
    title = "Time per update of a single replica"
    left = 0.3 + 0.062 * min(26, max(map(len, variants)))
    height = max(0.3, LINE * most_lines(map(stacked, variants))) * len(variants)
    figure, axes = canvas(title, context, height, legend_rows=legend_rows, left=left)
    phrases = []
    for place, variant in enumerate(variants):
        of = rows[rows["variant"] == variant]
        for offset, column in zip(np.linspace(-0.25, 0.25, len(columns_shown)), columns_shown, strict=True):
            values = of[column].dropna().to_numpy(float)
            if len(values):
                low, middle, high = np.quantile(values, QUARTILES)
                _, marker, fill = COSTS[column]
                line: dict[str, Any] = {"color": looks[variant].colour, "linewidth": 1.2}
                axes.plot([low, high], [place + offset] * 2, **line)
                axes.plot([middle], [place + offset], marker=marker, markersize=5, fillstyle=fill, **line)
        phrases.append(f"{variant} {number(of['milliseconds_per_iteration'].median(), 3)} ms")
    axes.set_yticks(range(len(variants)), [stacked(variant) for variant in variants])
    axes.set_ylim(len(variants) - 0.5, -0.5)
    axes.grid(False, axis="y")
    scale(axes, "x", np.append(0.0, rows[columns_shown].to_numpy(float).ravel()))
    axes.set_xlim(left=0)
    axes.set_xlabel("time (ms); median and quartiles of rounds")
    handles = [
        Line2D([], [], linestyle="none", color=INK, marker=COSTS[c][1], fillstyle=COSTS[c][2], markersize=5)
        for c in columns_shown
    ]
    legend(figure, handles, labels, columns)
    alt = f"Dot plot of {title.lower()}; {context}. Medians per iteration: {'; '.join(phrases)}."
    return finish(figure, name=name, title=title, alt=alt, data=rows[["variant", "round", *columns_shown]])


def _gains(rows: pd.DataFrame, looks: Mapping[str, Look], context: str, name: str, title: str) -> Plot:
    variants = list(rows["variant"].unique())
    columns, legend_rows = legend_columns([stacked(variant, LEGEND) for variant in variants])
    figure, axes = canvas(title, context, 2.4, legend_rows=legend_rows)
    handles, phrases = [], []
    for variant in variants:
        look = looks[variant]
        spread = (
            rows[rows["variant"] == variant].groupby("replicas")["pack_gain"].quantile(QUARTILES).unstack()
        )
        axes.fill_between(
            spread.index, spread[0.25], spread[0.75], color=look.colour, alpha=0.13, linewidth=0
        )
        drawn: dict[str, Any] = {
            "color": look.colour,
            "linestyle": look.line,
            "marker": look.marker,
            "markersize": 4,
        }
        axes.plot(spread.index, spread[0.5], linewidth=1.4, **drawn)
        handles.append(Line2D([], [], **drawn))
        phrases.append(f"{variant} {number(spread[0.5].max(), 3)}")
    _pack_sizes(axes, sorted(rows["replicas"].unique()))
    scale(axes, "y", np.append(0.0, rows["pack_gain"].to_numpy(float)))
    axes.set_ylim(bottom=0)
    axes.set_ylabel("replica-iterations/s over those of K = 1")
    legend(figure, handles, [stacked(variant, LEGEND) for variant in variants], columns)
    alt = f"Line plot of the gain in iterations per second against pack size; {context}. "
    alt += f"Largest medians: {'; '.join(phrases)}."
    data = rows[["variant", "replicas", "round", "pack_gain", "iterations_per_second"]]
    return finish(figure, name=name, title=title, alt=alt, data=data)


def _pack_sizes(axes: Axes, sizes: list[int]) -> None:
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel("replicas in a pack, K (count)")
