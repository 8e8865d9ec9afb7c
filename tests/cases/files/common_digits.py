"""Small image arrays for these cases: scikit-learn digits as 28x28 floats in [0, 1], and labels."""

import numpy as np
from sklearn.datasets import load_digits


def digits01():
    bunch = load_digits()
    big = np.kron(bunch.images / 16.0, np.ones((3, 3)))  # 24x24
    return np.pad(big, ((0, 0), (2, 2), (2, 2))).astype(np.float32), bunch.target


def cut(images, labels=None, val=300, test=300, **rule):
    from gan_bench.datasets.images import Split

    n = len(images)
    bounds = {
        "train": slice(0, n - val - test),
        "validation": slice(n - val - test, n - test),
        "test": slice(n - test, n),
    }
    return {k: Split.of(images[s], None if labels is None else labels[s], **rule) for k, s in bounds.items()}
