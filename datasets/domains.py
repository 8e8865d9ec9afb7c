"""Two domains of digits and the maps between them: unpaired translation with a known answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from torch import Tensor

from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.digits import digits
from gan_bench.datasets.images import ImageDataset
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.sources import ResidentSource
from gan_bench.datasets.truth import Map
from gan_bench.spaces import Space

WHITE = 255
TINT = np.array([1.0, 0.5, 0.0])[:, None, None]
"""Shares of red, green and blue: orange. The first is 1, so a tinted image determines the grey one."""
STREAMS: dict[str, str | tuple[str, ...]] = {
    "domain_a": "domain_a",
    "domain_b": "domain_b",
    "real": "domain_b",
    "labelled_a": ("domain_a", "label_a"),
    "labelled_b": ("domain_b", "label_b"),
}
EXTRACTOR = "lenet28_domains"

Change = Callable[[np.ndarray], np.ndarray]
Labelled = tuple[np.ndarray, np.ndarray]
"""Images (n, channels, height, width), whole numbers from 0 to 255, and classes (n,)."""


def domains_of(
    name: str,
    splits: Mapping[str, tuple[Labelled, Labelled]],
    *,
    truth: Truth,
    law: str,
    version: int = 1,
    extractor: str | None = None,
) -> Dataset:
    """Return two domains of labelled images without pairs: ``domain_a`` and ``domain_b``, which is ``real``.

    Their labels are the fields ``label_a`` and ``label_b`` of the streams ``labelled_a`` and ``labelled_b``.

    Args:
        name, truth, version, extractor: as in `Dataset`; the truth states the number of classes.
        splits: the images and labels of both domains, by split.
        law: description of the domains, part of the content hash.
    """
    fields = {
        split: {
            "domain_a": images_a, "domain_b": images_b.astype(np.uint8), "label_a": labels_a,
            "label_b": labels_b,
        }
        for split, ((images_a, labels_a), (images_b, labels_b)) in splits.items()
    }  # fmt: skip
    label = Space(classes=truth.classes)
    return finite_dataset(
        name, fields, streams=STREAMS, spaces={"label_a": label, "label_b": label}, truth=truth,
        preprocessing=law, version=version, extractor=extractor,
    )  # fmt: skip


def apart(split: str, rows: Labelled) -> tuple[Labelled, Labelled]:
    """Return the rows of two domains: in training even and odd ones, as no image may be in both."""
    images, labels = rows
    if split != "train":
        return rows, rows
    return (images[0::2], labels[0::2]), (images[1::2], labels[1::2])


def two_domains(
    name: str, there: Change, back: Change, law: str, *, before: Change | None = None, version: int = 1
) -> Dataset:
    """Return digits (``domain_a``) and images of other digits under a map (``domain_b``), without pairs.

    For training the domains share no image. In the other splits both domains have every image, so that
    translations can be compared with the known map.

    Args:
        name: the dataset's name.
        there: the map, of images of whole numbers from 0 to 255 to others.
        back: its inverse.
        law: the map as a formula, part of the content hash.
        before: applied to the grey digits of both domains (three equal channels).
        version: as in `Dataset`.
    """
    splits = {}
    for split, (images, labels) in labelled_digits(digits()).items():
        (one, of_one), (other, of_other) = apart(split, (before(images) if before else images, labels))
        splits[split] = (one, of_one), (there(other), of_other)
    known: dict[tuple[str, ...], Map] = {
        ("domain_a", "domain_b"): there,
        ("domain_a", "real"): there,
        ("domain_b", "domain_a"): back,
    }
    description = f"domain_b: {law} of other images than those of domain_a"
    return domains_of(
        name, splits, truth=Truth(classes=10, mapping=known, description=description),
        law=f"digits; {law} in domain_b", version=version, extractor=EXTRACTOR,
    )  # fmt: skip


def labelled_digits(of: ImageDataset) -> dict[str, Labelled]:
    """Return images, uint8, and labels, int64, of each split of a resident dataset."""
    found = {}
    for split, part in of.parts.items():
        assert isinstance(part.images, ResidentSource)
        assert isinstance(part.labels, Tensor)
        found[split] = part.images.data.numpy(), part.labels.numpy()
    return found


def invert(images: np.ndarray) -> np.ndarray:
    """Return 255 minus each value."""
    return WHITE - np.asarray(images, dtype=np.float64)


def tint(images: np.ndarray) -> np.ndarray:
    """Return images (n, 3, h, w) of equal channels in orange: red as it is, half of green, no blue.

    Halves are rounded to even.
    """
    return np.rint(np.asarray(images, dtype=np.float64) * TINT)


def untint(images: np.ndarray) -> np.ndarray:
    """Return the grey images (n, 3, h, w) of tinted ones: red in every channel."""
    return grey(np.asarray(images, dtype=np.float64)[:, :1])


def grey(images: np.ndarray) -> np.ndarray:
    """Return images (n, 1, h, w) with three equal channels."""
    return np.repeat(images, 3, axis=1)


@register_dataset(
    "inverted-digits",
    kind="images",
    title="Digits and inverted digits",
    source="scikit-learn's digits, white on black (domain_a) and black on white (domain_b)",
)
def inverted_digits() -> Dataset:
    """Return digits and inverted digits; the map is x -> 255 - x."""
    return two_domains("inverted-digits", invert, invert, "255 - x", version=2)


@register_dataset(
    "tinted-digits",
    kind="images",
    title="Digits and tinted digits",
    source="scikit-learn's digits, white on black (domain_a) and orange on black (domain_b)",
)
def tinted_digits() -> Dataset:
    """Return digits and orange digits, both of three channels; the map is x -> (1, 1/2, 0) x."""
    return two_domains("tinted-digits", tint, untint, "(1, 1/2, 0) x", before=grey)


@register_dataset(
    "inverted-tinted-digits",
    kind="images",
    title="Digits and inverted, tinted digits",
    source="scikit-learn's digits, white on black (domain_a) and black on orange (domain_b)",
)
def inverted_tinted_digits() -> Dataset:
    """Return digits and black digits on orange, both of three channels; the map is (1, 1/2, 0) (255 - x)."""
    return two_domains(
        "inverted-tinted-digits", lambda images: tint(invert(images)), lambda images: invert(untint(images)),
        "(1, 1/2, 0) (255 - x)", before=grey,
    )  # fmt: skip
