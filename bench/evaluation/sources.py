"""Samples from files and folders, as raw rows of a dataset; and folders of images as a dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.common.errors import UsageError
from gan_bench.datasets import Dataset, DatasetError
from gan_bench.datasets.base import SPLITS
from gan_bench.datasets.image_files import image_files, inner_folders, is_image, read_image
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.numbers import to_numbers
from gan_bench.datasets.own.arrays import unreadable
from gan_bench.datasets.own.shaping import fitted, stacked
from gan_bench.datasets.pixels import Layout, to_pixels
from gan_bench.names import counted

SUFFIXES = (".npy", ".npz")
SAMPLES = "samples"
"""The array of an .npz file that is read where it holds several; `sample -o FILE.npz` calls it so."""


def folder_dataset(
    folder: Path, extractor: str | None = None, size: int | None = None, grey: bool = False
) -> ImageDataset:
    """Return a folder of images of one size as a dataset, each of whose splits is all of them.

    Args:
        folder: the folder.
        extractor: name of the feature extractor to measure with.
        size, grey: as in `datasets.own.shaping.fitted`.

    Raises:
        DatasetError: naming the file, for a damaged image or one of another size.
    """
    images = _images(folder, size, grey, also=f", or --dataset images:{folder}")
    return ImageDataset(folder.resolve().name, dict.fromkeys(SPLITS, Split.of(images)), extractor=extractor)


def read_samples(
    source: Path,
    dataset: Dataset,
    *,
    scale: tuple[float, float] | None = None,
    channels_last: bool = False,
    size: int | None = None,
    grey: bool = False,
) -> Tensor:
    """Return samples of a folder or file as raw rows of a dataset, at least two.

    Args:
        source: a folder of images, or a file .npy or .npz, of which no pickled object is read.
        dataset: the data that they imitate.
        scale: values of arrays that are black and white, see `datasets.pixels.to_pixels`.
        channels_last: True for arrays (n, height, width, channels).
        size, grey: of images, as in `datasets.own.shaping.fitted`.

    Raises:
        UsageError: naming the file, for samples of another kind or shape than the data, or damaged ones.
    """
    images = dataset.kind == "images"
    if source.is_dir():
        if not images:
            raise UsageError(f"{source} is a folder of images, {dataset.name} has {dataset.kind} samples")
        rows = _images(source, size, grey)
        if rows.shape[1:] != tuple(dataset.shape):
            raise UsageError(_unlike(source, rows.shape[1:], dataset) + _fitting(rows.shape[1:], dataset))
    elif source.suffix.lower() in SUFFIXES:
        rows = _array(source)
    else:
        expected = "a folder of images, or a file .npy or .npz" if source.exists() else "it does not exist"
        raise UsageError(f"{source} cannot be evaluated: {expected}")
    try:
        if source.is_dir():
            made = torch.from_numpy(rows)
        elif images:
            made = torch.from_numpy(_pixels(source, rows, dataset, scale, channels_last, size, grey))
        else:
            made = to_numbers(rows, dataset.shape).float()
    except DatasetError as error:
        cure = "; --values LOW,HIGH states it" if "state which values" in str(error) else ""
        raise UsageError(f"{source}: {error}{cure}") from error
    if (shape := tuple(made.shape[1:])) != tuple(dataset.shape):
        raise UsageError(_unlike(source, shape, dataset) + (_fitting(shape, dataset) if images else ""))
    if len(made) < 2:
        raise UsageError(f"{source} holds {counted(len(made), 'sample')}, expected at least 2")
    return made


def _pixels(
    source: Path,
    rows: np.ndarray,
    dataset: Dataset,
    scale: tuple[float, float] | None,
    channels_last: bool,
    size: int | None,
    grey: bool,
) -> np.ndarray:
    """Return an array of images as uint8 (n, channels, height, width), of the size and channels asked for."""
    layout: Layout | None = "nhwc" if channels_last else None
    channels = dataset.shape[0]
    if rows.ndim == 4 and not grey and (count := rows.shape[-1 if channels_last else 1]) != channels:
        there, other = ", ".join(map(str, rows.shape[1:])), rows.shape[1 if channels_last else -1]
        cure = "; --grey would make them so" if (count, channels) == (3, 1) else ""
        if other == channels:
            cure = f"; {'without' if channels_last else 'with'} --channels-last they have {channels}"
        raise UsageError(
            f"{source} holds images (n, {there}) of {counted(count, 'channel')}, {dataset.name} has "
            f"{counted(channels, 'channel')}{cure}"
        )
    pixels = to_pixels(rows, values=scale, layout=layout, channels=None if grey else channels)
    if size is None and not grey:
        return pixels
    return np.stack([fitted(image, size, grey) for image in pixels])


def _array(path: Path) -> np.ndarray:
    try:
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            return loaded
        with loaded:
            names = loaded.files
            if SAMPLES not in names and len(names) != 1:
                there = f"the arrays {', '.join(names)}" if names else "no array"
                raise UsageError(f"{path} holds {there}; expected one, or `{SAMPLES}`")
            return loaded[SAMPLES if SAMPLES in names else names[0]]
    except UsageError:
        raise
    except Exception as error:  # of damaged bytes NumPy raises anything, tokenize's and zlib's errors too
        if not path.exists():
            raise UsageError(f"{path} does not exist") from None
        raise UsageError(f"{path} cannot be read as an array: {unreadable(path, error)}") from error


def _images(folder: Path, size: int | None = None, grey: bool = False, also: str = "") -> np.ndarray:
    try:
        files = sorted(image_files(folder))  # the order of torch-fidelity, on which the subsets of KID depend
    except DatasetError as error:
        if not (inner := _folders_of_images(folder)):
            raise
        raise DatasetError(
            f"{folder} holds no image itself, but its folders do ({', '.join(inner)}); give one of them{also}"
        ) from error
    images, _ = stacked(((file.name, fitted(read_image(file), size, grey)) for file in files), str(folder))
    return images


def _folders_of_images(folder: Path) -> list[str]:
    """Return the names of the folders in a folder that hold images."""
    inner = inner_folders(folder) if folder.is_dir() else []
    return [path.name for path in inner if any(map(is_image, path.iterdir()))]


def _unlike(source: Path, shape: tuple[int, ...], dataset: Dataset) -> str:
    here, there = ("×".join(map(str, one)) for one in (shape, dataset.shape))
    return f"{source} holds {here} samples, {dataset.name} has {there}"


def _fitting(shape: tuple[int, ...], dataset: Dataset) -> str:
    """Return the options with which images of a folder would have the shape of the data, as a clause."""
    channels, height, width = dataset.shape
    options = ["--grey"] if (shape[0], channels) == (3, 1) else []
    if shape[1:] != (height, width) and height == width:
        options.append(f"--size {width}")
    same_channels = shape[0] == channels or channels == 1
    return f"; {' and '.join(options)} would make them so" if options and same_channels else ""
