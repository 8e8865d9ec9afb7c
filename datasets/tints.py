"""Digits in three tints: translation between several domains, with the domains' labels and known answers."""

from __future__ import annotations

import numpy as np

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.digits import digits
from gan_bench.datasets.domains import EXTRACTOR, labelled_digits
from gan_bench.datasets.registry import register_dataset
from gan_bench.spaces import Space

TINTS = np.array([[2, 1, 0], [0, 2, 1], [1, 0, 2]])[:, :, None, None]
"""Halves of red, green and blue of each domain: orange, green-blue and violet; turns of one another."""


@register_dataset(
    "three-tints",
    kind="images",
    title="Digits in three tints",
    source="scikit-learn's digits in orange (domain 0), green (1) and violet (2) on black",
)
def three_tints() -> Dataset:
    """Return tinted digits (``real``) with their ``domain``, and what they are in another (``moved``).

    Every digit has one domain, in turn. ``target`` is another domain, the next one or the one after it in
    turn, and ``moved`` the digit in it: the answer, for measuring only. ``label`` is the digit's class.
    """
    splits = {}
    for split, (images, labels) in labelled_digits(digits()).items():
        rows = np.arange(len(images))
        domain, step = rows % 3, 1 + rows // 3 % 2
        target = (domain + step) % 3
        splits[split] = {
            "real": tinted(images, domain), "domain": domain, "target": target,
            "moved": tinted(images, target), "label": labels,
        }  # fmt: skip
    domains = Space(classes=len(TINTS))
    return finite_dataset(
        "three-tints",
        splits,
        streams={
            "real": "real",
            "domains": ("real", "domain"),
            "moves": ("real", "target", "moved", "label"),
        },
        spaces={"domain": domains, "target": domains, "label": Space(classes=10)},
        preprocessing="real: x times the tint of its domain, halves rounded to even",
        extractor=EXTRACTOR,
    )


def tinted(images: np.ndarray, domain: np.ndarray) -> np.ndarray:
    """Return grey images (n, 1, h, w), uint8, in the tints of their domains (n,): uint8 (n, 3, h, w)."""
    return np.rint(images * TINTS[domain] / 2).astype(np.uint8)
