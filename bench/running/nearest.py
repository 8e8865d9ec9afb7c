"""The training images nearest to generated ones, for the eye to judge whether these are copies."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.sources import IndexedSource

SHOWN = 10  # generated images that are looked up
HELD_OUT = 100  # test images whose distances say what is usual
CHUNK = 512  # training images at a time: few enough for a processor's cache
CHUNK_ON_DEVICE = 16_384  # on a GPU: enough to fill it


class Nearest(NamedTuple):
    """The training image nearest to each of n images."""

    images: Tensor  # (n, channels, height, width), raw
    distance: np.ndarray  # (n,), root mean square difference of pixels, on their scale of 0 to 255


def nearest_training(images: Tensor, dataset: Any) -> Nearest:
    """Return the training image nearest to each of `images` (uint8, n rows), by all pixels.

    It is found in float32 on their device, where |x - y|^2 is |y|^2 - 2 xy up to a constant; its distance is
    exact.
    """
    source = _train(dataset, images.device)
    queries = images.float().flatten(1)
    best = queries.new_full((len(queries),), torch.inf)
    rows = torch.zeros(len(queries), dtype=torch.int64, device=images.device)
    for part, squares in zip(_chunks(source, images.device), _squares(dataset, images.device), strict=True):
        least, which = torch.addmm(squares, queries, _flat(source, part).T, alpha=-2).min(1)
        nearer = least < best
        best, rows = torch.where(nearer, least, best), torch.where(nearer, part[which], rows)
    found = source.gather(rows)
    assert isinstance(found, Tensor)
    differences = images.cpu().double() - found.cpu().double()
    return Nearest(found, differences.square().flatten(1).mean(1).sqrt().numpy())


@functools.lru_cache(maxsize=4)
def _train(dataset: Any, device: torch.device) -> IndexedSource:
    """Return the training images on a device, moved there once for all trials on a dataset."""
    source = dataset.stream("real", "train").to(device)
    assert isinstance(source, IndexedSource)
    return source


def _chunks(source: IndexedSource, device: torch.device) -> list[Tensor]:
    size = CHUNK if device.type == "cpu" else CHUNK_ON_DEVICE
    return list(torch.arange(len(source), device=device).split(size))


def _flat(source: IndexedSource, rows: Tensor) -> Tensor:
    images = source.gather(rows)
    assert isinstance(images, Tensor)
    return images.float().flatten(1)


@functools.lru_cache(maxsize=4)
def _squares(dataset: Any, device: torch.device) -> list[Tensor]:
    """Return the squared norms of all training images by chunks, the same for all trials on a dataset."""
    source = _train(dataset, device)
    return [_flat(source, part).square_().sum(1) for part in _chunks(source, device)]


def nearest_arrays(samples: Tensor, kind: str, dataset: Any) -> dict[str, np.ndarray]:
    """Return what a record keeps of the first generated images and their nearest training images.

    Args:
        samples: generated images, raw.
        kind: the name under which a record keeps them: `final` or `ema`.
        dataset: what they imitate.

    Returns:
        `nearest_<kind>`, the training images; `distance_<kind>`, how far they are; `distance_test`, how far
        test images are from theirs. Nothing for data that are no images, or have no finite training split.
    """
    if dataset.kind != "images" or not isinstance(dataset.stream("real", "train"), IndexedSource):
        return {}
    found = nearest_training(samples[:SHOWN], dataset)
    return {
        f"nearest_{kind}": found.images.cpu().numpy(),
        f"distance_{kind}": found.distance,
        "distance_test": _held_out(dataset, samples.device),
    }


@functools.lru_cache(maxsize=4)
def _held_out(dataset: Any, device: torch.device) -> np.ndarray:
    """Return the distances of evenly spread test images, the same for all trials on a dataset."""
    test = dataset.reference("test")
    count = min(HELD_OUT, len(test))
    spread = test[torch.arange(count) * len(test) // count].to(device)
    return nearest_training(spread, dataset).distance
