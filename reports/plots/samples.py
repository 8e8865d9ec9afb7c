"""What the variants draw, for data of one and two dimensions: histograms and scatter plots."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.frames import ENTRY
from reports.labels import clean, quantity
from reports.plots.board import Board
from reports.plots.figure import Plot, finish, frame
from reports.style import INK, MUTED

PAPER = (
    "#fdfdfd"  # of scatter panels, light on any page: their dots are pixels, which no style sheet recolours
)
REAL = "#8b929c"
WEIGHTS = {"final": "final", "ema": "final, EMA"}
WIDE = 8.6  # inches


def load(path: str) -> dict[str, np.ndarray]:
    """Arrays of a record's samples.npz ("real", "final", "ema"); empty where there is none to be read."""
    try:
        with np.load(Path(path), allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays.files}
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return {}


def points(board: Board) -> Iterator[Plot]:
    """For 1-D and 2-D data, one figure per entry: real and generated, a panel for each seed (and its EMA)."""
    if any(board.frames.trials["kind"] == "images"):
        return
    for label in board.shown:
        trials = board.frames.trials[board.frames.trials["label"] == label].sort_values("seed")
        arrays = {trial: load(path) for trial, path in zip(trials["trial"], trials["samples"], strict=True)}
        real = next((found["real"] for found in arrays.values() if "real" in found), None)
        if real is None:
            real = _any_real(board)
        if real is not None and real.ndim <= 2:
            yield _points(board, label, trials, arrays, _flat(real))


def _any_real(board: Board) -> np.ndarray | None:
    """Real samples from another entry of the board, for one whose seeds all were lost."""
    found = (load(path) for path in board.frames.trials["samples"] if path)
    return next((arrays["real"] for arrays in found if "real" in arrays), None)


def _flat(samples: np.ndarray) -> np.ndarray:
    return samples.reshape(len(samples), -1).astype(float)


def _points(board: Board, label: str, trials: pd.DataFrame, arrays: dict, real: np.ndarray) -> Plot:
    planar = real.shape[1] >= 2
    kinds = [kind for kind in WEIGHTS if any(kind in found for found in arrays.values())] or ["final"]
    columns = min(5, max(2, len(trials)))
    panels = [(trial, kind) for kind in kinds for _, trial in trials.iterrows()]
    rows = math.ceil(len(panels) / columns)
    width = WIDE * columns / 5
    panel_width = (width - 0.75) / columns
    panel_height = panel_width - 0.12 if planar else panel_width * 0.72
    title = f"Real and generated samples of {clean(label, 40)}"
    figure, (bottom, height) = frame(title, board.title, rows * (panel_height + 0.3), below=0.42, width=width)
    limits = _limits(real)
    tables = [_table(real, "real", "", None)]
    for index, (trial, kind) in enumerate(panels):
        row, column = divmod(index, columns)
        axes = figure.add_axes(
            (
                (0.6 + column * panel_width) / width,
                bottom + height * (1 - (row + 1) / rows),
                (panel_width - 0.12) / width,
                height / rows * panel_height / (panel_height + 0.3),
            )
        )
        samples = arrays[trial["trial"]].get(kind)
        head = f"seed {trial['seed']:.0f}, {WEIGHTS[kind]}"
        axes.set_title(head, size=7.5, loc="left", pad=3)
        (_scatter if planar else _histogram)(
            axes, real, None if samples is None else _flat(samples), board.look(label).colour
        )
        if samples is None:
            axes.annotate(
                why_missing(trial),
                (0.5, 0.5),
                xycoords="axes fraction",
                ha="center",
                va="center",
                size=7.5,
                color="#1b1e22" if planar else INK,
            )
        else:
            tables.append(_table(_flat(samples), "generated", kind, trial))
        axes.set_xlim(limits[0])
        if planar:
            axes.set_ylim(limits[1])
        if row < rows - 1 and index + columns < len(panels):
            axes.tick_params(labelbottom=False)
        else:
            axes.set_xlabel("x (data units)", size=7)
        if column:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("y (data units)" if planar else "density (per data unit)", size=7)
    _unite_heights(figure.axes, planar)
    alt = f"{'Scatter plots' if planar else 'Histograms'} of real (grey) and generated (coloured) samples of {label}, one panel for each of {len(trials)} seeds; {board.title}."
    data = pd.concat(tables, ignore_index=True)
    return finish(figure, name=board.name("samples", label), title=title, alt=alt, data=data, wide=True)


def why_missing(trial: pd.Series) -> str:
    """Why a trial has no samples to show."""
    if trial["status"] == "diverged":
        at = trial["diverged_at"]
        return "diverged" + (f" at\niteration {at:,.0f}" if np.isfinite(at) else "")
    return "failed" if trial["status"] == "failed" else "no samples kept"


def _limits(real: np.ndarray) -> list[tuple[float, float]]:
    """The real data with a margin; one scale for both axes where the two spans are alike."""
    low, high = real.min(0), real.max(0)
    span = np.maximum(high - low, 1e-9)
    if span.max() < 3 * span.min():
        span[:] = span.max()
    middle = (low + high) / 2
    return [(float(m - 0.68 * s), float(m + 0.68 * s)) for m, s in zip(middle, span, strict=True)]


def _scatter(axes: Axes, real: np.ndarray, samples: np.ndarray | None, colour: str) -> None:
    axes.set_facecolor(PAPER)
    axes.grid(False)
    axes.plot(
        real[:, 0],
        real[:, 1],
        linestyle="none",
        color=REAL,
        marker="o",
        markersize=1.6,
        markeredgewidth=0,
        rasterized=True,
    )
    if samples is None:
        return
    axes.plot(
        samples[:, 0],
        samples[:, 1],
        linestyle="none",
        color=colour,
        marker="o",
        markersize=1.5,
        markeredgewidth=0,
        alpha=0.6,
        rasterized=True,
    )
    (left, right), (low, high) = _limits(real)[:2]
    inside = (
        (samples[:, 0] >= left) & (samples[:, 0] <= right) & (samples[:, 1] >= low) & (samples[:, 1] <= high)
    )
    _outside(axes, int((~inside).sum()), len(samples))


def _histogram(axes: Axes, real: np.ndarray, samples: np.ndarray | None, colour: str) -> None:
    left, right = _limits(real)[0]
    edges = np.linspace(left, right, 41)
    width = edges[1] - edges[0]
    # Over all samples, so that what lies outside the frame lowers the bars inside it.
    axes.stairs(np.histogram(real[:, 0], edges)[0] / len(real) / width, edges, color=MUTED, linewidth=1.2)
    if samples is not None:
        axes.stairs(
            np.histogram(samples[:, 0], edges)[0] / len(samples) / width,
            edges,
            color=colour,
            alpha=0.45,
            fill=True,
        )
        _outside(
            axes,
            int(((samples[:, 0] < left) | (samples[:, 0] > right) | ~np.isfinite(samples[:, 0])).sum()),
            len(samples),
        )


def _outside(axes: Axes, count: int, total: int) -> None:
    if count:
        axes.annotate(
            f"{count:,} of {total:,} outside", (0.98, 0.02), xycoords="axes fraction", ha="right", va="bottom", size=6.2,
            color="#1b1e22" if axes.get_facecolor()[3] else INK,
        )  # fmt: skip


def _unite_heights(panels: list[Axes], planar: bool) -> None:
    """Histograms share their highest density, so that panels can be compared."""
    if not planar and panels:
        top = max(axes.get_ylim()[1] for axes in panels)
        for axes in panels:
            axes.set_ylim(0, top)
            axes.yaxis.set_major_locator(axes.yaxis.get_major_locator())


def _table(samples: np.ndarray, source: str, weights: str, trial: pd.Series | None) -> pd.DataFrame:
    names = ["x", "y", *(f"x{index}" for index in range(2, samples.shape[1]))][: samples.shape[1]]
    table = pd.DataFrame(samples.astype(np.float32), columns=names)
    table.insert(0, "source", source)
    table.insert(1, "weights", {"final": "raw"}.get(weights, weights))
    for place, name in enumerate(["trial", "seed", *ENTRY]):
        table.insert(2 + place, name, None if trial is None else trial[name])
    return table
