"""Digits in all forms that the domains of translation have: what their extractor is trained on."""

from __future__ import annotations

import numpy as np

from gan_bench.datasets.blended import blend
from gan_bench.datasets.digits import digits
from gan_bench.datasets.domains import EXTRACTOR, grey, invert, labelled_digits, tint
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.photographs import patches
from gan_bench.datasets.tints import TINTS, tinted

NAME = "digit-forms"
BLENDED = 4  # backgrounds of each digit
SEED = 0


def digit_forms() -> ImageDataset:
    """Return every digit of each split of `digits` ten times, in colour, with its label.

    As it is, inverted, tinted, inverted and tinted, in the two other tints, and blended with four patches.
    """
    generator = np.random.default_rng(SEED)
    splits = {}
    for split, (images, labels) in labelled_digits(digits()).items():
        plain, size = grey(images), images.shape[-1]
        others = [tinted(images, np.full(len(images), domain)) for domain in range(1, len(TINTS))]
        mixed = [blend(images, patches(len(images), size, generator)) for _ in range(BLENDED)]
        forms = [plain, invert(plain), tint(plain), tint(invert(plain)), *others, *mixed]
        splits[split] = Split.of(np.concatenate(forms).astype(np.uint8), np.tile(labels, len(forms)))
    return ImageDataset(NAME, splits, classes=10, preprocessing="digits in ten forms", extractor=EXTRACTOR)
