"""What image datasets share: uint8 images in three splits, with or without labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from datasets.base import REFERENCE_SPLITS, Dataset, DatasetError, Truth, choose, floating, hash_of
from datasets.finite import all_finite
from datasets.sources import AlignedSource, IndexedSource, ResidentSource

PREPARATION = "uint8 / 127.5 - 1"


@dataclass(frozen=True)
class Split:
    """One part of an image dataset.

    Attributes:
        images: uint8 images, shape (channels, height, width) each.
        labels: int64, shape (len(images),), or None.
    """

    images: IndexedSource
    labels: Tensor | None = None

    @classmethod
    def of(cls, images: np.ndarray, labels: np.ndarray | None = None) -> Split:
        """A resident split from uint8 arrays (n, height, width) or (n, channels, height, width)."""
        images = images[:, None] if images.ndim == 3 else images
        kept = None if labels is None else torch.from_numpy(labels.astype(np.int64))
        return cls(ResidentSource(torch.from_numpy(np.array(images, dtype=np.uint8))), kept)


class ImageDataset(Dataset):
    """Images kept as uint8 and trained on in [-1, 1]; streams ``real`` and, with labels, ``labelled``.

    Args:
        name: identity of the data.
        splits: ``train``, ``validation`` and ``test``, disjoint.
        classes: number of classes, None without labels.
        preprocessing: what was done to the original images, part of the content hash.
        version: as in `Dataset`.
        content_hash: needed for splits that are not resident, computed from the bytes for those that are.
    """

    kind = "images"
    bounds = (-1.0, 1.0)

    def __init__(
        self,
        name: str,
        splits: Mapping[str, Split],
        *,
        classes: int | None = None,
        preprocessing: str = "none",
        version: int = 1,
        content_hash: str | None = None,
    ):
        self.name, self.parts, self.version = name, dict(splits), version
        self.shape = self.parts["train"].images.shape
        self.truth = Truth(classes=classes)
        self.streams = ("real",) if classes is None else ("real", "labelled")
        self.content_hash = content_hash or self._hash(preprocessing)

    def stream(self, name: str = "real", split: str = "train") -> IndexedSource:
        """``real``: images; ``labelled``: fields ``real`` and ``label`` (int64)."""
        choose("stream", name, self.streams, self.name)
        part = self.parts[choose("split", split, self.splits, self.name)]
        if name == "real" or part.labels is None:
            return part.images
        return AlignedSource({"real": part.images, "label": ResidentSource(part.labels)})

    def reference(self, split: str = "test", count: int | None = None) -> Tensor:
        """The first `count` images of the split, in file order; uint8."""
        images = self.parts[choose("reference split", split, REFERENCE_SPLITS, self.name)].images
        count = len(images) if count is None else count
        if not 0 <= count <= len(images):
            raise DatasetError(
                f"{self.name}: the {split} split has {len(images):,} images, {count:,} were asked for"
            )
        rows = images.gather(torch.arange(count))
        assert isinstance(rows, Tensor)
        return rows

    def reference_labels(self, split: str = "test") -> Tensor | None:
        """Labels of the whole split, in file order."""
        return self.parts[choose("reference split", split, REFERENCE_SPLITS, self.name)].labels

    def _known_labels(self) -> Tensor | None:
        """The training labels: the data are finite, and training sees these."""
        return self.parts["train"].labels

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """uint8 / 127.5 - 1, in [-1, 1]; float32 unless `dtype` says otherwise."""
        return (raw.to(floating(raw, dtype)) / 127.5).sub_(1)

    def restore(self, samples: Tensor) -> Tensor:
        """Samples in [-1, 1] as uint8, rounded half to even; values outside are clamped.

        Raises:
            ValueError: for samples that are not finite: as pixels they would pass for an image.
        """
        if not all_finite(samples):
            raise ValueError(f"{self.name}: samples that are not finite have no pixels")
        return samples.add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)

    def _hash(self, preprocessing: str) -> str:
        arrays: list[np.ndarray] = []
        for split in self.splits:
            part = self.parts[split]
            if not isinstance(part.images, ResidentSource):
                raise DatasetError(
                    f"{self.name}: images that are not resident need a content_hash of their own"
                )
            arrays += [part.images.data.numpy()] + ([] if part.labels is None else [part.labels.numpy()])
        steps = [preprocessing, PREPARATION]
        return hash_of({"name": self.name, "version": self.version, "preprocessing": steps}, *arrays)
