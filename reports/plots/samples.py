"""What the variants draw, for data of one and two dimensions: histograms and scatter plots."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.frames import ENTRY
from reports.labels import clean
from reports.plots.board import Board
from reports.plots.figure import Plot, finish, frame
from reports.style import INK, MUTED

Side = Literal["center", "right"]

PAPER = (
    "#fdfdfd"  # of scatter panels, light on any page: their dots are pixels, which no style sheet recolours
)
REAL = "#8b929c"
WEIGHTS = {"final": "final", "ema": "final, EMA"}
DARK = "#222529"  # text on that paper, not recoloured either
PANEL = 1.42  # inches, width of a panel and its gap
HEAD = 0.24  # inches above each panel


def load(path: str, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Arrays of a record's samples.npz ("real", "final", "ema", "way"), or those of `names` that it has.

    Empty where there is none to be read.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays.files if names is None or name in names}
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return {}


def points(board: Board) -> Iterator[Plot]:
    """For 1-D and 2-D data, one figure per entry: real and generated, a panel for each seed (and its EMA)."""
    if board.frames.trials["kind"].isin(["images", "vectors"]).any():
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
    # A line of panels per five seeds and kind; before the first, the real data alone.
    lines = [(kind, part) for kind in kinds for part in _fives([trial for _, trial in trials.iterrows()])]
    columns = 1 + max(len(part) for _, part in lines)
    width = max(4.2, 0.75 + columns * PANEL)
    panel_height = PANEL - 0.1 if planar else PANEL * 0.72
    title = f"Real and generated samples of {clean(label, 40)}"
    figure, (bottom, height) = frame(
        title, board.title, len(lines) * (panel_height + HEAD), below=0.4, width=width
    )
    box = limits(real)
    colour = board.look(label).colour
    tables = [_table(real, "real", "", None)]
    panels = []

    def panel(line: int, column: int, head: str, samples: np.ndarray | None, first: bool) -> Axes:
        axes = figure.add_axes((
            (0.6 + column * PANEL) / width,
            bottom + height * (1 - (line + 1) / len(lines)),
            (PANEL - 0.1) / width,
            height / len(lines) * panel_height / (panel_height + HEAD),
        ))  # fmt: skip
        axes.set_title(head, size=7.5, loc="left", pad=3)
        (_scatter if planar else _histogram)(axes, real, samples, box, colour)
        axes.set(xlim=box[0], **({"ylim": box[1]} if planar else {}))
        axes.locator_params(nbins=4)
        if first:
            axes.set_ylabel("y (data units)" if planar else "density (per data unit)", size=7)
        else:
            axes.tick_params(left=False, labelleft=False)
        if line == len(lines) - 1 or column == 0:
            axes.set_xlabel("x (data units)", size=7)
        else:
            axes.tick_params(labelbottom=False)
        panels.append(axes)
        return axes

    panel(0, 0, "real", None, True)
    for line, (kind, part) in enumerate(lines):
        for place, trial in enumerate(part):
            found = arrays[trial["trial"]].get(kind)
            samples = None if found is None else _flat(found)
            head = f"seed {trial['seed']:.0f}, {WEIGHTS[kind]}"
            axes = panel(line, place + 1, head, samples, place == 0 and line > 0)
            if samples is None:
                _write(axes, why_missing(trial), (0.5, 0.97), "center", 7.5, DARK if planar else INK)
            else:
                tables.append(_table(samples, "generated", kind, trial))
    if not planar:  # one scale of density, so that panels can be compared
        top = max(axes.get_ylim()[1] for axes in panels)
        for axes in panels:
            axes.set_ylim(0, 1.2 * top)
    shape = "Scatter plots" if planar else "Histograms"
    alt = f"{shape} of real (grey) and generated (coloured) samples of {label}, "
    alt += f"{len(trials)} seeds; {board.title}."
    data = pd.concat(tables, ignore_index=True)
    return finish(
        figure, name=board.name("samples", label), title=title, alt=alt, data=data, wide=True, label=label
    )


def _fives(trials: list) -> Iterator[list]:
    for start in range(0, len(trials), 5):
        yield trials[start : start + 5]


def why_missing(trial: pd.Series) -> str:
    """Why a trial has no samples to show."""
    if trial["status"] == "diverged":
        at = trial["diverged_at"]
        return "diverged" + (f" at\niteration {at:,.0f}" if np.isfinite(at) else "")
    return "failed" if trial["status"] == "failed" else "no samples kept"


def limits(real: np.ndarray) -> list[tuple[float, float]]:
    """The real data with a margin; one scale for both axes where the two spans are alike."""
    low, high = real.min(0), real.max(0)
    span = np.maximum(high - low, 1e-9)
    if span.max() < 3 * span.min():
        span[:] = span.max()
    middle = (low + high) / 2
    return [(float(m - 0.68 * s), float(m + 0.68 * s)) for m, s in zip(middle, span, strict=True)]


def _scatter(
    axes: Axes, real: np.ndarray, samples: np.ndarray | None, box: list[tuple[float, float]], colour: str
) -> None:
    axes.set_facecolor(PAPER)
    axes.grid(False)
    dots: dict[str, Any] = {"linestyle": "none", "marker": "o", "markeredgewidth": 0, "rasterized": True}
    axes.plot(real[:, 0], real[:, 1], color=REAL, markersize=1.9, **dots)
    if samples is not None:
        axes.plot(samples[:, 0], samples[:, 1], color=colour, markersize=1.4, alpha=0.6, **dots)
        inside = [
            (samples[:, i] >= low) & (samples[:, i] <= high) for i, (low, high) in enumerate(box[:2])
        ]
        _outside(axes, int((~(inside[0] & inside[1])).sum()), len(samples), DARK)


def _histogram(
    axes: Axes, real: np.ndarray, samples: np.ndarray | None, box: list[tuple[float, float]], colour: str
) -> None:
    edges = np.linspace(*box[0], 41)
    width = edges[1] - edges[0]
    # Divided by all samples, so that what lies outside the frame lowers the bars inside it.
    density = np.histogram(real[:, 0], edges)[0] / len(real) / width
    if samples is not None:
        drawn = np.histogram(samples[:, 0], edges)[0]
        axes.stairs(drawn / len(samples) / width, edges, color=colour, alpha=0.5, fill=True)
        _outside(axes, len(samples) - int(drawn.sum()), len(samples), INK)
    axes.stairs(density, edges, color=MUTED, linewidth=1.1)


def _outside(axes: Axes, count: int, total: int, colour: str) -> None:
    if count:
        _write(axes, f"{count:,} of {total:,} outside", (0.98, 0.98), "right", 6, colour)


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
