"""Scores against a hyperparameter that a suite varies: number of labels, weight of a term ..."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from gan_bench.reports.labels import LEGEND, clean, number, quantity, stacked
from gan_bench.reports.plots.board import Board, Portion, portions
from gan_bench.reports.plots.figure import MARGIN, Plot, canvas, finish, legend, legend_columns, scale
from gan_bench.reports.plots.references import reference_lines
from gan_bench.reports.statistics import SIGNS, interval, lost_as_worst

SHIFT = 0.02  # of the axis, between the bars of variants at one value
WIDE = 4.0  # largest value over smallest, from which on an axis is logarithmic


def along_axis(board: Board) -> Iterator[Plot]:
    """Yield the primary metric against the only hyperparameter that a suite varies, if it is a number.

    Medians over all seeds, lost ones as worst, with 95 % intervals (percentile bootstrap of the median over
    seeds); one that reaches into lost seeds ends at the frame. A variant without this hyperparameter, or with
    one value of it, is a horizontal line.
    """
    trials = board.frames.trials
    varied = trials["varied"].map(lambda text: json.loads(text) if text else {})
    names = {name for values in varied for name in values}
    if len(names) != 1:
        return
    (name,) = names
    values = varied.map(lambda of: of.get(name))
    if values.map(lambda value: isinstance(value, bool) or not isinstance(value, int | float | None)).any():
        return
    direction = str(board.rows["direction"].iloc[0])
    if direction not in SIGNS:  # nothing was scored, or no score is worse than another
        return
    data = _medians(board, trials.assign(at=values.astype(float)), direction)
    if data["median"].notna().any() and data.groupby("variant")["at"].nunique().max() > 1:
        variants = [variant for variant in board.looks if (data["variant"] == variant).any()]
        for portion in portions(variants):
            yield _plot(board, name, data[data["variant"].isin(portion.labels)], portion)


def _medians(board: Board, trials: pd.DataFrame, direction: str) -> pd.DataFrame:
    """Return median and interval of every variant at every value, NaN for `at` where it has none."""
    ends = board.frames.finals
    final = ends[(ends["when"] == "final") & (ends["weights"] == "raw") & (ends["metric"] == board.primary)]
    scores = trials["trial"].map(final.set_index("trial")["value"])
    rows = []
    groups = trials.assign(value=scores).groupby(["variant", "at"], dropna=False, sort=False)
    for (variant, at), group in groups:
        values = lost_as_worst(group["value"].to_numpy(float), direction)
        low, high = interval([values], lambda drawn: np.median(drawn, axis=-1))
        rows.append({
            "variant": variant, "at": at, "metric": board.primary, "median": float(np.median(values)),
            "low": low, "high": high, "seeds": len(values), "finished": int(group["value"].notna().sum()),
        })  # fmt: skip
    return pd.DataFrame(rows).replace([np.inf, -np.inf], np.nan).sort_values("at", kind="stable")


def _ends(axes: Axes, data: pd.DataFrame) -> pd.DataFrame:
    """Fix the vertical axis; return `data` with intervals that end at its ends where they reach further."""
    values = data[["median", "low", "high"]].to_numpy(float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if axes.get_yscale() == "linear":
        margin = MARGIN * ((high - low) or abs(high) or 1.0)
        axes.set_ylim(low - margin, high + margin)
    bottom, top = axes.get_ylim()
    measured = data["median"].notna() | data["low"].notna() | data["high"].notna()
    return data.assign(
        low=data["low"].fillna(bottom).where(measured), high=data["high"].fillna(top).where(measured)
    )


def _plot(board: Board, name: str, data: pd.DataFrame, portion: Portion) -> Plot:
    variants = portion.labels
    labels = [stacked(variant, LEGEND) for variant in variants]
    columns, rows = legend_columns(labels)
    quantity_title, words = clean(board.descriptions.title(board.primary), 50), clean(name, 30)
    title = portion.titled(f"{quantity_title} against {words}")
    context = f"{board.context}. Medians over all seeds with 95 % intervals"
    figure, axes = canvas(title, context, 2.6, legend_rows=rows, across=words)
    ticks = np.sort(data["at"].dropna().unique())
    logarithmic = bool(ticks[0] > 0 and ticks[-1] >= WIDE * ticks[0])
    axes.set_xscale("log" if logarithmic else "linear")
    handles, phrases = [], []
    scale(axes, "y", data["median"].to_numpy(float), data["high"].to_numpy(float))
    ends = _ends(axes, data)
    for place, variant in enumerate(variants):
        look, own = board.looks[variant], ends[ends["variant"] == variant]
        line = own.dropna(subset="at")
        style: dict[str, Any] = {"color": look.colour, "marker": look.marker, "markersize": 4.5}
        if len(line) > 1:
            away = SHIFT * (place - (len(variants) - 1) / 2)
            at = line["at"].to_numpy(float)
            at = at * (ticks[-1] / ticks[0]) ** away if logarithmic else at + away * np.ptp(ticks)
            axes.plot(at, line["median"], linestyle=look.line, linewidth=1.4, **style)
            axes.vlines(at, line["low"], line["high"], color=look.colour, linewidth=1.1)
            texts = [f"{number(row['median'], 3)} at {quantity(row['at'])}" for _, row in line.iterrows()]
            phrases.append(f"{variant} {', '.join(texts)}")
        else:
            axes.axhline(own["median"].iloc[0], color=look.colour, linestyle=look.line, linewidth=1.2)
            axes.axhspan(own["low"].iloc[0], own["high"].iloc[0], color=look.colour, alpha=0.1, linewidth=0)
            style["marker"] = ""
            phrases.append(f"{variant} {number(own['median'].iloc[0], 3)}, whatever {words}")
        handles.append(Line2D([], [], linestyle=look.line, **style))
    axes.xaxis.set_major_locator(FixedLocator(ticks.tolist()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: quantity(value)))
    axes.set_ylabel(board.descriptions.axis(board.primary, str(board.rows["direction"].iloc[0])))
    beside = reference_lines(axes, "y", board, board.primary)
    legend(figure, handles, labels, columns)
    alt = f"Line plot: {title}, median of every variant with its 95 % interval; {board.title}. "
    alt += f"{'; '.join(phrases)}.{beside}"
    stem = board.name("axis", name, portion.words)
    return finish(figure, name=stem, title=title, alt=alt, data=data, further=portion.further)
