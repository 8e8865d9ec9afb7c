"""Pairs of images in folders: both side by side in a file (Isola et al. 2017), or in two folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import SPLITS, Dataset, DatasetError, Truth
from gan_bench.datasets.crops import MIRRORED, Crops, Places
from gan_bench.datasets.duplicates import hash_of_images, notes_of_duplicates
from gan_bench.datasets.hashing import hash_of
from gan_bench.datasets.image_files import image_files, note_of_grey, read_image, resized
from gan_bench.names import counted

Direction = Literal["a-to-b", "b-to-a"]
FOLDERS = {"train": ("train",), "validation": ("val", "validation"), "test": ("test",)}
ENLARGED = 286 / 256
"""Side of images before they are cropped, as a share of the crop's (Isola et al. 2017, section 6.2)."""


@dataclass(frozen=True)
class Pair:
    """Two images (3, h, w), uint8, of one size, and the file that the first one comes from."""

    file: Path
    a: np.ndarray
    b: np.ndarray


def paired_folder(
    name: str,
    folder: Path,
    size: int,
    *,
    direction: Direction = "a-to-b",
    labels: str = "",
    palette: np.ndarray | None = None,
) -> Dataset:
    """Return the pairs of a folder as the fields ``a``, which is given, and ``b``, which is made (``real``).

    ``folder/train``, ``folder/val`` and ``folder/test`` hold files with the two halves A | B side by side; or
    ``folder/A`` and ``folder/B`` each hold these three, with files of equal names. Training rows are all
    crops of images 286/256 as large as the crop, and their mirror images (the paper's jitter).

    Args:
        name: the dataset's name.
        folder: the folder.
        size: side of the square images.
        direction: ``a-to-b``: A is given and B made; ``b-to-a`` the reverse.
        labels: which of ``A`` and ``B`` holds maps of labels, ``A``, ``B`` or neither; they are resized
            without mixing colours.
        palette: colours of the labels, if maps of labels are made.

    Raises:
        DatasetError: naming the file or folder, for a missing split, a file without partner, images of a pair
            that differ in size, or a damaged image.
    """
    read = _two_folders if (folder / "A").is_dir() and (folder / "B").is_dir() else _side_by_side
    first, second = ("a", "b") if direction == "a-to-b" else ("b", "a")
    load, grey, digests = round(size * ENLARGED), [], []
    fields: dict[str, dict[str, object]] = {}
    hashes: dict[str, list[bytes]] = {split: [] for split in SPLITS}
    names: dict[str, list[str]] = {split: [] for split in SPLITS}
    for split in SPLITS:
        side = load if split == "train" else size
        images: dict[str, list[np.ndarray]] = {"a": [], "b": []}
        for pair in read(folder, split):
            if 1 in (pair.a.shape[0], pair.b.shape[0]):
                grey.append(pair.file.name)
            hashes[split].append(hash_of_images(pair.a, pair.b))
            names[split].append(str(pair.file.relative_to(folder)))
            for half, image in (("a", pair.a), ("b", pair.b)):
                colours = np.repeat(image, 3 // image.shape[0], axis=0)
                images[half].append(resized(colours, (side, side), labels=labels.lower() == half))
        digests += [np.stack(images["a"]), np.stack(images["b"])]
        if split == "train":
            places = Places([(load, load)] * len(images["a"]), size, MIRRORED)
            sources = {half: Crops([*map(torch.from_numpy, rows)], places) for half, rows in images.items()}
            fields[split] = {"a": sources[first], "b": sources[second]}
        else:
            fields[split] = {"a": np.stack(images[first]), "b": np.stack(images[second])}
    made = finite_dataset(
        name, fields, streams={"pairs": ("a", "b"), "real": "b"}, truth=Truth(palette=palette),
        content_hash=hash_of({"name": name, "version": 1, "size": size, "direction": direction}, *digests),
    )  # fmt: skip
    made.notes = note_of_grey(grey) + notes_of_duplicates(hashes, names)
    return made


def split_folder(folder: Path, split: str) -> Path:
    """Return the folder of a split.

    Raises:
        DatasetError: if there is none; the message names the folder that is expected.
    """
    names = FOLDERS[split]
    found = next((folder / name for name in names if (folder / name).is_dir()), None)
    if found is None:
        raise DatasetError(f"{folder} has no folder '{names[0]}'; expected train, val and test in it")
    return found


def _side_by_side(folder: Path, split: str) -> Iterator[Pair]:
    for path in image_files(split_folder(folder, split)):
        image = read_image(path)
        half, rest = divmod(image.shape[2], 2)
        if rest or not half:
            raise DatasetError(
                f"{path} is {counted(image.shape[2], 'pixel')} wide: its halves differ in size; even expected"
            )
        yield Pair(path, image[:, :, :half], image[:, :, half:])


def _two_folders(folder: Path, split: str) -> Iterator[Pair]:
    sides = [_by_stem(image_files(split_folder(folder / side, split))) for side in ("A", "B")]
    for stem in dict.fromkeys([*sides[0], *sides[1]]):
        if lacking := [side for side, files in zip("AB", sides, strict=True) if stem not in files]:
            there = next(files[stem] for files in sides if stem in files)
            raise DatasetError(f"{there} has no partner of its name in {folder / lacking[0]}")
        a, b = (read_image(files[stem]) for files in sides)
        if a.shape[1:] != b.shape[1:]:
            sizes = ["x".join(map(str, image.shape[1:])) for image in (a, b)]
            raise DatasetError(
                f"{sides[0][stem]} and {sides[1][stem]} differ in size: {sizes[0]} and {sizes[1]}"
            )
        yield Pair(sides[0][stem], a, b)


def _by_stem(files: list[Path]) -> dict[str, Path]:
    """Return files by their name without its ending, of which no two are alike."""
    found: dict[str, Path] = {}
    for path in files:
        if (other := found.setdefault(path.stem, path)) != path:
            raise DatasetError(f"{other} and {path} have one name: expected one partner for each image")
    return found
