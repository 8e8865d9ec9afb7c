"""Checks of a few rows of one field: types, ranges, finite values."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset
from gan_bench.datasets.errors import DatasetError
from gan_bench.datasets.scales import Pixels


def check_values(dataset: Dataset, field: str, values: Tensor, where: str) -> None:
    """Check raw rows of a field, shape (n, *shape).

    Raises:
        DatasetError: for values of another type than the field's, that are not finite or leave the bounds, or
            labels outside of 0 to classes - 1; it begins with `where`.
    """
    classes = dataset.spaces[field].classes
    if classes is not None:
        _check_labels(classes, values, where)
        return
    _check_type(dataset, field, values, where)
    if broken := int((~values.isfinite()).reshape(len(values), -1).any(1).sum()):
        raise DatasetError(f"{where}: {broken} of {len(values)} rows read are not finite")
    prepared = dataset.prepare(values, field, torch.float32)
    if not prepared.is_floating_point() or prepared.shape != values.shape:
        raise DatasetError(
            f"{where}: prepare gives {prepared.dtype} of shape {tuple(prepared.shape)}, expected floats of "
            f"shape {tuple(values.shape)}"
        )
    _check_range(prepared, dataset.spaces[field].bounds, where)


def _check_type(dataset: Dataset, field: str, values: Tensor, where: str) -> None:
    main = field == "real"
    pixels = isinstance(dataset.scales.get(field), Pixels) or (main and dataset.kind == "images")
    if pixels and values.dtype != torch.uint8:
        raise DatasetError(
            f"{where}: images are {values.dtype}, expected uint8: datasets.pixels.to_pixels converts"
        )
    if main and not pixels and not values.is_floating_point():
        raise DatasetError(f"{where}: points are {values.dtype}, expected floats")
    if values.is_complex() or values.dtype == torch.bool:
        raise DatasetError(f"{where}: values are {values.dtype}, expected floats or whole numbers")


def _check_range(prepared: Tensor, bounds: tuple[float, float] | None, where: str) -> None:
    largest = float(prepared.abs().max())
    if not math.isfinite(largest) or math.isinf(float(prepared.square().sum())):
        raise DatasetError(
            f"{where}: prepared values reach {largest:g}, whose square float32 cannot hold: "
            "bring them to the order of 1 (of a SampledDataset: shift and scale)"
        )
    if bounds is not None:
        low, high = bounds
        if prepared.min() < low or prepared.max() > high:
            raise DatasetError(
                f"{where}: prepared values go from {prepared.min():g} to {prepared.max():g}, "
                f"the bounds are {low:g} to {high:g}"
            )


def _check_labels(classes: int, labels: Tensor, where: str) -> None:
    if labels.dtype != torch.int64:
        raise DatasetError(f"{where}: labels are {labels.dtype}, expected int64")
    if labels.numel() and (labels.min() < 0 or labels.max() >= classes):
        raise DatasetError(
            f"{where}: labels go from {int(labels.min())} to {int(labels.max())}, with classes = {classes} "
            f"expected 0 to {classes - 1}"
        )
