"""A file .npz or .npy of images or points as a dataset."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Dataset, DatasetError, Kind, Truth
from gan_bench.datasets.folders import Folders
from gan_bench.datasets.numbers import to_labels, to_numbers
from gan_bench.datasets.own.address import Address
from gan_bench.datasets.own.shaping import fitted, image_dataset
from gan_bench.datasets.own.splitting import NAMES, WHOLE, Rows, divided
from gan_bench.datasets.pixels import to_pixels
from gan_bench.datasets.scales import Affine
from gan_bench.names import counted
from gan_bench.spaces import Space

ROWS = ("samples", "images", "points", "data", "x")
LABELS = ("labels", "label", "y")
EXPECTED = (
    "one array, or `samples` with or without `labels`, or arrays for splits: x_train, y_train, x_test and "
    "y_test, or train_images, train_labels and so on"
)


def array_dataset(address: Address, folders: Folders) -> Dataset:  # noqa: ARG001
    """Return the images or points of a file of NumPy's, of which no pickled object is read.

    Arrays (n, height, width) and of four axes are images, (n,) and (n, d) are points, which networks see
    standardised by mean and standard deviation of the training rows. `datasets.own.splitting` states how
    splits are made.

    Args:
        address: `FILE.npz` or `FILE.npy`; for images with the options size, grey, extractor, values and
            channels-last, as in `datasets.pixels.to_pixels`.
        folders: not used.

    Raises:
        DatasetError: for a file that cannot be read, or arrays that are neither.
    """
    path = Path(address.place)
    found = _found(_arrays(path), path)
    axes = {rows.values.ndim for rows in found.values()}
    if axes <= {1, 2}:
        return _points(address, found)
    if not axes <= {3, 4}:
        raise DatasetError(
            f"{path}: arrays of {', '.join(map(str, sorted(axes)))} axes; expected points (n,) or (n, d), "
            "or images (n, height, width) or (n, channels, height, width)"
        )
    return image_dataset(address, {split: _images(address, rows) for split, rows in found.items()})


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            return {ROWS[0]: loaded}
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except Exception as error:  # of damaged bytes NumPy raises anything, tokenize's and zlib's errors too
        raise DatasetError(f"{path} cannot be read as arrays: {unreadable(path, error)}") from error


def unreadable(path: Path, error: Exception) -> str:
    """Return the reason why NumPy could not load a file, as the end of a sentence."""
    if not path.exists():
        return "it does not exist"
    if "pickle" in str(error):  # NumPy's words name options of its own, and advise to trust the file
        return "it is no array of NumPy's, or one of Python objects, which is never read"
    return " ".join(str(error).split()) or type(error).__name__


def _found(arrays: dict[str, np.ndarray], path: Path) -> dict[str, Rows]:
    """Return the rows of a file by split."""
    by_split: dict[str, dict[bool, np.ndarray]] = {}
    for name, array in arrays.items():
        words = re.split(r"[_.\-/]", name.lower())
        split = next((s for s, names in NAMES.items() for word in words if word in names), WHOLE)
        rest = [word for word in words if split == WHOLE or word not in NAMES[split]]
        of_labels = bool(rest) and rest[-1] in LABELS
        alone = split == WHOLE and len(arrays) == 1
        if not (of_labels or alone or not rest or rest[-1] in ROWS) or of_labels in by_split.get(split, {}):
            raise DatasetError(f"{path} holds the arrays {', '.join(arrays)}; expected {EXPECTED}")
        if not array.size:
            raise DatasetError(f"{path}: the array {name} has no rows")
        by_split.setdefault(split, {})[of_labels] = array
    if (WHOLE in by_split and len(by_split) > 1) or not all(False in parts for parts in by_split.values()):
        raise DatasetError(f"{path} holds the arrays {', '.join(arrays) or 'none'}; expected {EXPECTED}")
    return {split: _with_labels(parts, path) for split, parts in by_split.items()}


def _with_labels(parts: dict[bool, np.ndarray], path: Path) -> Rows:
    labels = parts.get(True)
    if labels is not None and labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if parts[False].ndim == 0:
        raise DatasetError(f"{path}: a single number; expected an array of rows")
    if labels is None:
        return Rows(parts[False])
    if labels.ndim and len(labels) != len(parts[False]):
        raise DatasetError(f"{path}: {counted(len(labels), 'label')} for {counted(len(parts[False]), 'row')}")
    try:
        return Rows(parts[False], to_labels(labels).numpy())
    except DatasetError as error:
        raise DatasetError(f"{path}: {error}") from error


def _images(address: Address, rows: Rows) -> Rows:
    options: dict[str, Any] = {"layout": "nhwc" if "channels-last" in address.options else None}
    if text := address.options.get("values"):
        try:
            low, high = map(float, text.split(":"))
        except ValueError:
            raise DatasetError(f"{address}: values={text}: expected two numbers, as in values=0:1") from None
        options["values"] = low, high
    try:
        pixels = to_pixels(rows.values, **options)
    except DatasetError as error:
        cure = "; --dataset FILE.npz,values=0:1 states it" if "state which values" in str(error) else ""
        raise DatasetError(f"{address.place}: {error}{cure}") from error
    if address.size is not None or address.grey:
        pixels = np.stack([fitted(image, address.size, address.grey) for image in pixels])
    return Rows(pixels, rows.labels)


def _points(address: Address, found: dict[str, Rows]) -> Dataset:
    if images := list(address.options):
        raise DatasetError(f"{address}: {images[0]} is an option of images, the file holds points")
    splits, rule = divided(str(address), found)
    rows = {split: _numbers(part, f"{address.place}: the {split} rows") for split, part in splits.items()}
    size = rows["train"].shape[1]
    if wrong := next((split for split, part in rows.items() if part.shape[1] != size), ""):
        raise DatasetError(
            f"{address}: {wrong} rows have {counted(rows[wrong].shape[1], 'number')}, training rows {size}"
        )
    kinds: dict[int, Kind] = {1: "scalar", 2: "planar"}
    scale = _standard(rows["train"].double())
    labels = {split: part.labels for split, part in splits.items() if part.labels is not None}
    if labels and len(labels) < len(splits):
        raise DatasetError(f"{address}: some splits have labels and some have none")
    classes = max(int(part.max()) for part in labels.values()) + 1 if labels else None
    spaces = {"real": Space((size,))} | ({"label": Space(classes=classes)} if classes else {})
    fields = {split: {"real": rows[split]} | ({"label": labels[split]} if labels else {}) for split in splits}
    made = finite_dataset(
        address.title, fields, kind=kinds.get(size, "vectors"), spaces=spaces, scales={"real": scale},
        streams={"real": "real"} | ({"labelled": ("real", "label")} if labels else {}),
        preprocessing=rule, truth=Truth(classes=classes),
    )  # fmt: skip
    counts = " / ".join(str(len(part)) for part in rows.values())
    made.notes = (f"{counts} points for training, validation and test: {rule}",)
    return made


def _standard(rows: Tensor) -> Affine:
    """Return the scale by the mean and the standard deviation of rows, which is 1 where all are equal."""
    std = rows.std(0) if len(rows) > 1 else torch.ones(rows.shape[1])
    return Affine(tuple(rows.mean(0).tolist()), tuple(one or 1.0 for one in std.tolist()))


def _numbers(rows: Rows, where: str) -> Tensor:
    """Return points as float32 (n, d); errors begin with `where`."""
    flat = rows.values.reshape(len(rows), -1)
    try:
        numbers = to_numbers(flat, flat.shape[1:]).float()
    except DatasetError as error:
        raise DatasetError(f"{where}: {error}") from error
    if broken := int((~numbers.isfinite()).any(1).sum()):
        raise DatasetError(f"{where}: {broken} of {len(numbers)} are not finite, or beyond float32")
    return numbers
