"""The data that scikit-learn ships, read without importing it, which takes two seconds in every process."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the images of `sklearn.datasets.load_digits`, 0..16, int64 (1797, 8, 8), and their labels."""
    file = _shipped("data", "digits.csv.gz")
    if file is not None:
        rows = np.loadtxt(file, delimiter=",", dtype=np.int64)
        return rows[:, :-1].reshape(-1, 8, 8), rows[:, -1]
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return bunch.images.astype(np.int64), bunch.target


def photographs() -> list[np.ndarray]:
    """Return the images of `sklearn.datasets.load_sample_images`: two, uint8 (427, 640, 3)."""
    files = [_shipped("images", name) for name in ("china.jpg", "flower.jpg")]
    if all(files):
        from PIL import Image

        return [np.asarray(Image.open(file).convert("RGB")) for file in files if file]
    from sklearn.datasets import load_sample_images

    return list(load_sample_images().images)


def _shipped(folder: str, name: str) -> Path | None:
    """Return the path of a file of `sklearn.datasets`, None in a version that keeps it elsewhere."""
    package = find_spec("sklearn")
    places = package.submodule_search_locations if package else None
    file = Path(places[0], "datasets", folder, name) if places else None
    return file if file and file.is_file() else None
