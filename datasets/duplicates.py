"""Images that are in two splits of a user's own data: scores on them reward a model that memorises."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from gan_bench.datasets.base import SPLITS

TITLES = {"train": "training", "validation": "validation", "test": "test"}


def notes_of_duplicates(
    hashes: Mapping[str, Sequence[bytes]], names: Mapping[str, Sequence[str]] | None = None
) -> tuple[str, ...]:
    """Return a sentence for every two splits that have identical images, with one of them as an example.

    Args:
        hashes: `hash_of_images` of every row of each split.
        names: the name of each row; by default its number in the split, from 0.
    """
    notes = []
    for earlier, later in combinations(SPLITS, 2):
        places = {found: place for place, found in reversed([*enumerate(hashes[earlier])])}
        twins = [(place, places[found]) for place, found in enumerate(hashes[later]) if found in places]
        if twins:
            one, other = (_name(names, *of) for of in zip((later, earlier), twins[0], strict=True))
            number = f"{len(twins)} of {len(hashes[later])} {TITLES[later]} images"
            notes.append(
                f"{number} {'is' if len(twins) == 1 else 'are'} also in the {TITLES[earlier]} split "
                f"({one} is {other}): leave such images out of one of the two"
            )
    return tuple(notes)


def hash_of_images(*images: np.ndarray) -> bytes:
    """Return a hash of the shapes and all pixels of one row's images, uint8: of one image, or of a pair."""
    digest = hashlib.blake2b(digest_size=16)
    for image in images:
        digest.update(str(image.shape).encode())
        digest.update(np.ascontiguousarray(image).data)
    return digest.digest()


def _name(names: Mapping[str, Sequence[str]] | None, split: str, place: int) -> str:
    """Return the words for an image in an example."""
    return f"number {place} of {TITLES[split]}" if names is None else names[split][place]
