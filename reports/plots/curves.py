"""Scores and losses along training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from gan_bench.names import counted
from gan_bench.reports.colours import LINES
from gan_bench.reports.frames import ENTRY, curves
from gan_bench.reports.labels import HORIZONTAL, clean, number, short
from gan_bench.reports.plots.board import Board, Portion
from gan_bench.reports.plots.figure import Plot, canvas, finish, legend, legend_columns, number_axes, scale
from gan_bench.reports.plots.references import reference_lines
from gan_bench.reports.plots.targets import draw_target, target, target_labels
from gan_bench.reports.statistics import quartiles

POINTS = 120  # of a loss curve; more cannot be told apart at this width


def metric_curves(board: Board) -> Iterator[Plot]:
    """Yield each metric against kimg; the primary one for EMA weights too."""
    points = curves(board.frames)
    points = points[points["label"].isin(board.shown)]
    for metric in board.metrics(points["metric"].unique()):
        for weights in ("raw", "ema"):
            chosen = points[(points["metric"] == metric) & (points["weights"] == weights)]
            if chosen["value"].notna().sum() == 0 or (weights == "ema" and metric != board.primary):
                continue
            if chosen["measured_at"].nunique() > 1:
                for portion in board.portions_of(chosen):
                    part = chosen[chosen["label"].isin(portion.labels)]
                    if part["value"].notna().any():
                        yield _curve(board, metric, weights, part, portion)


def _curve(board: Board, metric: str, weights: str, chosen: pd.DataFrame, portion: Portion) -> Plot:
    direction = next((text for text in chosen["direction"] if text), "")
    labels = [*(board.legend_label(label) for label in portion.labels), *target_labels(chosen)]
    columns, rows = legend_columns(labels)
    what = f"{board.descriptions.title(metric)}{' of EMA weights' if weights == 'ema' else ''}"
    title = portion.titled(f"{clean(what, 60)} along training")
    figure, axes = canvas(title, board.context, 2.5, legend_rows=rows)
    handles, phrases = [], []
    pivoted = chosen.pivot(index="measured_at", columns=["label", "trial"], values="value")
    measured = chosen.groupby("label", sort=False)["measured_at"].unique()
    ends = chosen[chosen["status"] != "finished"].drop_duplicates("trial", keep="last")
    for label in portion.labels:
        look = board.look(label)
        if label in measured:
            # Its own points: iterations of several critic updates end a little later than those of one.
            where = np.sort(measured[label])
            values = pivoted.loc[where, label].to_numpy()  # [points, seeds]
            lines = [np.column_stack([where, seed]) for seed in values.T]
            axes.add_collection(LineCollection(lines, colors=look.colour, linewidths=0.6, alpha=0.35))
            low, middle, high = quartiles(values, board.seeds(label), direction)
            axes.fill_between(where, low, high, color=look.colour, alpha=0.13, linewidth=0)
            axes.plot(where, middle, color=look.colour, linestyle=look.line, marker=look.marker,
                      markersize=4, linewidth=1.4)  # fmt: skip
            phrases.append(f"{label} {number(middle[-1], 3)}")
            lost = ends[ends["label"] == label]
            if len(lost):
                axes.plot(lost["measured_at"], lost["value"], linestyle="none", marker="x", markersize=6,
                          markeredgewidth=1.6, color=look.colour)  # fmt: skip
        handles.append(
            Line2D([], [], color=look.colour, linestyle=look.line, marker=look.marker, markersize=4)
        )
    goal = target(chosen)
    handles += draw_target(axes, "y", goal)
    scale(axes, "y", np.append(chosen["value"].to_numpy(float), goal))
    scale(axes, "x", np.array([0.0, pivoted.index.max()]))
    axes.autoscale_view()
    axes.set_xlim(left=0)
    axes.set_xlabel(HORIZONTAL)
    axes.set_ylabel(board.descriptions.axis(metric, direction))
    beside = reference_lines(axes, "y", board, metric)
    legend(figure, handles, labels, columns)
    wanted = ["measured_at", "generator_updates", "critic_updates", "seconds", "value", "direction", "target"]
    data = chosen[["trial", *ENTRY, "seed", "status", "metric", "weights", *wanted]]
    data = data.rename(columns={"measured_at": "kimg"})
    alt = f"Line plot of {title}; {board.title}. Medians over seeds at the last point: {'; '.join(phrases)}."
    alt += "".join(f" {text.capitalize()}." for text in target_labels(chosen))
    alt += beside
    name = board.name("curve", metric, weights, portion.words)
    return finish(figure, name=name, title=title, alt=alt, data=data, further=portion.further)


def loss_curves(board: Board) -> Iterator[Plot]:
    """Yield each entry's losses against kimg: thin lines per seed, thick median."""
    history = board.frames.history[board.frames.history["kind"] == "loss"]
    if history.empty:
        return
    thin = history.groupby(["trial", "name"], sort=False, group_keys=False)
    position, size = thin.cumcount(), thin["value"].transform("size")
    step = np.maximum(1, np.ceil(size / POINTS))
    history = history[(position % step == 0) | (position == size - 1)]
    history = history.merge(board.frames.trials[["trial", *ENTRY, "label", "seed", "status"]], on="trial")
    for label in board.shown:
        entry = history[history["label"] == label]
        if len(entry):
            yield _losses(board, label, entry)


def _losses(board: Board, label: str, entry: pd.DataFrame) -> Plot:
    look = board.look(label)
    names = entry["name"].unique()[:4]  # players' losses come first
    title = f"Losses of {clean(label)}"
    columns, rows = legend_columns([short(name, 24) for name in names])
    figure, axes = canvas(title, board.context, 1.7, legend_rows=rows)
    handles = []
    for index, name in enumerate(names):
        group = entry[entry["name"] == name]
        line = LINES[index]
        lines = [seed[["kimg", "value"]].to_numpy(float) for _, seed in group.groupby("trial")]
        axes.add_collection(LineCollection(lines, colors=look.colour, linewidths=0.5, alpha=0.3))
        middle = group.groupby("iteration")[["kimg", "value"]].median()
        axes.plot(middle["kimg"], middle["value"], color=look.colour, linestyle=line, linewidth=1.3)
        handles.append(Line2D([], [], color=look.colour, linestyle=line))
    axes.autoscale_view()
    axes.set_xlim(left=0)
    _limit(axes, entry["value"].to_numpy(float))
    number_axes(axes)
    axes.set_xlabel(HORIZONTAL)
    axes.set_ylabel("loss (the variant's own scale)")
    legend(figure, handles, [short(name, 24) for name in names], columns)
    diverged = int((entry.drop_duplicates("trial")["status"] != "finished").sum())
    alt = f"Line plot of the losses {', '.join(map(str, names))} of {label} against kimg; {board.title}."
    alt += f" {diverged} of {counted(entry['trial'].nunique(), 'seed')} did not finish." if diverged else ""
    data = entry[["trial", *ENTRY, "seed", "status", "iteration", "kimg", "name", "value"]]
    return finish(
        figure, name=board.name("loss", label), title=title, alt=alt, data=data, label=label,
        further=board.further(label),
    )  # fmt: skip


def _limit(axes, values: np.ndarray) -> None:
    """Keep a spike from flattening the rest: show the central 98 % where the range is ten times that."""
    values = values[np.isfinite(values)]
    if not len(values):
        return
    low, high = np.quantile(values, [0.01, 0.99])
    if np.ptp(values) > 10 * (high - low) > 0:
        margin = 0.1 * (high - low)
        axes.set_ylim(low - margin, high + margin)
        axes.annotate(
            "spikes beyond the frame are cut",
            (1, 1),
            xycoords="axes fraction",
            ha="right",
            va="top",
            size=6.5,
        )
