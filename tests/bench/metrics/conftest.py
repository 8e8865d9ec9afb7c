from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch

from gan_bench.bench.metrics.extractors import Outputs
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Dataset, Truth
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.spaces import Space


class Plain(Dataset):
    """A dataset that only carries samples: raw and prepared scale are the same, nothing is known."""

    name, kind, truth, content_hash = "toy", "planar", Truth(), "none"
    spaces: ClassVar = {"real": Space((1,))}

    def stream(self, name="real", split="train"):
        raise NotImplementedError

    def reference(self, split="test", count=None, field="real"):
        raise NotImplementedError


@pytest.fixture
def toy():
    return Plain()


@pytest.fixture
def points(toy):
    """Samples from coordinates (n, d)."""
    return lambda values: Samples(torch.as_tensor(np.asarray(values, dtype=np.float64)), toy)


@pytest.fixture
def featured(toy):
    """Samples whose features and logits are given, of shape (n, f) and (n, classes)."""

    def make(features, logits=None):
        features = torch.as_tensor(features)
        logits = torch.zeros(len(features), 10) if logits is None else torch.as_tensor(logits)
        return Samples(torch.zeros(len(features), 1), toy, outputs=Outputs(features, logits))

    return make


@pytest.fixture
def stripes():
    """A tiny image dataset of a name that no extractor was trained on."""
    rng = np.random.default_rng(0)

    def split(count):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        return Split.of(images, np.arange(count) % 10)

    splits = {"train": split(40), "validation": split(30), "test": split(30)}
    return ImageDataset("stripes", splits, classes=10)
