"""Real samples with what is costly to know of them, from the cache where it was computed before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.metrics.cache import cached_arrays
from gan_bench.bench.metrics.extractors import Extractor, Outputs
from gan_bench.bench.metrics.samples import Gaussian, Samples
from gan_bench.datasets.base import Dataset


def load_real(
    raw: Tensor, dataset: Dataset, extractor: Extractor | None, place: str, cache: Path | None
) -> Samples:
    """Return real samples with features, logits, the Gaussian of the features and its root.

    Args:
        raw: the samples.
        dataset: where they are from.
        extractor: what turns images into features; without one the samples alone are returned.
        place: the split that they are, part of the cache's key.
        cache: the folder that keeps what was computed; None keeps nothing.
    """
    if extractor is None:
        return Samples(raw, dataset)
    key = (dataset.content_hash, extractor.sha256, place, str(len(raw)))
    outputs = cached_arrays(
        cache,
        ("outputs", *key),
        lambda: {name: part.numpy() for name, part in extractor(raw)._asdict().items()},
    )
    known = Outputs(*(torch.from_numpy(outputs[name]) for name in Outputs._fields))
    real = Samples(raw, dataset, extractor, known)
    if len(raw) > 1:  # the Gaussian of Inception's features and its root are seconds of work

        def fit() -> dict[str, np.ndarray]:
            return {**real.gaussian._asdict(), "root": real.root}

        fitted = cached_arrays(cache, ("gaussian", *key), fit)
        real.gaussian, real.root = Gaussian(fitted["mean"], fitted["covariance"]), fitted["root"]
    return real
