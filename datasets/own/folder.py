"""A folder of images as a dataset: plain, with a folder per class, or with a folder per split of either."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gan_bench.datasets.base import DatasetError
from gan_bench.datasets.folders import Folders
from gan_bench.datasets.image_files import image_files, inner_folders, is_image, read_image
from gan_bench.datasets.images import ImageDataset
from gan_bench.datasets.own.address import Address
from gan_bench.datasets.own.shaping import fitted, image_dataset, stacked
from gan_bench.datasets.own.splitting import WHOLE, Rows, split_named


def folder_dataset(address: Address, folders: Folders) -> ImageDataset:  # noqa: ARG001
    """Return the images of a folder.

    The folder holds images, or a folder per class with images, or folders `train`, `test` and maybe `val`,
    each of which holds either. Classes are numbered in the order of their names. `datasets.own.splitting`
    states how splits are made.

    Args:
        address: `images:FOLDER`, with the options size, grey and extractor.
        folders: not used.

    Raises:
        DatasetError: naming the file or folder, for a missing folder, images of several sizes without a size,
            damaged images, and layouts other than these.
    """
    root = Path(address.place)
    if not root.is_dir():
        raise DatasetError(
            f"{root} is no folder; expected images:FOLDER with the options {address.spelt()} after commas"
        )
    inner = {name: split for folder in inner_folders(root) if (split := split_named(name := folder.name))}
    for split in dict.fromkeys(inner.values()):
        if len(alike := [name for name, of in inner.items() if of == split]) > 1:
            raise DatasetError(f"{root} has the folders {' and '.join(alike)}, both of the {split} split")
    places = {split: root / name for name, split in inner.items()} or {WHOLE: root}
    if inner and (others := [folder.name for folder in inner_folders(root) if folder.name not in inner]):
        raise DatasetError(f"{root} has the splits {', '.join(inner)} and the folder {others[0]} beside them")
    classes = sorted({folder.name for place in places.values() for folder in inner_folders(place)})
    files = {split: _files(place, classes) for split, place in places.items()}
    images, grey = stacked(
        (
            (str(path.relative_to(root)), fitted(read_image(path), address.size, address.grey))
            for part in files.values()
            for path, _ in part
        ),
        str(root),
    )
    found, start = {}, 0
    for split, part in files.items():
        labels = np.array([label for _, label in part]) if classes else None
        names = np.array([str(path.relative_to(root)) for path, _ in part])
        found[split] = Rows(images[start : start + len(part)], labels, names)
        start += len(part)
    named = (
        (f"classes {', '.join(f'{label} {name}' for label, name in enumerate(classes))}",) if classes else ()
    )
    repeated = (f"{grey} grey among files in colour: repeated to three channels",) if grey else ()
    return image_dataset(address, found, named + repeated)


def _files(place: Path, classes: list[str]) -> list[tuple[Path, int]]:
    """Return the images of a split, each with the number of its class, classes one after another."""
    loose = any(is_image(path) for path in place.iterdir())
    if not classes:
        return [(path, 0) for path in image_files(place)]
    if loose:
        raise DatasetError(f"{place} holds both images and folders; expected either, a folder for each class")
    return [
        (path, label)
        for label, name in enumerate(classes)
        if (place / name).is_dir()
        for path in image_files(place / name)
    ]
