"""MNIST and Fashion-MNIST, from IDX files in torchvision's layout."""

from __future__ import annotations

from pathlib import Path

from gan_bench.datasets.base import DatasetError
from gan_bench.datasets.folders import Folders, Unreachable
from gan_bench.datasets.idx import FASHION_MNIST, FILES, MNIST, FileSet
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.registry import register_dataset


def from_idx(
    name: str, files: FileSet, folders: Folders, held_out: int = 10_000, extractor: str | None = None
) -> ImageDataset:
    """Return an MNIST-like dataset; the last `held_out` images of the training file are the validation split.

    Raises:
        DatasetError: for a damaged file, or a root that holds some of the files only.
        Unreachable: if the files are nowhere and cannot be downloaded.
    """
    arrays = {file: files.read(file, path) for file, path in locate(name, files, folders).items()}
    (images, labels), (test_images, test_labels) = (
        [arrays[file] for file in FILES[i : i + 2]] for i in (0, 2)
    )
    splits = {
        "train": Split.of(images[:-held_out], labels[:-held_out]),
        "validation": Split.of(images[-held_out:], labels[-held_out:]),
        "test": Split.of(test_images, test_labels),
    }
    steps = f"validation: last {held_out} of training"
    return ImageDataset(name, splits, classes=10, preprocessing=steps, extractor=extractor)


def locate(name: str, files: FileSet, folders: Folders) -> dict[str, Path]:
    """Return the paths of the four files: in the first root with them, else in the cache or downloaded."""
    for root in folders.roots:
        found = files.find(root)
        if len(found) == len(FILES):
            return found
        if found:  # the next folder would hide the mistake
            missing = ", ".join(sorted(set(FILES) - set(found)))
            raise DatasetError(f"{root / files.folder / 'raw'} is incomplete: it lacks {missing} (or .gz)")
    found = files.find(folders.cache)
    if len(found) < len(FILES):
        try:
            from gan_bench.datasets.download import fetch  # requests takes a while

            fetch(files, folders)
        except Unreachable as error:
            looked = ", ".join(str(place / files.folder / "raw") for place in (*folders.roots, folders.cache))
            raise Unreachable(
                f"{name} lies in none of {looked}, and {error}. "
                f"Name the folder that holds {files.folder}/raw with --data-dir or BENCH_DATA"
            ) from error
    return files.find(folders.cache)


@register_dataset(
    "mnist",
    kind="images",
    title="MNIST",
    source="LeCun et al. 1998, files as torchvision publishes them",
    files=True,
    stand_in="digits",
)
def mnist(folders: Folders) -> ImageDataset:
    """Return MNIST: 50,000 training, 10,000 validation and 10,000 test images, 28x28 grey, 10 classes."""
    return from_idx("mnist", MNIST, folders, extractor="lenet28")


@register_dataset(
    "fashion-mnist",
    kind="images",
    title="Fashion-MNIST",
    source="Xiao et al. 2017 (arXiv:1708.07747), files as torchvision publishes them",
    files=True,
    stand_in="digits",
)
def fashion_mnist(folders: Folders) -> ImageDataset:
    """Return Fashion-MNIST: articles of clothing, with MNIST's numbers and sizes."""
    return from_idx("fashion-mnist", FASHION_MNIST, folders, extractor="lenet28_fashion")
