"""Conversion of a user's images to pixels; all other data are refused.

A conversion is either free of loss (whole numbers, booleans) or stated by the caller (`values`, `layout`,
`channels`). Nothing is guessed from the data, so that two splits can never be converted by different rules.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from gan_bench.datasets.errors import DatasetError
from gan_bench.datasets.numbers import array_of
from gan_bench.names import counted

Layout = Literal["nchw", "nhwc"]
PLAIN = (1, 3)  # channels that need not be stated: grey and RGB
RANGES = ((0, 1), (-1, 1), (0, 65535))  # of ToTensor, of Normalize(0.5, 0.5) and of 16-bit files
CHUNK = 4096  # rows that are converted at a time, so that float64 copies stay small


def to_pixels(
    images: Any,
    *,
    values: tuple[float, float] | None = None,
    layout: Layout | None = None,
    channels: int | None = None,
) -> np.ndarray:
    """Return images as uint8, shape (n, channels, height, width).

    Args:
        images: an array, a tensor or a list of arrays of one shape: (n, height, width), which is grey, or
            (n, channels, height, width).
        values: the values that become 0 and 255: pixel = round(255 (x - low) / (high - low)), half to even.
            Without it whole numbers from 0 to 255 of any type are kept, and booleans become 0 and 255.
        layout: ``nhwc`` for (n, height, width, channels), ``nchw`` to state the usual order.
        channels: number of channels; has to be given unless it is 1 or 3.

    Raises:
        DatasetError: for anything else; the message says what is there and what to give.
    """
    array = array_of(images, "images")
    if array.dtype.kind not in "buif":
        reason = "; images of different shapes cannot be stacked" if array.dtype.kind == "O" else ""
        raise DatasetError(f"images are of type {array.dtype}, expected numbers{reason}")
    array = _channels_first(array, layout, channels)
    if not array.size:
        raise DatasetError(f"images of shape {array.shape} hold no pixel")
    if array.dtype.kind == "b":
        array, values = array.astype(np.uint8), values or (0, 1)
    return _scaled(array, values) if values is not None else _whole(array)


def _channels_first(array: np.ndarray, layout: str | None, channels: int | None) -> np.ndarray:
    shape = ("n", *array.shape[1:])
    axes = f"({', '.join(map(str, shape))})"
    if layout not in ("nchw", "nhwc", None):
        raise DatasetError(f"layout = {layout!r}: expected 'nchw' or 'nhwc'")
    if array.ndim == 3 and layout is None:
        array = array[:, None]
    if array.ndim != 4:
        expected = (
            "(n, height, width, channels)"
            if layout == "nhwc"
            else "(n, height, width) or (n, channels, height, width)"
        )
        raise DatasetError(f"images have shape {axes}, expected {expected}")
    if layout == "nhwc":
        array = array.transpose(0, 3, 1, 2)
    count = array.shape[1]
    if count == channels or (channels is None and count in PLAIN):
        return array
    if channels is not None:
        raise DatasetError(
            f"images of shape {axes} have {counted(count, 'channel')}, channels = {channels} was stated"
        )
    if layout is None and array.shape[3] <= 4:
        raise DatasetError(
            f"images of shape {axes} seem to have their channels last: give layout='nhwc', "
            f"or channels={count} if the second axis holds {counted(count, 'channel')}"
        )
    alpha = (
        "the last of them may be alpha: leave it out" if count in (2, 4) else "expected 1 or 3: change that"
    )
    raise DatasetError(
        f"images of shape {axes} have {counted(count, 'channel')}; {alpha}, or keep all with channels={count}"
    )


def _scaled(array: np.ndarray, values: tuple[float, float]) -> np.ndarray:
    low, high = map(float, values)
    if not (np.isfinite([low, high]).all() and low < high):
        raise DatasetError(f"values = {values}: expected two numbers, the darkest below the brightest")
    _refuse_not_finite(array)
    if array.min() < low or array.max() > high:
        raise DatasetError(
            f"images go from {array.min():g} to {array.max():g}, values = ({low:g}, {high:g}) was stated: "
            "clip them, or state their range"
        )
    pixels = np.empty(array.shape, dtype=np.uint8)
    for start in range(0, len(array), CHUNK):
        rows = array[start : start + CHUNK].astype(np.float64)
        pixels[start : start + CHUNK] = np.rint((rows - low) * (255 / (high - low)))
    return pixels


def _whole(array: np.ndarray) -> np.ndarray:
    _refuse_not_finite(array)
    low, high = array.min(), array.max()
    whole = array.dtype.kind in "ui" or bool((array == np.rint(array)).all())
    # A 1 is white on the scale of 1 and black on that of 255; a float's 0 is black on one, grey on (-1, 1).
    if whole and low >= 0 and high <= 255 and high != 1 and not (high == 0 and array.dtype.kind == "f"):
        return np.array(array, dtype=np.uint8, order="C")
    near = next((pair for pair in RANGES if pair[0] <= low and high <= pair[1]), None)
    cure = f"values=({near[0]}, {near[1]})" if near else "values=(darkest, brightest)"
    raise DatasetError(
        f"images are of type {array.dtype} and go from {low:g} to {high:g}, expected whole numbers from 0 to "
        f"255: state which values are black and white, as in Split.of(images, {cure})"
    )


def _refuse_not_finite(array: np.ndarray) -> None:
    if array.dtype.kind == "f" and (broken := int((~np.isfinite(array)).sum())):
        raise DatasetError(
            f"{broken:,} of {array.size:,} pixels are not finite: repair or leave out these images"
        )
