"""Images of one level each, as files, and the levels of a dataset that was read from them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from gan_bench import datasets


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def level(value: int, shape: tuple[int, ...] = (8, 8)) -> np.ndarray:
    return np.full(shape, value, np.uint8)


def save(folder: Path, *values: int, shape: tuple[int, ...] = (8, 8)) -> None:
    """Save images, each of one level, under numbers as names."""
    folder.mkdir(parents=True)
    for number, value in enumerate(values):
        (folder / f"{number}.png").write_bytes(png(level(value, shape)))


def levels(name: str, split: str) -> list[int]:
    """Return the level of every image of a split."""
    return datasets.load(name).sources[split]["real"].data[:, 0, 0, 0].tolist()  # type: ignore[attr-defined]


def labels(name: str, split: str) -> list[int]:
    return datasets.load(name).sources[split]["label"].data.tolist()  # type: ignore[attr-defined]
