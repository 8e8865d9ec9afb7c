"""CMP facades, side by side in a file: label maps and photographs of buildings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gan_bench.datasets.base import Dataset
from gan_bench.datasets.folders import Folders, Unreachable
from gan_bench.datasets.paired_folders import Direction, paired_folder
from gan_bench.datasets.registry import register_dataset

PALETTE = np.array([
    (0, 0, 222), (0, 48, 255), (0, 128, 255), (1, 207, 255), (32, 255, 224), (112, 254, 142),
    (192, 255, 63), (255, 240, 1), (255, 159, 0), (255, 80, 0), (254, 0, 0), (174, 0, 1),
])  # fmt: skip
"""Colours of the 12 labels: the most frequent colour of each cluster in the training files.

Compression blurs them: a quarter of the pixels is more than 20 grey levels from the nearest.
"""
SOURCE = "CMP facades (Tylecek 2013) in files of photograph | labels (arXiv:1611.07004)"


def find(folders: Folders) -> Path:
    """Return the folder ``facades`` of the first root that has one."""
    for root in folders.roots:
        if (root / "facades").is_dir():
            return root / "facades"
    places = ", ".join(str(root / "facades") for root in folders.roots) or "any folder: BENCH_DATA is not set"
    raise Unreachable(f"facades lie in none of {places}. Name the folder that holds them with --data-dir")


def _facades(name: str, folders: Folders, size: int, direction: Direction) -> Dataset:
    palette = PALETTE if direction == "a-to-b" else None
    return paired_folder(name, find(folders), size, direction=direction, labels="B", palette=palette)


@register_dataset(
    "facades", kind="images", title="Facades", files=True, stand_in="digit-outlines", source=SOURCE,
)  # fmt: skip
def facades(folders: Folders) -> Dataset:
    """Return label maps (``a``) and photographs (``b``) at 64x64: 400 / 100 / 106 pairs."""
    return _facades("facades", folders, 64, "b-to-a")


@register_dataset(
    "facades-256", kind="images", title="Facades from labels, 256 pixels", files=True,
    stand_in="digit-outlines", source=SOURCE,
)  # fmt: skip
def facades_256(folders: Folders) -> Dataset:
    """Return label maps (``a``) and photographs (``b``) at 256x256, the paper's size."""
    return _facades("facades-256", folders, 256, "b-to-a")


@register_dataset(
    "facade-labels", kind="images", title="Labels of facades", files=True, stand_in="digit-outlines",
    source=SOURCE,
)  # fmt: skip
def facade_labels(folders: Folders) -> Dataset:
    """Return photographs (``a``) and label maps (``b``) at 64x64."""
    return _facades("facade-labels", folders, 64, "a-to-b")
