"""Plots of one- and two-dimensional samples: histograms and scatter plots."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection, Iterator

import numpy as np
import pandas as pd

from gan_bench.names import counted
from gan_bench.reports.frames import ENTRY
from gan_bench.reports.labels import clean
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.figure import Plot, finish
from gan_bench.reports.plots.panels import Panel, Panels, histograms, planes_of_samples
from gan_bench.reports.plots.raster import Box, common, is_point

WEIGHTS = {"final": "final", "ema": "final, EMA"}


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
    seeds = [trial for _, trial in trials.iterrows()]
    panels = [[_panel(trial, kind, arrays[trial["trial"]]) for trial in seeds] for kind in kinds]
    title = f"Real and generated samples of {clean(label)}"
    draw = planes_of_samples if planar else histograms
    figure = draw(Panels(panels, real, box, board.look(label).colour, title, board.context))
    tables = [_table(real, "real", "", None)]
    tables += [
        _table(panel.samples, "generated", kind, trial)
        for kind, line in zip(kinds, panels, strict=True)
        for panel, trial in zip(line, seeds, strict=True)
        if panel.samples is not None
    ]
    shape = "Scatter plots" if planar else "Histograms"
    alt = f"{shape} of real (grey) and generated (coloured) samples of {label}, "
    alt += f"{counted(len(trials), 'seed')}; {board.title}."
    return finish(
        figure, name=board.name("samples", label), title=title, alt=alt,
        data=pd.concat(tables, ignore_index=True), label=label, points=planar, further=board.further(label),
    )  # fmt: skip


def _panel(trial: pd.Series, kind: str, loaded: dict[str, np.ndarray]) -> Panel:
    samples = _flat(loaded[kind]) if kind in loaded else None
    return Panel(f"seed {trial['seed']:.0f}, {WEIGHTS[kind]}", samples, why_missing(trial))


def why_missing(trial: pd.Series) -> str:
    """Return the reason why a trial has no samples."""
    if trial["status"] == "diverged":
        at = trial["diverged_at"]
        return "diverged" + (f" at\niteration {at:,.0f}" if np.isfinite(at) else "")
    return "failed" if trial["status"] == "failed" else "no samples kept"


def _table(samples: np.ndarray, source: str, weights: str, trial: pd.Series | None) -> pd.DataFrame:
    names = ["x", "y", *(f"x{index}" for index in range(2, samples.shape[1]))][: samples.shape[1]]
    table = pd.DataFrame(samples.astype(np.float32), columns=names)
    table.insert(0, "source", source)
    table.insert(1, "weights", {"final": "raw"}.get(weights, weights))
    for place, name in enumerate(["trial", "seed", *ENTRY]):
        table.insert(2 + place, name, None if trial is None else trial[name])
    return table
