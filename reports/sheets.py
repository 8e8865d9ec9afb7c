"""Sample sheets of images: a PNG file of every trial."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from PIL import Image

from gan_bench.reports.folder import Folder
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.samples import WEIGHTS, load, why_missing
from gan_bench.reports.spreadsheets import without_formulas

SIDE = 10  # images per row


@dataclass(frozen=True)
class Sheet:
    """One sample sheet, or the reason why there is none; `size` in pixels."""

    caption: str
    alt: str
    file: str | None
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Sheets:
    """A board's sheets: of the real data, and for each entry a line of its seeds per kind of weights."""

    real: Sheet | None
    entries: dict[str, list[list[Sheet]]]


def as_images(samples: np.ndarray) -> np.ndarray | None:
    """Return samples as [count, channels, height, width] uint8; None when they are not images."""
    if samples.ndim == 3:
        samples = samples[:, None]
    if samples.ndim != 4 or samples.shape[1] not in (1, 3) or not len(samples):
        return None
    return samples if samples.dtype == np.uint8 else np.clip(np.rint(samples), 0, 255).astype(np.uint8)


def sheet(images: np.ndarray, side: int) -> np.ndarray:
    """Return the first side² of `images` ([count, channels, height, width] uint8) in a grid with grey lines.

    Returns [height, width, channels].
    """
    images = images[: side * side]
    side = min(side, len(images))
    _, channels, height, width = images.shape
    page = np.full(
        (math.ceil(len(images) / side) * (height + 1) - 1, side * (width + 1) - 1, channels), 128, np.uint8
    )
    for index, image in enumerate(images):
        top, left = index // side * (height + 1), index % side * (width + 1)
        page[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    return page


def png(images: np.ndarray, side: int) -> bytes:
    """Return `sheet` as a PNG file."""
    page = sheet(images, side)
    buffer = io.BytesIO()
    Image.fromarray(page[:, :, 0] if page.shape[2] == 1 else page).save(buffer, "png", compress_level=4)
    return buffer.getvalue()


def sheets(board: Board, folder: Folder) -> Sheets | None:
    """Write every sheet of a board's seeds; None when its data are no images."""
    trials = board.frames.trials[board.frames.trials["label"].isin(board.shown)].sort_values("seed")
    arrays = {
        trial: {
            name: images
            for name, array in load(path, ("real", *WEIGHTS)).items()
            if (images := as_images(array)) is not None
        }
        for trial, path in zip(trials["trial"], trials["samples"], strict=True)
        if path
    }
    if not any(arrays.values()):
        return None
    listed: list[dict] = []
    real = next((found["real"] for found in arrays.values() if "real" in found), None)
    made = Sheets(None if real is None else _sheet(board, folder, listed, real, "real", None), {})
    kinds = [kind for kind in WEIGHTS if any(kind in found for found in arrays.values())] or ["final"]
    for label in board.shown:
        made.entries[label] = [
            [
                _sheet(board, folder, listed, arrays.get(trial["trial"], {}).get(kind), kind, trial)
                for _, trial in trials[trials["label"] == label].iterrows()
            ]
            for kind in kinds
        ]
    folder.put(
        f"samples/{board.name('sheets')}.csv",
        without_formulas(pd.DataFrame(listed)).to_csv(index=False).encode(),
    )
    return made


def _sheet(
    board: Board,
    folder: Folder,
    listed: list[dict],
    images: np.ndarray | None,
    kind: str,
    trial: pd.Series | None,
) -> Sheet:
    seed = "" if trial is None else f"seed {trial['seed']:.0f}"
    what = WEIGHTS.get(kind, "real data")
    caption = ", ".join(part for part in (seed, what) if part)
    if images is None:
        return Sheet(caption, "no samples" if trial is None else why_missing(trial), None)
    parts = [] if trial is None else [trial["label"], seed]
    file = f"samples/{board.name('sheet', *parts, kind)}.png"
    folder.put(file, png(images, SIDE))
    names = ("trial", "variant", "profile", "setting", "seed")
    listed.append(
        {"file": file, "samples": kind, **{name: "" if trial is None else trial[name] for name in names}}
    )
    shown = min(len(images), SIDE * SIDE)
    of = "images of real data" if trial is None else f"samples of {trial['label']}, {seed}, {what}"
    side = min(SIDE, shown)
    size = (side * (images.shape[3] + 1) - 1, math.ceil(shown / side) * (images.shape[2] + 1) - 1)
    return Sheet(caption, f"{shown} {of}; {board.title}", file, size)
