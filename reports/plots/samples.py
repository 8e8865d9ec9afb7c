"""Plots of one- and two-dimensional samples: histograms and scatter plots."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection, Iterator
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gan_bench.reports.frames import ENTRY
from gan_bench.reports.labels import clean
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.figure import Plot, finish, frame, number_axes
from gan_bench.reports.plots.raster import INK as DARK
from gan_bench.reports.plots.raster import PAPER, Box, ceiling, common, density, is_point, outside, scatter
from gan_bench.reports.style import INK, MUTED

Side = Literal["center", "right"]

WEIGHTS = {"final": "final", "ema": "final, EMA"}
PIXELS, DOT = 300, 3  # of a scatter panel and of its dots, across
PANEL = 1.42  # inches, width of a panel and its gap
HEAD = 0.24  # inches above each panel


def load(path: str, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Return arrays of samples.npz ("real", "final", "ema", "way"), or those of `names` that it has.

    Empty where there is none to be read.
    """
    return read(path, lambda name: names is None or name in names)


def read(path: str, wanted: Callable[[str], bool]) -> dict[str, np.ndarray]:
    """Return the arrays of samples.npz whose names are wanted; empty where there is none to be read."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays.files if wanted(name)}
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return {}


def points(board: Board) -> Iterator[Plot]:
    """Yield a figure per entry of 1-D and 2-D data: real and generated, a panel for each seed."""
    if board.frames.trials["kind"].isin(["images", "vectors"]).any():
        return
    loaded = extent(board)
    if loaded is None:
        return
    for label in board.shown:
        trials = board.frames.trials[board.frames.trials["label"] == label].sort_values("seed")
        paths = zip(trials["trial"], trials["samples"], strict=True)
        arrays = {trial: load(path, WEIGHTS) for trial, path in paths}
        yield _points(board, label, trials, arrays, *loaded)


def extent(board: Board) -> tuple[np.ndarray, Box] | None:
    """Return real data [count, 1 or 2] and the one frame of all pictures; None for other data."""
    trials = board.frames.trials[board.frames.trials["label"].isin(board.shown)]
    paths = [(label, path) for label, path in zip(trials["label"], trials["samples"], strict=True) if path]
    loaded = (load(path, ("real",)) for _, path in paths)
    real = next((arrays["real"] for arrays in loaded if "real" in arrays), None)
    if real is None or real.ndim > 2 or real[0].size > 2:
        return None
    real = _flat(real)
    generated: dict[str, list[np.ndarray]] = {}
    for label, path in paths if is_point(real) else ():
        for samples in load(path, ("final", "ema", "way")).values():
            generated.setdefault(label, []).append(samples.reshape(-1, real.shape[1]).astype(float))
    return real, common(real, {label: np.concatenate(parts) for label, parts in generated.items()})


def _flat(samples: np.ndarray) -> np.ndarray:
    return samples.reshape(len(samples), -1).astype(float)


def _points(board: Board, label: str, trials: pd.DataFrame, arrays: dict, real: np.ndarray, box: Box) -> Plot:
    planar = real.shape[1] >= 2
    kinds = [kind for kind in WEIGHTS if any(kind in loaded for loaded in arrays.values())] or ["final"]
    # A line of panels per five seeds and kind; before the first, the real data alone.
    lines = [(kind, part) for kind in kinds for part in _fives([trial for _, trial in trials.iterrows()])]
    columns = 1 + max(len(part) for _, part in lines)
    width = max(4.2, 0.75 + columns * PANEL)
    panel_height = PANEL - 0.1 if planar else PANEL * 0.72
    title = f"Real and generated samples of {clean(label)}"
    figure, (bottom, height) = frame(
        title, board.title, len(lines) * (panel_height + HEAD), below=0.4, width=width
    )
    colour = board.look(label).colour
    tables = [_table(real, "real", "", None)]
    panels = []

    def axes_at(line: int, column: int, count: int = 1) -> Axes:
        return figure.add_axes((
            (0.6 + column * PANEL) / width,
            bottom + height * (1 - (line + 1) / len(lines)),
            (count * PANEL - 0.1) / width,
            height / len(lines) * panel_height / (panel_height + HEAD),
        ))  # fmt: skip

    first = axes_at(0, 0)
    first.set_title("real", size=7.5, loc="left", pad=3)
    first.set_ylabel("y (data units)" if planar else "density (per data unit)", size=7)
    first.set_xlabel("x (data units)", size=7)
    if planar:
        picture = scatter(real, None, box, colour, PIXELS, DOT)
        first.imshow(picture, extent=(*box[0], *box[1]), aspect="auto", interpolation="none")
        first.grid(False)
    else:
        _histogram(first, real, None, box, colour)
        panels.append(first)
    for line, (kind, part) in enumerate(lines):
        if planar:  # one pair of axes for the whole line: they take long to draw
            strip = axes_at(line, 1, len(part))
            strip.set_axis_off()
            strip.set(xlim=(0, len(part) * PANEL - 0.1), ylim=(0, 1))
        for place, trial in enumerate(part):
            loaded = arrays[trial["trial"]].get(kind)
            samples = None if loaded is None else _flat(loaded)
            head = f"seed {trial['seed']:.0f}, {WEIGHTS[kind]}"
            why = why_missing(trial) if samples is None else ""
            if planar:
                _scatter(strip, place * PANEL, real, samples, box, colour, head, why)
            else:
                axes = axes_at(line, place + 1)
                axes.set_axis_off()
                axes.set(xlim=box[0])
                _histogram(axes, real, samples, box, colour)
                axes.annotate(head, (0, 1), (0, 3), "axes fraction", "offset points", size=7.5)
                _write(axes, why, (0.5, 0.97), "center", 7.5, INK)
                panels.append(axes)
            if samples is not None:
                tables.append(_table(samples, "generated", kind, trial))
    for axes in panels:  # one scale of density, so that panels and variants can be compared
        axes.set_ylim(0, ceiling(real, box))
    number_axes(first)
    shape = "Scatter plots" if planar else "Histograms"
    alt = f"{shape} of real (grey) and generated (coloured) samples of {label}, "
    alt += f"{len(trials)} seeds; {board.title}."
    data = pd.concat(tables, ignore_index=True)
    return finish(figure, name=board.name("samples", label), title=title, alt=alt, data=data, label=label)


def _fives(trials: list) -> Iterator[list]:
    for start in range(0, len(trials), 5):
        yield trials[start : start + 5]


def why_missing(trial: pd.Series) -> str:
    """Return the reason why a trial has no samples."""
    if trial["status"] == "diverged":
        at = trial["diverged_at"]
        return "diverged" + (f" at\niteration {at:,.0f}" if np.isfinite(at) else "")
    return "failed" if trial["status"] == "failed" else "no samples kept"


def _scatter(
    axes: Axes, left: float, real: np.ndarray, samples: np.ndarray | None, box: Box, colour: str, head: str,
    why: str,
) -> None:  # fmt: skip
    """A panel from `left` on, in inches: the plane with `head` above; `why` there are no samples."""
    right = left + PANEL - 0.1
    picture = scatter(real, samples, box, colour, PIXELS, DOT)
    axes.imshow(picture, extent=(left, right, 0, 1), aspect="auto", interpolation="none")
    axes.annotate(head, (left, 1), (0, 3), textcoords="offset points", size=7.5)
    if samples is None:
        axes.annotate(why, ((left + right) / 2, 0.97), ha="center", va="top", size=7.5, color=DARK)
        return
    if count := outside(samples, box):
        note = f"{count:,} of {len(samples):,} outside"
        ground = {"boxstyle": "square,pad=0.1", "facecolor": PAPER, "edgecolor": "none"}
        axes.annotate(note, (right - 0.03, 0.98), ha="right", va="top", size=6, color=DARK, bbox=ground)


def _histogram(axes: Axes, real: np.ndarray, samples: np.ndarray | None, box: Box, colour: str) -> None:
    heights, edges = density(real, box)
    if samples is not None:
        axes.stairs(density(samples, box)[0], edges, color=colour, alpha=0.5, fill=True)
        if count := outside(samples, box):
            _write(axes, f"{count:,} of {len(samples):,} outside", (0.98, 0.98), "right", 6, INK)
    axes.stairs(heights, edges, color=MUTED, linewidth=1.1)


def _write(axes: Axes, text: str, place: tuple[float, float], side: Side, size: float, colour: str) -> None:
    axes.annotate(text, place, xycoords="axes fraction", ha=side, va="top", size=size, color=colour)


def _table(samples: np.ndarray, source: str, weights: str, trial: pd.Series | None) -> pd.DataFrame:
    names = ["x", "y", *(f"x{index}" for index in range(2, samples.shape[1]))][: samples.shape[1]]
    table = pd.DataFrame(samples.astype(np.float32), columns=names)
    table.insert(0, "source", source)
    table.insert(1, "weights", {"final": "raw"}.get(weights, weights))
    for place, name in enumerate(["trial", "seed", *ENTRY]):
        table.insert(2 + place, name, None if trial is None else trial[name])
    return table
