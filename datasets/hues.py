"""Grey digits and digits in any hue: unpaired translation with many answers; an example names one."""

from __future__ import annotations

import colorsys

import numpy as np

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.digits import digits
from gan_bench.datasets.domains import EXTRACTOR, STREAMS, apart, grey, labelled_digits
from gan_bench.datasets.registry import register_dataset
from gan_bench.spaces import Space

GOLDEN = (5**0.5 - 1) / 2
"""Step of the hues, on a circle of length 1: any number of them in a row is spread evenly."""


@register_dataset(
    "hued-digits",
    kind="images",
    title="Digits and digits in any hue",
    source="scikit-learn's digits, white on black (domain_a) and each in a hue of its own (domain_b)",
)
def hued_digits() -> Dataset:
    """Return digits and coloured digits, without pairs: the shape is the content, the hue the style.

    ``restyled`` is the digit of ``domain_a`` in the hue of ``example``, a coloured image of another digit:
    the answer of a translation in the style of an example, for measuring only. For training the domains
    share no digit.
    """
    splits = {}
    for split, rows in labelled_digits(digits()).items():
        (one, of_one), (other, of_other) = apart(split, rows)
        coloured, colours = in_hues(other)
        example = (np.arange(len(one)) + 1) % len(other)  # of the next digit, not of the same
        splits[split] = {
            "domain_a": grey(one), "domain_b": coloured, "label_a": of_one, "label_b": of_other,
            "example": coloured[example], "restyled": coloured_in(one, colours[example]),
        }  # fmt: skip
    label = Space(classes=10)
    return finite_dataset(
        "hued-digits",
        splits,
        streams={**STREAMS, "restyles": ("domain_a", "example", "restyled")},
        spaces={"label_a": label, "label_b": label},
        truth=Truth(classes=10, description="domain_b: x in a hue, of other images than those of domain_a"),
        preprocessing="domain_b: x times a colour of full saturation and value, of hue frac(0.618... n)",
        extractor=EXTRACTOR,
    )


def in_hues(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return grey images (n, 1, h, w), each in a hue of its own: (n, 3, h, w), and the colours (n, 3)."""
    hues = np.arange(len(images)) * GOLDEN % 1.0
    colours = np.array([colorsys.hsv_to_rgb(hue, 1.0, 1.0) for hue in hues])
    return coloured_in(images, colours), colours


def coloured_in(images: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Return grey images (n, 1, h, w), 0 to 255, in colours (n, 3) of 0 to 1: uint8 (n, 3, h, w)."""
    return np.rint(images * colours[:, :, None, None]).astype(np.uint8)
