"""Outlines of digits and the digits themselves: paired translation with a known answer."""

from __future__ import annotations

import numpy as np

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.digits import digits
from gan_bench.datasets.domains import labelled_digits
from gan_bench.datasets.registry import register_dataset
from gan_bench.spaces import Space

INSIDE = 128
WHITE = 255


@register_dataset(
    "digit-outlines",
    kind="images",
    title="Outlines of digits, and digits",
    source="scikit-learn's digits (b, real) and the outlines of their strokes (a)",
)
def digit_outlines() -> Dataset:
    """Return pairs of outlines (``a``) and digits (``b``), with the digits' labels.

    An outline is white where a pixel of at least 128 touches a darker one at a side. Stroke and shading
    inside of it are what a translator has to add.
    """
    splits = {
        split: {"a": outlines(images), "b": images, "label": labels}
        for split, (images, labels) in labelled_digits(digits()).items()
    }
    return finite_dataset(
        "digit-outlines",
        splits,
        streams={"pairs": ("a", "b"), "real": "b", "labelled": ("real", "label"), "inputs": ("a", "label")},
        spaces={"label": Space(classes=10)},
        preprocessing="a: pixels of at least 128 of b that touch a darker one",
        extractor="lenet28_digits",
    )


def outlines(images: np.ndarray) -> np.ndarray:
    """Return the outlines of images (n, 1, h, w): 255 on bright pixels that touch a dark one, else 0."""
    from scipy import ndimage  # a third of a second that other data should not wait for

    bright = images >= INSIDE
    cross = ndimage.generate_binary_structure(2, 1)[None, None]
    return WHITE * (bright & ~ndimage.binary_erosion(bright, cross)).astype(np.uint8)
