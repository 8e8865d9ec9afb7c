"""Images in folders without pairs: two domains, or a domain for each folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import SPLITS, Dataset, DatasetError
from gan_bench.datasets.crops import MIRRORED, Crops, Places
from gan_bench.datasets.duplicates import hash_of_images, notes_of_duplicates
from gan_bench.datasets.hashing import hash_of
from gan_bench.datasets.image_files import image_files, inner_folders, note_of_grey, read_colours, resized
from gan_bench.datasets.paired_folders import ENLARGED, FOLDERS, split_folder
from gan_bench.spaces import Space

Rows = dict[str, dict[str, bytes]]
"""Hashes of images by split and by path within the folder."""


def unpaired_folder(name: str, folder: Path, size: int) -> Dataset:
    """Return two domains of images, ``domain_a`` and ``domain_b`` (``real``), without pairs.

    ``folder/trainA``, ``trainB``, ``valA``, ``valB``, ``testA`` and ``testB`` hold the images, as in
    CycleGAN's layout. Training rows are all crops of images 286/256 as large as the crop, and their mirror
    images.

    Args:
        name: the dataset's name.
        folder: the folder.
        size: side of the square images.

    Raises:
        DatasetError: naming the file or folder, for a missing folder or a damaged image.
    """
    load, grey, digests = round(size * ENLARGED), [], []
    fields: dict[str, dict[str, object]] = {split: {} for split in SPLITS}
    hashes: Rows = {split: {} for split in SPLITS}
    for split in SPLITS:
        for letter in "AB":
            place = _domain(folder, split, letter)
            side = load if split == "train" else size
            images, without = read_colours(image_files(place))
            grey += without
            hashes[split] |= _hashes(images, folder)
            rows = np.stack([resized(image, (side, side)) for image in images.values()])
            digests.append(rows)
            places = Places([(side, side)] * len(rows), size, MIRRORED)
            crops = Crops([*map(torch.from_numpy, rows)], places)
            fields[split][f"domain_{letter.lower()}"] = crops if split == "train" else rows
    made = finite_dataset(
        name, fields, streams={"domain_a": "domain_a", "domain_b": "domain_b", "real": "domain_b"},
        content_hash=hash_of({"name": name, "version": 1, "size": size}, *digests),
    )  # fmt: skip
    made.notes = note_of_grey(grey) + _notes(hashes)
    return made


def _domain(folder: Path, split: str, letter: str) -> Path:
    names = [f"{part}{letter}" for part in FOLDERS[split]]
    found = next((folder / name for name in names if (folder / name).is_dir()), None)
    if found is None:
        raise DatasetError(f"{folder} has no folder '{names[0]}'; expected trainA, trainB, valA ... testB")
    return found


def domain_folders(name: str, folder: Path, size: int) -> Dataset:
    """Return images with the domain that they are of: ``real`` and ``domain``, the fields of ``domains``.

    ``folder/train``, ``folder/val`` and ``folder/test`` each hold a folder for every domain, whose names in
    alphabetical order are the domains 0, 1 and so on.

    Args:
        name: the dataset's name.
        folder: the folder.
        size: side of the square images.

    Raises:
        DatasetError: naming the file or folder, for a missing split, splits with different domains, or a
            damaged image.
    """
    names: list[str] | None = None
    grey: list[str] = []
    fields: dict[str, dict[str, np.ndarray]] = {}
    hashes: Rows = {split: {} for split in SPLITS}
    for split in SPLITS:
        place = split_folder(folder, split)
        found = [path.name for path in inner_folders(place)]
        if len(found) < 2 or found != (names or found):
            expected = f"those of train: {', '.join(names)}" if names else "at least two"
            have = ", ".join(found) or "none"
            raise DatasetError(f"{place} has the domains {have}; expected {expected}")
        names = found
        rows, domains = [], []
        for number, domain in enumerate(names):
            images, without = read_colours(image_files(place / domain))
            grey += without
            hashes[split] |= _hashes(images, folder)
            rows += [resized(image, (size, size)) for image in images.values()]
            domains += [number] * len(images)
        fields[split] = {"real": np.stack(rows), "domain": np.array(domains)}
    assert names is not None
    made = finite_dataset(
        name,
        fields,
        streams={"real": "real", "domains": ("real", "domain")},
        spaces={"domain": Space(classes=len(names))},
        preprocessing=f"domains {', '.join(names)}; side {size}",
    )
    made.notes = note_of_grey(grey) + _notes(hashes)
    return made


def _hashes(images: Mapping[str, np.ndarray], folder: Path) -> dict[str, bytes]:
    """Return the hash of every image by its path within a folder."""
    return {str(Path(path).relative_to(folder)): hash_of_images(image) for path, image in images.items()}


def _notes(hashes: Rows) -> tuple[str, ...]:
    """Return the sentences about images that are in two splits."""
    found = {split: [*rows.values()] for split, rows in hashes.items()}
    return notes_of_duplicates(found, {split: [*rows] for split, rows in hashes.items()})
