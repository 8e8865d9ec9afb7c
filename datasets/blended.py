"""Digits blended with photographs: a target domain for adaptation, by the recipe of MNIST-M."""

from __future__ import annotations

import hashlib

import numpy as np

from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.digits import digits
from gan_bench.datasets.domains import EXTRACTOR, apart, domains_of, grey, labelled_digits
from gan_bench.datasets.folders import Folders
from gan_bench.datasets.images import ImageDataset
from gan_bench.datasets.mnist import mnist
from gan_bench.datasets.photographs import patches
from gan_bench.datasets.registry import register_dataset

RECIPE = "the absolute difference of each digit and a random patch of scikit-learn's two photographs"


def blended(name: str, base: ImageDataset, extractor: str | None) -> Dataset:
    """Return digits (``domain_a``) and other digits blended with photographs (``domain_b``), in colour.

    Patches are drawn once, from generators seeded by name and split, but from the same two photographs in
    every split: test scores do not show what happens on backgrounds that were never seen. There is no map of
    one domain to the other: a digit has as many images as there are patches.
    """
    splits = {}
    for split, rows in labelled_digits(base).items():
        (one, of_one), (other, of_other) = apart(split, rows)
        seed = hashlib.sha256(f"{name} {split}".encode()).digest()
        drawn = patches(len(other), other.shape[-1], np.random.default_rng(int.from_bytes(seed[:8])))
        splits[split] = (grey(one), of_one), (blend(other, drawn), of_other)
    truth = Truth(classes=10, description=f"domain_b: {RECIPE}")
    law = f"{base.name}; domain_b: {RECIPE}"
    return domains_of(name, splits, truth=truth, law=law, extractor=extractor)


def blend(images: np.ndarray, backgrounds: np.ndarray) -> np.ndarray:
    """Return |background - image| of grey images (n, 1, h, w) and colour ones (n, 3, h, w), all uint8."""
    return np.abs(backgrounds.astype(np.int16) - images).astype(np.uint8)


@register_dataset(
    "blended-digits",
    kind="images",
    title="Digits, and digits on photographs",
    source="scikit-learn's digits (domain_a), and blended with its photographs as in MNIST-M (domain_b)",
)
def blended_digits() -> Dataset:
    """Return digits and blended digits (Ganin et al. 2016, arXiv:1505.07818, section 5.2.3)."""
    return blended("blended-digits", digits(), EXTRACTOR)


@register_dataset(
    "blended-mnist",
    kind="images",
    title="MNIST, and MNIST on photographs",
    source="MNIST (domain_a), and blended with scikit-learn's photographs as in MNIST-M (domain_b)",
    files=True,
    stand_in="blended-digits",
)
def blended_mnist(folders: Folders) -> Dataset:
    """Return MNIST and blended MNIST; MNIST-M itself takes its backgrounds from BSDS500."""
    return blended("blended-mnist", mnist(folders), None)
