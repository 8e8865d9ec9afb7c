"""Two domains of images and the map between them: unpaired translation with a known answer."""

from __future__ import annotations

import numpy as np

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.digits import digits
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.sources import ResidentSource

WHITE = 255


@register_dataset(
    "inverted-digits",
    kind="images",
    title="Digits and inverted digits",
    source="scikit-learn's digits, white on black (domain_a) and black on white (domain_b)",
)
def inverted_digits() -> Dataset:
    """Return `digits` (``domain_a``) and inverted digits (``domain_b``), for translation without pairs.

    For training the domains share no image: even rows are in one, odd rows in the other. In the other splits
    both domains have every image, so that translations can be compared with the known map, x -> 255 - x.
    ``real`` is ``domain_b``.
    """
    images = {split: _pixels(part.images) for split, part in digits().parts.items()}
    splits = {split: {"domain_a": rows, "domain_b": WHITE - rows} for split, rows in images.items()}
    train = images["train"]
    splits["train"] = {"domain_a": train[0::2], "domain_b": WHITE - train[1::2]}
    return finite_dataset(
        "inverted-digits",
        splits,
        streams={"domain_a": "domain_a", "domain_b": "domain_b", "real": "domain_b"},
        truth=Truth(mapping=invert, description="domain_b: 255 - x of other images than those of domain_a"),
        preprocessing="digits; 255 - x in domain_b",
    )


def invert(points: np.ndarray) -> np.ndarray:
    """Return 255 minus each value."""
    return WHITE - np.asarray(points, dtype=np.float64)


def _pixels(source: object) -> np.ndarray:
    assert isinstance(source, ResidentSource)  # embedded data are in memory
    return source.data.numpy()
