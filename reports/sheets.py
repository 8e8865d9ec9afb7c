"""Sample sheets of images: PNG files of every trial, and on the page as much of each as its size allows."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from PIL import Image

from reports.folder import Folder, address
from reports.plots import Board
from reports.plots.samples import WEIGHTS, load, why_missing

# Of all sheets on the page together: a grey pixel of noise costs a byte, and a third more as text.
PIXELS = 2_400_000
SIDE = 10  # images per row of the files


@dataclass(frozen=True)
class Sheet:
    """One sample sheet on the page, or the reason why there is none."""

    caption: str
    alt: str
    source: str | None


def as_images(samples: np.ndarray) -> np.ndarray | None:
    """Samples as [count, channels, height, width] uint8; None when they are not images."""
    if samples.ndim == 3:
        samples = samples[:, None]
    if samples.ndim != 4 or samples.shape[1] not in (1, 3) or not len(samples):
        return None
    return samples if samples.dtype == np.uint8 else np.clip(np.rint(samples), 0, 255).astype(np.uint8)


def png(images: np.ndarray, side: int) -> bytes:
    """The first side² of `images` ([count, channels, height, width] uint8), a pixel of grey between them."""
    images = images[: side * side]
    side = min(side, len(images))
    _, channels, height, width = images.shape
    page = np.full(
        (math.ceil(len(images) / side) * (height + 1) - 1, side * (width + 1) - 1, channels), 128, np.uint8
    )
    for index, image in enumerate(images):
        top, left = index // side * (height + 1), index % side * (width + 1)
        page[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    buffer = io.BytesIO()
    Image.fromarray(page[:, :, 0] if channels == 1 else page).save(buffer, "png", compress_level=4)
    return buffer.getvalue()


def sheet_rows(board: Board, folder: Folder, pixels: int) -> list[tuple[str, list[list[Sheet]]]]:
    """For the page: the real data, then for each entry a line of its seeds' final samples and one of EMA's.

    Empty when the board's data are no images.
    """
    trials = board.frames.trials[board.frames.trials["label"].isin(board.shown)].sort_values("seed")
    arrays = {
        trial: {
            name: images for name, array in load(path).items() if (images := as_images(array)) is not None
        }
        for trial, path in zip(trials["trial"], trials["samples"], strict=True)
        if path
    }
    count = sum(len(found.keys() & WEIGHTS.keys()) for found in arrays.values())
    if not any(arrays.values()):
        return []
    biggest = max(images[0].size for found in arrays.values() for images in found.values())
    side = min(SIDE, max(3, math.isqrt(pixels // (max(1, count) * biggest))))
    listed: list[dict] = []
    rows = []
    real = next((found["real"] for found in arrays.values() if "real" in found), None)
    if real is not None:
        rows.append(("real data", [[_sheet(board, folder, listed, real, side, "real", None)]]))
    kinds = [kind for kind in WEIGHTS if any(kind in found for found in arrays.values())]
    for label in board.shown:
        lines = []
        for kind in kinds:
            line = []
            for _, trial in trials[trials["label"] == label].iterrows():
                images = arrays.get(trial["trial"], {}).get(kind)
                if images is None:
                    line.append(Sheet(f"seed {trial['seed']:.0f}, {WEIGHTS[kind]}", why_missing(trial), None))
                else:
                    line.append(_sheet(board, folder, listed, images, side, WEIGHTS[kind], trial))
            lines.append(line)
        rows.append((label, lines))
    folder.put(f"samples/{board.name('sheets')}.csv", pd.DataFrame(listed).to_csv(index=False).encode())
    return rows


def _sheet(
    board: Board,
    folder: Folder,
    listed: list[dict],
    images: np.ndarray,
    side: int,
    kind: str,
    trial: pd.Series | None,
) -> Sheet:
    seed = "" if trial is None else f"seed {trial['seed']:.0f}"
    parts = [] if trial is None else [trial["label"], seed]
    file = f"samples/{board.name('sheet', *parts, kind)}.png"
    folder.put(file, png(images, SIDE))
    names = ("trial", "variant", "profile", "setting", "seed")
    listed.append(
        {"file": file, "samples": kind, **{name: "" if trial is None else trial[name] for name in names}}
    )
    shown = min(len(images), side * side)
    what = "images of real data" if trial is None else f"samples of {trial['label']}, {seed}, {kind}"
    alt = f"{shown} {what}; {board.title}"
    caption = ", ".join(part for part in (seed, kind) if part)
    return Sheet(caption, alt, address("image/png", png(images, side)))
