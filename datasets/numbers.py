"""Conversion of a user's labels and numbers; all other data are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.errors import DatasetError
from gan_bench.names import counted


def to_labels(labels: Any, rows: int | None = None, shape: tuple[int, ...] = ()) -> Tensor:
    """Return labels as int64, shape (rows, *shape): whole numbers from 0, of any type.

    Args:
        labels: an array, a tensor or a list.
        rows: number of the images that they belong to; None does not compare.
        shape: of the labels of one sample: one label, or (height, width) for a map of them.

    Raises:
        DatasetError: for anything else; the message says what is there and what to give.
    """
    array = array_of(labels, "labels")
    if array.dtype.kind not in "buif":
        raise DatasetError(
            f"labels are of type {array.dtype}, expected whole numbers from 0: "
            "np.unique(labels, return_inverse=True)[1] numbers any others"
        )
    if array.shape[1:] != shape or not array.ndim:
        count = len(array) if rows is None and array.ndim else rows
        axes = ", ".join(map(str, ("n" if count is None else count, *shape)))
        expected = f"({axes}{'' if shape else ','})"
        column = array.ndim == 2 and array.shape[1] == 1
        cure = "labels[:, 0]" if column else "labels.argmax(1) for one-hot rows"
        raise DatasetError(f"labels have shape {array.shape}, expected {expected}: give {cure}")
    if rows is not None and len(array) != rows:
        raise DatasetError(
            f"{counted(len(array), 'label')} for {counted(rows, 'image')}, expected one for each image"
        )
    if len(array) and not (np.isfinite(array) & (array == np.rint(array))).all():
        raise DatasetError("labels are not whole numbers, expected 0, 1, 2, ...")
    if len(array) and array.min() < 0:
        raise DatasetError(
            f"labels begin at {array.min():g}, expected whole numbers from 0: leave out rows without a class"
        )
    if len(array) and array.max() > np.iinfo(np.int32).max:  # nor could it be converted without wrapping
        raise DatasetError(
            f"the largest label is {array.max():g}, expected whole numbers from 0 without gaps"
        )
    return torch.from_numpy(array.astype(np.int64))


def count_classes(labels: list[Tensor], classes: int | None) -> int:
    """Return the number of classes of all splits' labels, which are 0 to classes - 1.

    Args:
        labels: of every split.
        classes: as stated; None takes the largest label plus one, if every class occurs.

    Raises:
        DatasetError: for labels outside of that, or a gap where nothing is stated.
    """
    every = torch.cat(labels).unique()
    low, high = int(every[0]), int(every[-1])
    if classes is None and len(every) == high + 1:
        return high + 1
    if classes is None:
        missing = next(label for label in range(high) if label not in every)
        cure = "subtract 1" if low == 1 else "number them without gaps, or state classes="
        raise DatasetError(f"labels go from {low} to {high}, but no image has label {missing}: {cure}")
    if high >= classes:
        cure = "subtract 1" if low == 1 and high == classes else f"is classes = {high + 1} meant?"
        raise DatasetError(
            f"labels go up to {high}, with classes = {classes} expected 0 to {classes - 1}: {cure}"
        )
    return classes


def to_numbers(values: Any, shape: tuple[int, ...]) -> Tensor:
    """Return numbers as a tensor of their type, shape (n, *shape).

    Args:
        values: an array, a tensor or a list of floats or whole numbers.
        shape: of one sample.

    Raises:
        DatasetError: for anything else; the message says what is there.
    """
    array = array_of(values, "numbers")
    if array.dtype.kind not in "uif" or array.dtype.itemsize > 8:
        raise DatasetError(f"numbers are of type {array.dtype}, expected floats or whole numbers")
    if not array.ndim or array.shape[1:] != shape:
        raise DatasetError(
            f"numbers have shape {array.shape}, expected (n{''.join(f', {s}' for s in shape)})"
        )
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))


def array_of(given: Any, what: str) -> np.ndarray:
    """Return an array, tensor or list as a NumPy array.

    Raises:
        DatasetError: for lists of unlike lengths.
    """
    if isinstance(given, Tensor):
        plain = given.detach().cpu()
        return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    try:
        return np.asarray(given)
    except ValueError as error:  # lists of unlike lengths
        raise DatasetError(f"{what} are no array of one shape: {error}") from error
