"""Films of training: samples at every evaluation point, side by side in one picture, and as a GIF."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pandas as pd
from PIL import Image

from gan_bench.names import counted
from gan_bench.reports.folder import Folder
from gan_bench.reports.labels import number
from gan_bench.reports.plots import Board
from gan_bench.reports.plots.samples import extent, load, why_missing
from gan_bench.reports.plots.stage import Stage
from gan_bench.reports.sheets import as_images, sheet
from gan_bench.reports.spreadsheets import csv_bytes

SECONDS = 0.5  # each frame of a GIF
MOST = 50  # frames of a film: browsers draw broader pictures coarsely


@dataclass(frozen=True)
class Film:
    """The frames of one trial: a picture of them all from left to right, and what they show."""

    label: str
    caption: str
    alt: str
    file: str  # without its ending
    frames: int
    width: int  # pixels of one frame
    height: int
    numbers: bool  # whether the samples lie beside as CSV


@dataclass(frozen=True)
class Reel:
    """Every film of a board, under one slider; `moments` are the longest film's evaluation points in kimg."""

    moments: list[str]
    films: list[Film]
    missing: list[tuple[str, str]]  # label, why there is no film of it


def reel(board: Board, folder: Folder) -> Reel | None:
    """Return one film per entry, of its lowest seed that has one; None where no samples are stored."""
    trials = board.frames.trials[board.frames.trials["label"].isin(board.shown)].sort_values("seed")
    films, missing, moments = [], [], np.array([])
    found = extent(board)
    stage = None if found is None else Stage(*found)
    kept_points = _points(trials["samples"])
    for label in board.shown:
        own_trials = trials[trials["label"] == label]
        candidates = (
            (trial, load(trial["samples"], ("way", "way_kimg")))
            for _, trial in own_trials.iterrows()
            if trial["samples"]
        )
        trial, arrays = next(((t, a) for t, a in candidates if _complete(a)), (None, {}))
        arrays = _thinned(arrays, kept_points)
        frames = None if trial is None else _frames(arrays, stage, board.look(label).colour, label)
        if trial is None or frames is None:
            missing.append((label, why_missing(own_trials.iloc[0]).replace("\n", " ")))
            continue
        if len(arrays["way_kimg"]) > len(moments):
            moments = arrays["way_kimg"]
        films.append(_write(board, folder, trial, arrays, frames))
    return Reel([number(kimg, 3) for kimg in moments], films, missing) if films else None


def _points(paths: pd.Series) -> np.ndarray:
    """Return the evaluation points that are frames of all films: all, or MOST at equal distances."""
    longest = max((len(load(path, ("way_kimg",)).get("way_kimg", ())) for path in paths if path), default=0)
    return np.unique(np.linspace(0, longest - 1, min(longest, MOST)).round().astype(int))


def _thinned(arrays: dict[str, np.ndarray], points: np.ndarray) -> dict[str, np.ndarray]:
    """Return the arrays along training at those of `points` that there are; a lost seed has fewer."""
    along = ("way", "way_kimg")
    return {n: a[points[points < len(a)]] if n in along else a for n, a in arrays.items()}


def _complete(arrays: dict[str, np.ndarray]) -> bool:
    way, kimg = arrays.get("way"), arrays.get("way_kimg")
    return way is not None and kimg is not None and way.ndim >= 3 and len(way) == len(kimg) > 0


def _frames(
    arrays: dict[str, np.ndarray], stage: Stage | None, colour: str, label: str
) -> list[np.ndarray] | None:
    """Return [height, width, 3] uint8 for each point of "way" [points, count, ...]; None without pictures."""
    way = arrays["way"]
    if way.ndim > 3:
        images = [as_images(samples) for samples in way]
        grids = [sheet(found, 6) for found in images if found is not None]
        return [np.repeat(grid, 3, axis=2) if grid.shape[2] == 1 else grid for grid in grids] or None
    if stage is None:
        return None
    moments = [f"{number(kimg, 3)} kimg" for kimg in arrays["way_kimg"]]
    shown = zip(way.astype(float), moments, strict=True)
    return [stage.frame(samples, colour, label, moment) for samples, moment in shown]


def _write(
    board: Board, folder: Folder, trial: pd.Series, arrays: dict[str, np.ndarray], frames: list[np.ndarray]
) -> Film:
    label, seed = trial["label"], f"seed {trial['seed']:.0f}"
    file = f"films/{board.name('film', label)}"
    height, width = frames[0].shape[:2]
    pages = [Image.fromarray(frame) for frame in frames]
    for suffix, content in (("png", _encode(Image.fromarray(np.hstack(frames)))), ("gif", _gif(pages))):
        folder.put(f"{file}.{suffix}", content)
    numbers = arrays["way"].ndim == 3
    if numbers:
        folder.put(f"{file}.csv", csv_bytes(_table(arrays["way"], arrays["way_kimg"])))
    lost = "" if trial["status"] == "finished" else f", {why_missing(trial)}".replace("\n", " ")
    alt = (
        f"Samples of {label}, {seed}, at {counted(len(frames), 'point')} of its training{lost}; {board.title}"
    )
    return Film(label, f"{seed}{lost}", alt, file, len(frames), width, height, numbers)


def _encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "png", compress_level=4)
    return buffer.getvalue()


def _gif(pages: list[Image.Image]) -> bytes:
    """Return an endless GIF that rests on its last frame for four times as long."""
    buffer = io.BytesIO()
    times = [int(1000 * SECONDS)] * (len(pages) - 1) + [int(4000 * SECONDS)]
    first, *rest = [page.quantize(64) for page in pages]
    first.save(buffer, "gif", save_all=True, append_images=rest, duration=times, loop=0)
    return buffer.getvalue()


def _table(way: np.ndarray, kimg: np.ndarray) -> pd.DataFrame:
    flat = way.reshape(len(way) * way.shape[1], -1).astype(np.float32)
    table = pd.DataFrame(flat, columns=["x", "y"][: flat.shape[1]])
    table.insert(0, "kimg", np.repeat(kimg, way.shape[1]))
    return table
