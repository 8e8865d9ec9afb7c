"""Plots of a sweep: tuning budgets, profiles over all settings, survival per pair of hyperparameters."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from gan_bench.reports.colours import PALETTE
from gan_bench.reports.frames import board_title, dataset_label
from gan_bench.reports.labels import BELOW, LEGEND, clean, most_lines, number, stacked
from gan_bench.reports.plots.board import Board, Portion, portions
from gan_bench.reports.plots.figure import (
    LINE,
    WIDTH,
    Plot,
    canvas,
    finish,
    frame,
    legend,
    legend_columns,
    scale,
)
from gan_bench.reports.stability import Sweep, sweep
from gan_bench.reports.statistics import performance_profile
from gan_bench.reports.statistics.stability import tuning_curve
from gan_bench.reports.style import INK

BINS = 4  # of a continuous hyperparameter
NARROW = 13  # characters of a panel's name per inch
PANEL, LARGEST = 1.35, 2.2  # inches; a single one is larger
ACROSS = 4


def stability(board: Board) -> Iterator[Plot]:
    """Yield the tuning curve, the profile over all settings, and a heat map per two hyperparameters."""
    board_sweep = sweep(board.frames)
    if board_sweep is None:
        return
    curve = tuning_curve(board_sweep.settings, "variant")
    if len(curve):
        what = "Expected best after n tried settings"
        yield from _figures(board, board_sweep, curve, "tried", "expected", what)
        profile = performance_profile(
            board_sweep.settings.assign(value=board_sweep.settings["cost"]), "variant", "min"
        )
        what = "Profile over all settings"
        yield from _figures(board, board_sweep, profile, "threshold", "share", what)
    for one, other in board_sweep.pairs():
        yield _heat(board, board_sweep, one, other)


def _figures(
    board: Board, board_sweep: Sweep, data: pd.DataFrame, x: str, y: str, what: str
) -> Iterator[Plot]:
    for portion in portions(_in_order(board, data)):
        yield _lines(board, board_sweep, data[data["variant"].isin(portion.labels)], x, y, what, portion)


def _lines(
    board: Board, board_sweep: Sweep, data: pd.DataFrame, x: str, y: str, what: str, portion: Portion
) -> Plot:
    variants = portion.labels
    labels = [stacked(variant, LEGEND) for variant in variants]
    columns, rows = legend_columns(labels)
    title = portion.titled(f"{what}: {clean(board.descriptions.title(board_sweep.metric), 40)}")
    share = y == "share"
    across = board.descriptions.axis(board_sweep.metric, "min", BELOW) if share else "settings tried (count)"
    figure, axes = canvas(title, dataset_label(board.key), 2.3, legend_rows=rows, across=across)
    handles, phrases = [], []
    for variant in variants:
        look, line = board.looks[variant], data[data["variant"] == variant]
        axes.plot(line[x], line[y], color=look.colour, linestyle=look.line, linewidth=1.4,
                  drawstyle="steps-post" if share else "default")  # fmt: skip
        axes.fill_between(line[x], line["low"], line["high"], color=look.colour, alpha=0.1, linewidth=0,
                          step="post" if share else None)  # fmt: skip
        handles.append(Line2D([], [], color=look.colour, linestyle=look.line))
        phrases.append(f"{variant} {number(line[y].iloc[-1], 3)}")
    scale(axes, "x", data[x].to_numpy(float))
    if share:
        axes.set(ylabel="share of all settings", ylim=(-0.03, 1.03))
    else:
        scale(axes, "y", data[y].to_numpy(float), data["high"].to_numpy(float))
        axes.set(ylabel=board.descriptions.axis(board_sweep.metric, "min"))
    legend(figure, handles, labels, columns)
    alt = f"Line plot: {title}, per variant with 95 % bands; {_context(board)}."
    alt += f" At the end: {'; '.join(phrases)}."
    name = board.name("stability", y, portion.words)
    return finish(figure, name=name, title=title, alt=alt, data=data, further=portion.further)


def _in_order(board: Board, data: pd.DataFrame) -> list[str]:
    """Return the variants in `data`, in the order that all plots of a sweep have."""
    return [variant for variant in board.looks if (data["variant"] == variant).any()]


def _context(board: Board) -> str:
    """Return the board's title without the profile, which differs between the settings of a sweep."""
    return board_title(board.key)


def _heat(board: Board, board_sweep: Sweep, one: str, other: str) -> Plot:
    """Return survival in cells of two hyperparameters, a panel per variant: share, and depth of colour."""
    known = board_sweep.settings[board_sweep.settings[one].notna() & board_sweep.settings[other].notna()]
    variants = _in_order(board, known)
    across = min(ACROSS, len(variants))
    down = math.ceil(len(variants) / across)
    panel = max(PANEL, min(LARGEST, (WIDTH - 0.8) / across))
    width = max(WIDTH, 0.8 + across * panel)
    title = f"Survival by {one} and {other}"
    names = [stacked(variant, int(panel * NARROW)) for variant in variants]
    pitch = panel + 0.12 + LINE * most_lines(names)
    figure, (bottom, height) = frame(title, dataset_label(board.key), down * pitch, below=0.58, width=width)
    columns, rows = (_cells(known[name]) for name in (one, other))
    tables = []
    for place, variant in enumerate(variants):
        column, row = place % across, place // across
        axes = figure.add_axes((
            (0.7 + column * panel) / width, bottom + height * (1 - (row + 1) / down),
            (panel - 0.12) / width, height / down * panel / pitch,
        ))  # fmt: skip
        of_variant = known["variant"] == variant
        counts = (
            known[of_variant]
            .groupby([columns[0][of_variant], rows[0][of_variant]])["survived"]
            .agg(["mean", "size"])
        )
        for (i, j), cell in counts.iterrows():
            share = float(cell["mean"])
            axes.add_patch(
                Rectangle((i - 0.5, j - 0.5), 1, 1, facecolor=PALETTE[0][0], alpha=0.06 + 0.6 * share)
            )
            axes.annotate(f"{share:.0%}", (i, j), ha="center", va="center", size=6, color=INK)
        axes.set_title(names[place], size=7.5, loc="left", pad=3)
        axes.set(xlim=(-0.5, len(columns[1]) - 0.5), ylim=(-0.5, len(rows[1]) - 0.5))
        axes.grid(False)
        last = place + across >= len(variants)
        axes.set_xticks(range(len(columns[1])), columns[1] if last else [], size=6, rotation=30)
        axes.set_yticks(range(len(rows[1])), rows[1] if column == 0 else [], size=6)
        axes.set_xlabel(one if last else "", size=7, labelpad=5)
        axes.set_ylabel(other if column == 0 else "", size=7)
        named = counts.reset_index(names=[one, other])
        for name, ranges in ((one, columns[1]), (other, rows[1])):
            named[name] = [ranges[index] for index in named[name]]
        tables.append(named.rename(columns={"mean": "survived", "size": "settings"}).assign(variant=variant))
    data = pd.concat(tables, ignore_index=True)
    alt = (
        f"Heat maps, one per variant: share of settings that survive by {one} and {other}; {_context(board)}."
    )
    return finish(figure, name=board.name("survival", one, other), title=title, alt=alt, data=data)


def _cells(values: pd.Series) -> tuple[pd.Series, list[str]]:
    """Return the cell of each value, and names of the cells: the values if there are few, else ranges."""
    unique = sorted(values.unique(), key=lambda value: (isinstance(value, str), value))
    if len(unique) <= BINS or any(isinstance(value, str) for value in unique):
        names = [number(value, 2) if isinstance(value, float) else str(value) for value in unique]
        return values.map({value: place for place, value in enumerate(unique)}), names
    numbers = values.astype(float)
    low, high = numbers.min(), numbers.max()
    logarithmic = low > 0 and numbers.median() < (low + high) / 4  # of a uniform law it is (low + high) / 2
    edges = np.geomspace(low, high, BINS + 1) if logarithmic else np.linspace(low, high, BINS + 1)
    middle = np.sqrt(edges[1:] * edges[:-1]) if logarithmic else (edges[1:] + edges[:-1]) / 2
    places = pd.Series(np.clip(np.searchsorted(edges, numbers, "right") - 1, 0, BINS - 1), index=values.index)
    return places, [f"~{number(value, 1 if logarithmic else 2)}" for value in middle]
