"""Images and labels of one's own: converted without loss, by a stated rule, or refused with the cure."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench.datasets import DatasetError
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.pixels import to_pixels

GREY = np.arange(2 * 4 * 6, dtype=np.uint8).reshape(2, 4, 6) * 5
RGB = np.arange(2 * 3 * 4 * 6, dtype=np.uint8).reshape(2, 3, 4, 6)
BATCH = np.tile(GREY, (3, 1, 1))


@pytest.mark.parametrize(
    "dtype", [np.int8, np.int16, np.int64, np.uint16, np.uint64, np.float16, np.float32, np.float64]
)
def test_whole_numbers_of_any_type_are_kept(dtype):
    images = np.minimum(GREY, 120)
    assert np.array_equal(to_pixels(images.astype(dtype)), images[:, None])
    assert to_pixels(images.astype(dtype)).dtype == np.uint8


@pytest.mark.parametrize(
    "give", [torch.from_numpy, list, lambda a: torch.from_numpy(a).bfloat16(), lambda a: a[:, None]]
)
def test_tensors_and_lists_are_as_good_as_arrays(give):
    assert np.array_equal(
        to_pixels(give(np.minimum(GREY, 200) // 8 * 8)), np.minimum(GREY, 200)[:, None] // 8 * 8
    )


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (0, 255), (0, 65535), (-3.5, 12)])
def test_a_stated_range_is_mapped_to_pixels_and_back(low, high):
    """The inverse is worked out here: pixel k stands for low + k (high - low) / 255."""
    every = low + np.arange(256) * (high - low) / 255
    pixels = to_pixels(every.reshape(1, 16, 16), values=(low, high))
    assert pixels.ravel().tolist() == list(range(256))
    half = np.array([[[low, low + 0.5001 * (high - low) / 255, low + 0.4999 * (high - low) / 255, high]]])
    assert to_pixels(half, values=(low, high)).ravel().tolist() == [0, 1, 0, 255]


def test_booleans_are_black_and_white_and_layouts_are_turned():
    assert to_pixels(np.array([[[True, False]]])).ravel().tolist() == [255, 0]
    assert np.array_equal(to_pixels(RGB.transpose(0, 2, 3, 1), layout="nhwc"), RGB)
    assert np.array_equal(to_pixels(RGB), RGB)
    five = np.zeros((2, 5, 4, 6), dtype=np.uint8)
    assert to_pixels(five, channels=5).shape == five.shape
    assert to_pixels(five.transpose(0, 2, 3, 1), channels=5, layout="nhwc").shape == five.shape
    assert to_pixels(np.zeros((2, 4, 6), np.uint8)).shape == (2, 1, 4, 6), "black on every scale of uint8"


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (GREY / 255, {}, r"float64 and go from 0 to 0\.92.*values=\(0, 1\)"),
        (GREY / 127.5 - 1, {}, r"go from -1 to .*values=\(-1, 1\)"),
        (GREY.astype(np.uint16) * 250, {}, r"uint16 and go from 0 to 58750.*values=\(0, 65535\)"),
        (GREY.astype(np.int32) - 300, {}, r"go from -300 to -65.*values=\(darkest, brightest\)"),
        ((GREY > 99).astype(np.uint8), {}, r"uint8 and go from 0 to 1,.*values=\(0, 1\)"),
        (np.zeros((2, 4, 6)), {}, r"float64 and go from 0 to 0"),
        (np.where(GREY == 0, np.nan, GREY), {}, r"1 of 48 pixels are not finite"),
        (np.where(GREY == 0, np.inf, 1.0), {"values": (0, 1)}, r"1 of 48 pixels are not finite"),
        (GREY, {"values": (0, 100)}, r"go from 0 to 235, values = \(0, 100\) was stated"),
        (GREY, {"values": (1, 1)}, r"values = \(1, 1\): expected two numbers"),
        (
            RGB.transpose(0, 2, 3, 1),
            {},
            r"\(n, 4, 6, 3\) seem to have their channels last: give layout='nhwc'",
        ),
        (np.zeros((2, 4, 8, 8), np.uint8), {}, r"have 4 channels; the last of them may be alpha.*channels=4"),
        (np.zeros((2, 8, 8, 4), np.uint8), {"layout": "nhwc"}, r"4 channels; the last of them may be alpha"),
        (np.zeros((2, 9, 8, 8), np.uint8), {}, r"have 9 channels; expected 1 or 3"),
        (RGB, {"channels": 1}, r"have 3 channels, channels = 1 was stated"),
        (GREY, {"layout": "nhwc"}, r"shape \(n, 4, 6\), expected \(n, height, width, channels\)"),
        (GREY, {"layout": "hwc"}, r"layout = 'hwc': expected 'nchw' or 'nhwc'"),
        (GREY.reshape(2, 24), {}, r"shape \(n, 24\), expected \(n, height, width\) or"),
        (np.zeros((0, 4, 6), np.uint8), {}, r"hold no pixel"),
        (
            np.array([GREY[0], GREY[0][:2]], dtype=object),
            {},
            r"type object.*different shapes cannot be stacked",
        ),
        ([GREY[0], GREY[0][:2]], {}, r"images are no array of one shape"),
        (np.full((2, 4, 6), "a"), {}, r"type <U1, expected numbers"),
        (GREY.astype(complex), {}, r"type complex128, expected numbers"),
    ],
)
def test_what_no_rule_converts_is_refused_with_the_cure(images, options, message):
    with pytest.raises(DatasetError, match=message):
        Split.of(images, **options)


def whole(labels=None, classes=None, **parts):
    splits = {name: Split.of(BATCH, labels) for name in ("train", "validation", "test")} | parts
    return ImageDataset("mine", {k: v for k, v in splits.items() if v is not None}, classes=classes)


def test_the_number_of_classes_is_counted_where_no_class_is_missing():
    data = whole([0, 1, 2, 0, 1, 2])
    assert (data.truth.classes, [*data.streams]) == (3, ["real", "labelled"])
    assert whole([0, 1, 1, 0, 1, 1], classes=5).truth.classes == 5
    assert whole().truth.classes is None


@pytest.mark.parametrize(
    ("labels", "classes", "parts", "message"),
    [
        ([1, 2, 3, 1, 2, 3], None, {}, "labels go from 1 to 3, but no image has label 0: subtract 1"),
        ([0, 2, 3, 0, 2, 3], None, {}, "no image has label 1: number them without gaps, or state classes="),
        ([1, 2, 3, 1, 2, 3], 3, {}, "labels go up to 3, with classes = 3 expected 0 to 2: subtract 1"),
        ([0, 2, 3, 0, 2, 3], 3, {}, "is classes = 4 meant"),
        (None, 3, {}, "classes = 3, but the train split has no labels: .*leave out classes"),
        ([0, 1] * 3, None, {"test": Split.of(BATCH)}, "but the test split has no labels"),
        (None, None, {"test": Split.of(BATCH[:1])}, "the test split has 1 images, expected at least 2"),
        (None, None, {"test": None}, "there is no test split"),
        (None, None, {"val": Split.of(BATCH)}, "unknown split 'val'"),
        (
            None,
            None,
            {"test": Split.of(BATCH[:, :2])},
            r"images of the test split have shape \(1, 2, 6\), expected \(1, 4, 6\) as in the train",
        ),
    ],
)
def test_splits_that_do_not_go_together_are_refused(labels, classes, parts, message):
    with pytest.raises(DatasetError, match=f"mine: .*{message}"):
        whole(labels, classes, **parts)
