"""The usual sets of super-resolution: T91 to train, Set5 and Set14 to test."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gan_bench.datasets.base import Dataset, DatasetError
from gan_bench.datasets.folders import Folders, Unreachable
from gan_bench.datasets.image_files import image_files, note_of_grey, read_colours
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.super_resolution import low_high

FOLDER = "super_resolution"
TRAIN = "T91"
HELD_OUT = 10  # of T91, for validation: the last in natural order
SOURCE = "T91 (Yang et al. 2010) to train; low resolution by MATLAB's bicubic, luma measured without a border"


def _place(folders: Folders, test: str) -> Path:
    """Return the first root's folder of sets; a root that lacks one of the two is an error."""
    for root in folders.roots:
        place = root / FOLDER
        found = [name for name in (TRAIN, test) if (place / name).is_dir()]
        if len(found) == 2:
            return place
        if found:
            raise DatasetError(f"{place} holds {found[0]} and lacks {({TRAIN, test} - {*found}).pop()}")
    places = ", ".join(str(root / FOLDER) for root in folders.roots) or "any folder: BENCH_DATA is not set"
    raise Unreachable(f"{TRAIN} and {test} lie in none of {places}. Name their folder with --data-dir")


def training_images(folders: Folders) -> list[np.ndarray]:
    """Return the images of T91 that are for training, uint8 (3, h, w) each, in natural order.

    Raises:
        Unreachable: if T91 and Set5 are in none of the folders.
        DatasetError: for an image that is damaged.
    """
    images, _ = read_colours(image_files(_place(folders, "Set5") / TRAIN)[:-HELD_OUT])
    return list(images.values())


def _set(name: str, folders: Folders, test: str, factor: int) -> Dataset:
    place = _place(folders, test)
    files = image_files(place / TRAIN)
    train, grey = read_colours(files[:-HELD_OUT])
    validation, more = read_colours(files[-HELD_OUT:])
    measured, others = read_colours(image_files(place / test))
    return low_high(name, train, validation, measured, factor, notes=note_of_grey(grey + more + others))


@register_dataset(
    "sr-x4", kind="images", title="Set5 at x4", files=True, stand_in="photographs-x4", source=SOURCE,
)  # fmt: skip
def sr_x4(folders: Folders) -> Dataset:
    """Return T91 and Set5 at a factor of 4: crops of 16 and 64 pixels."""
    return _set("sr-x4", folders, "Set5", 4)


@register_dataset(
    "sr-x2", kind="images", title="Set5 at x2", files=True, stand_in="photographs-x4", source=SOURCE,
)  # fmt: skip
def sr_x2(folders: Folders) -> Dataset:
    """Return T91 and Set5 at a factor of 2: crops of 16 and 32 pixels."""
    return _set("sr-x2", folders, "Set5", 2)


@register_dataset(
    "sr-x4-set14", kind="images", title="Set14 at x4", files=True, stand_in="photographs-x4",
    source=SOURCE,
)  # fmt: skip
def sr_x4_set14(folders: Folders) -> Dataset:
    """Return T91 and Set14 at a factor of 4; one file of Set14 is grey."""
    return _set("sr-x4-set14", folders, "Set14", 4)
