"""CIFAR-10, from the archive of its authors or the folder that torchvision unpacks it to."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.datasets.base import DatasetError
from gan_bench.datasets.folders import Folders, Unreachable
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.registry import register_dataset

FOLDER = "cifar-10-batches-py"
TRAIN, TEST = tuple(f"data_batch_{number}" for number in range(1, 6)), "test_batch"
HELD_OUT = 5_000
"""Images at the end of the training files that are the validation split."""
MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
"""Checksums of the unpacked files, as torchvision publishes them."""


@dataclass(frozen=True)
class Archive:
    """The archive, as `datasets.download.fetch` asks for it."""

    title: str = "CIFAR-10"
    packed: Mapping[str, str] = field(
        default_factory=lambda: {
            "cifar-10-python.tar.gz": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
        }
    )
    """SHA-256 by file, as Keras publishes it."""

    def lacking(self, cache: Path) -> dict[Path, str]:
        """Return the files that a cache lacks, with their SHA-256."""
        return {cache / name: sha256 for name, sha256 in self.packed.items() if not (cache / name).is_file()}

    def mirrors(self) -> tuple[str, ...]:
        """Return the addresses that file names are appended to."""
        return ("https://www.cs.toronto.edu/~kriz/",)


CIFAR10 = Archive()


class _Plain(pickle.Unpickler):
    """Read arrays, lists and texts, and nothing that could run code: the files are pickles."""

    ALLOWED = frozenset({"_reconstruct", "ndarray", "dtype"})

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "numpy" and name in self.ALLOWED:
            return {"ndarray": np.ndarray, "dtype": np.dtype}.get(name) or np.ndarray((0,)).__reduce__()[0]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def read_batch(content: bytes, place: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images, uint8 (n, 3, 32, 32), and labels of one file.

    Raises:
        DatasetError: for a file with another checksum, or other content.
    """
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != (expected := MD5[Path(place).name]):
        raise DatasetError(f"damaged file {place}: expected MD5 {expected}, found {found}")
    try:
        batch = _Plain(io.BytesIO(content), encoding="bytes").load()
        return batch[b"data"].reshape(-1, 3, 32, 32), np.array(batch[b"labels"])
    except (pickle.UnpicklingError, KeyError, ValueError, AttributeError, EOFError, TypeError) as error:
        raise DatasetError(f"damaged file {place}: {error}") from error


def locate(folders: Folders) -> dict[str, bytes]:
    """Return the content of the six files: of the first root with them, else of the cache or a download.

    Raises:
        DatasetError: for a folder that lacks some of them, or an archive that cannot be read.
        Unreachable: if they are nowhere and cannot be downloaded.
    """
    for root in (*folders.roots, folders.cache):
        if (root / FOLDER).is_dir():
            paths = {name: root / FOLDER / name for name in MD5}
            if absent := [name for name, path in paths.items() if not path.is_file()]:
                raise DatasetError(f"{root / FOLDER} is incomplete: it lacks {', '.join(absent)}")
            return {name: _content(path) for name, path in paths.items()}
        for archive in CIFAR10.packed:
            if (root / archive).is_file():
                return _unpacked(root / archive)
    try:
        from gan_bench.datasets.download import fetch  # requests takes a while

        fetch(CIFAR10, folders)
    except Unreachable as error:
        looked = ", ".join(str(root / FOLDER) for root in (*folders.roots, folders.cache))
        raise Unreachable(
            f"cifar10 lies in none of {looked}, and {error}. Name the folder that holds {FOLDER} or "
            f"{next(iter(CIFAR10.packed))} with --data-dir or BENCH_DATA"
        ) from error
    return _unpacked(folders.cache / next(iter(CIFAR10.packed)))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror or error}") from error


def _unpacked(path: Path) -> dict[str, bytes]:
    """Return the files of the archive, read in memory."""
    try:
        with tarfile.open(path) as archive:
            return {name: _member(archive, name).read() for name in MD5}
    except (tarfile.TarError, OSError, EOFError, KeyError, zlib.error) as error:
        raise DatasetError(f"damaged file {path}: {error}") from error


def _member(archive: tarfile.TarFile, name: str) -> Any:
    file = archive.extractfile(f"{FOLDER}/{name}")
    if file is None:
        raise KeyError(f"{FOLDER}/{name} is no file")
    return file


@register_dataset(
    "cifar10",
    kind="images",
    title="CIFAR-10",
    source="Krizhevsky 2009, files as torchvision publishes them",
    files=True,
    stand_in="digits",
)
def cifar10(folders: Folders) -> ImageDataset:
    """Return CIFAR-10: 45,000 training, 5,000 validation and 10,000 test images, 32x32 RGB, 10 classes."""
    parts = {name: read_batch(content, f"{FOLDER}/{name}") for name, content in locate(folders).items()}
    images, labels = (np.concatenate([parts[name][place] for name in TRAIN]) for place in (0, 1))
    splits = {
        "train": Split.of(images[:-HELD_OUT], labels[:-HELD_OUT]),
        "validation": Split.of(images[-HELD_OUT:], labels[-HELD_OUT:]),
        "test": Split.of(*parts[TEST]),
    }
    steps = f"validation: last {HELD_OUT} of training"
    return ImageDataset("cifar10", splits, classes=10, preprocessing=steps)
