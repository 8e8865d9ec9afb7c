"""USPS digits, and MNIST and USPS as two domains for adaptation."""

from __future__ import annotations

import bz2
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from gan_bench.datasets.base import Dataset, DatasetError, Truth
from gan_bench.datasets.domains import Labelled, domains_of, labelled_digits
from gan_bench.datasets.folders import Folders, Unreachable
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.mnist import mnist
from gan_bench.datasets.registry import register_dataset

SIDE = 16
HELD_OUT = 1_000  # of the training file, for validation
HDF5 = Path("USPS") / "usps.h5"
LIBSVM = ("usps.bz2", "usps.t.bz2")  # training and test, as torchvision.datasets.USPS stores them
ROWS = {"train": 7291, "test": 2007}


def read_usps(folders: Folders) -> dict[str, Labelled]:
    """Return images, uint8 (n, 1, 16, 16), and labels of the published training and test files.

    Values from -1 to 1 (of usps.h5 from 0 to 1) become bytes as in torchvision: (x + 1) / 2 * 255 without the
    fraction.

    Raises:
        Unreachable: if no folder has USPS/usps.h5, or both files of torchvision.
        DatasetError: for a damaged file, or h5py that is missing.
    """
    for root in folders.roots:
        if (root / HDF5).is_file():
            return _checked(root / HDF5, _of_hdf5(root / HDF5))
        for folder in (root / "USPS", root):
            files = [folder / name for name in LIBSVM]
            if all(path.is_file() for path in files):
                both = dict(zip(ROWS, map(_of_libsvm, files), strict=True))
                return _checked(files[0], both)
    places = ", ".join(str(root / HDF5) for root in folders.roots) or "any folder: BENCH_DATA is not set"
    raise Unreachable(
        f"usps lies in none of {places}; torchvision's usps.bz2 and usps.t.bz2 are read from USPS or the "
        "folder itself. Name the folder with --data-dir or BENCH_DATA"
    )


def _of_hdf5(path: Path) -> dict[str, Labelled]:
    try:
        import h5py
    except ImportError as error:
        raise DatasetError(f"{path} needs h5py: pip install 'gan-bench[usps]'") from error
    try:
        with h5py.File(path) as file:
            return {part: (_bytes(file[part]["data"][:]), file[part]["target"][:]) for part in ROWS}
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:  # of other contents
        raise DatasetError(f"damaged file {path}: {error}") from error


def _of_libsvm(path: Path) -> Labelled:
    """Read lines of a class from 1 and 256 values from -1 to 1, each written as its number, colon, value."""
    try:
        lines = bz2.decompress(path.read_bytes()).decode().split("\n")
        rows = [line.split() for line in lines if line]
        values = np.array([[float(value.split(":")[1]) for value in row[1:]] for row in rows], np.float32)
        return _bytes((values + 1) / 2), np.array([int(float(row[0])) - 1 for row in rows])
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise DatasetError(f"damaged file {path}: {error}") from error


def _bytes(unit: np.ndarray) -> np.ndarray:
    """Return values from 0 to 1 as bytes; raise ValueError for others, which would wrap around."""
    if not (unit.size and unit.min() >= 0 and unit.max() <= 1):  # false of NaN as well
        raise ValueError("its values are not between the darkest and the brightest")
    return (unit.reshape(-1, 1, SIDE, SIDE).astype(np.float32) * 255).astype(np.uint8)


def _checked(path: Path, parts: dict[str, Labelled]) -> dict[str, Labelled]:
    for part, (images, labels) in parts.items():
        if not len(images) == len(labels) == ROWS[part]:
            raise DatasetError(f"{path} holds {len(images)} {part} images, USPS has {ROWS[part]}")
        if not {*np.unique(labels)} <= {*range(10)}:
            raise DatasetError(f"{path}: the {part} labels are not the digits 0 to 9")
    return parts


def usps_splits(folders: Folders) -> dict[str, Labelled]:
    """Return the splits of USPS; the last 1,000 images of the training file are for validation."""
    parts = read_usps(folders)
    images, labels = parts["train"]
    train, held = (images[:-HELD_OUT], labels[:-HELD_OUT]), (images[-HELD_OUT:], labels[-HELD_OUT:])
    return {"train": train, "validation": held, "test": parts["test"]}


def widened(images: np.ndarray) -> np.ndarray:
    """Return 16x16 images (n, 1, 16, 16), uint8, at 28x28, bilinear and rounded."""
    large = F.interpolate(torch.from_numpy(images).double(), size=28, mode="bilinear", align_corners=False)
    return large.round().byte().numpy()


@register_dataset(
    "usps", kind="images", title="USPS", files=True, stand_in="digits",
    source="Hull 1994: usps.h5, or the files of torchvision.datasets.USPS",
)  # fmt: skip
def usps(folders: Folders) -> ImageDataset:
    """Return USPS: 6,291 training, 1,000 validation and 2,007 test images, 16x16 grey, 10 classes."""
    splits = {split: Split.of(*rows) for split, rows in usps_splits(folders).items()}
    return ImageDataset("usps", splits, classes=10, preprocessing=f"validation: last {HELD_OUT} of training")


def _both(name: str, folders: Folders, source: str) -> Dataset:
    """Return MNIST and USPS at 28x28 as two domains, in which their own splits are kept."""
    of = {
        "mnist": labelled_digits(mnist(folders)),
        "usps": {s: (widened(images), labels) for s, (images, labels) in usps_splits(folders).items()},
    }
    target = next(domain for domain in of if domain != source)
    splits = {split: (of[source][split], of[target][split]) for split in of[source]}
    law = f"domain_a: {source}, domain_b: {target}; usps 16x16 to 28x28 bilinear"
    extractor = {"mnist": "lenet28"}.get(target)
    truth = Truth(classes=10, description=law)
    return domains_of(name, splits, truth=truth, law=law, extractor=extractor)


@register_dataset(
    "mnist-usps", kind="images", title="MNIST and USPS", files=True, stand_in="inverted-tinted-digits",
    source="MNIST (domain_a) and USPS at 28x28 (domain_b), whole training sets",
)  # fmt: skip
def mnist_usps(folders: Folders) -> Dataset:
    """Return MNIST as the source and USPS as the target."""
    return _both("mnist-usps", folders, "mnist")


@register_dataset(
    "usps-mnist", kind="images", title="USPS and MNIST", files=True, stand_in="inverted-tinted-digits",
    source="USPS at 28x28 (domain_a) and MNIST (domain_b), whole training sets",
)  # fmt: skip
def usps_mnist(folders: Folders) -> Dataset:
    """Return USPS as the source and MNIST as the target."""
    return _both("usps-mnist", folders, "usps")
