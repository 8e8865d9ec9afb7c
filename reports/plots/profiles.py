"""Performance profiles: the share of seeds of an entry that are at least as good as a score."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.lines import Line2D

from gan_bench.reports import statistics as stats
from gan_bench.reports.labels import BELOW, clean
from gan_bench.reports.plots.board import Board, Portion, portions
from gan_bench.reports.plots.figure import Plot, canvas, finish, legend, legend_columns, scale
from gan_bench.reports.rankings import ranking


def profiles(board: Board) -> Iterator[Plot]:
    """Yield the primary metric's profile, of the entries with seeds enough."""
    metrics, costs, direction = ranking(board.frames)
    if not metrics or costs[0] is None:
        return
    labels_shown = [label for label in board.shown if board.seeds(label) >= stats.MIN_SEEDS]
    if not labels_shown:
        return
    trials = board.frames.trials[board.frames.trials["label"].isin(labels_shown)]
    scored = trials.assign(value=trials["trial"].map(costs[0]) * stats.SIGNS[direction])
    data = stats.performance_profile(scored, "label", direction)
    if data["threshold"].nunique() < 2:
        return
    for portion in portions(labels_shown):
        yield _profile(board, data, metrics[0], direction, portion)


def _profile(board: Board, data: pd.DataFrame, metric: str, direction: str, portion: Portion) -> Plot:
    data = data[data["label"].isin(portion.labels)]
    labels = [board.legend_label(label) for label in portion.labels]
    columns, rows = legend_columns(labels)
    title = portion.titled(f"Performance profile: {clean(board.descriptions.title(metric), 50)}")
    across = board.descriptions.axis(metric, direction, BELOW)
    figure, axes = canvas(title, board.context, 2.3, legend_rows=rows, across=across)
    handles, phrases = [], []
    for label in portion.labels:
        look, line = board.look(label), data[data["label"] == label]
        # Thresholds come best first: the share of one holds up to the next, whichever way the axis runs.
        axes.step(line["threshold"], line["share"], where="post", color=look.colour, linestyle=look.line,
                  linewidth=1.4)  # fmt: skip
        axes.fill_between(line["threshold"], line["low"], line["high"], color=look.colour, alpha=0.08,
                          linewidth=0, step="post")  # fmt: skip
        handles.append(Line2D([], [], color=look.colour, linestyle=look.line))
        phrases.append(f"{label} reaches {line['share'].max():.0%}")
    scale(axes, "x", data["threshold"].to_numpy(float))
    if direction == "max":
        axes.invert_xaxis()
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("share of all seeds")
    legend(figure, handles, labels, columns)
    alt = f"Step plot: share of each variant's seeds that are at least as good as a score; {board.title}. "
    alt += f"In the end {'; '.join(phrases)}."
    name = board.name("profile", metric, portion.words)
    return finish(figure, name=name, title=title, alt=alt, data=data, further=portion.further)
