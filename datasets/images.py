"""Image datasets: uint8 images in three splits, with or without labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.base import REFERENCE_SPLITS, Dataset, DatasetError, Truth, choose, floating, hash_of
from gan_bench.datasets.finite import all_finite
from gan_bench.datasets.pixels import Layout, count_classes, to_labels, to_pixels
from gan_bench.datasets.sources import AlignedSource, IndexedSource, ResidentSource

LEAST = 2  # rows of a split: there is no covariance of one
PREPARATION = "uint8 / 127.5 - 1"


@dataclass(frozen=True)
class Split:
    """One part of an image dataset.

    Attributes:
        images: uint8 images, shape (channels, height, width) each.
        labels: one whole number from 0 for each image, kept as int64, shape (len(images),); or None.

    Raises:
        DatasetError: for labels that are no such numbers, as `datasets.pixels.to_labels` says.
    """

    images: IndexedSource
    labels: Tensor | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.images, IndexedSource):
            raise DatasetError(
                f"a Split holds a source of images, not {type(self.images).__name__}: Split.of makes one"
            )
        if self.labels is not None:
            object.__setattr__(self, "labels", to_labels(self.labels, len(self.images)))

    @classmethod
    def of(
        cls,
        images: Any,
        labels: Any = None,
        *,
        values: tuple[float, float] | None = None,
        layout: Layout | None = None,
        channels: int | None = None,
    ) -> Split:
        """Return a resident split from arrays, tensors or lists, by the rules of `datasets.pixels.to_pixels`.

        Args:
            images: (n, height, width) or (n, channels, height, width); whole numbers from 0 to 255.
            labels: one whole number from 0 for each image, or None.
            values: the values of black and white, for images on another scale: ``(0, 1)``, ``(-1, 1)``.
            layout: ``nhwc`` for images whose channels are the last axis.
            channels: number of channels, where it is neither 1 nor 3.

        Raises:
            DatasetError: for data that no rule converts; the message says what to give.
        """
        pixels = to_pixels(images, values=values, layout=layout, channels=channels)
        return cls(ResidentSource(torch.from_numpy(pixels)), labels)


class ImageDataset(Dataset):
    """Images kept as uint8 and trained on in [-1, 1]; streams ``real`` and, with labels, ``labelled``.

    Args:
        name: identity of the data.
        splits: ``train``, ``validation`` and ``test``, disjoint.
        classes: number of classes; by default the largest label plus one, None without labels.
        preprocessing: description of the preprocessing, part of the content hash.
        version: as in `Dataset`.
        content_hash: needed for splits that are not resident, computed from the bytes for those that are.
        extractor: as in `Dataset`.

    Raises:
        DatasetError: where a split is missing or has fewer than two rows, images are not uint8 or differ in
            shape, or labels are missing or out of range.
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
        extractor: str | None = None,
    ):
        self.name, self.parts, self.version, self.extractor = name, dict(splits), version, extractor
        self._check_splits()
        self.shape = self.parts["train"].images.shape
        self.truth = Truth(classes=self._classes(classes))
        self.streams = ("real",) if self.truth.classes is None else ("real", "labelled")
        self.content_hash = content_hash or self._hash(preprocessing)

    def _check_splits(self) -> None:
        for split in self.parts:
            choose("split", split, self.splits, self.name)
        for split in self.splits:
            if split not in self.parts:
                raise DatasetError(
                    f"{self.name}: there is no {split} split; expected {', '.join(self.splits)}"
                )
            images = self.parts[split].images
            if len(images) < LEAST:
                raise DatasetError(
                    f"{self.name}: the {split} split has {len(images)} images, expected at least {LEAST}"
                )
            if images.shape != self.parts["train"].images.shape:
                raise DatasetError(
                    f"{self.name}: images of the {split} split have shape {images.shape}, those of the train "
                    f"split {self.parts['train'].images.shape}"
                )
            if isinstance(images, ResidentSource) and images.data.dtype != torch.uint8:
                raise DatasetError(
                    f"{self.name}: images of the {split} split are {images.data.dtype}, expected uint8: "
                    "Split.of converts others"
                )

    def _classes(self, stated: int | None) -> int | None:
        """Return the number of classes; raise DatasetError unless all splits have labels, or none has."""
        labels = {split: part.labels for split, part in self.parts.items() if part.labels is not None}
        if not labels and stated is None:
            return None
        for split in self.splits:
            if split not in labels:
                why = f"classes = {stated}" if stated is not None else "other splits have labels"
                raise DatasetError(
                    f"{self.name}: {why}, but the {split} split has no labels: give Split.of(images, labels)"
                    + (", or leave out classes" if stated is not None else "")
                )
        try:
            return count_classes(list(labels.values()), stated)
        except DatasetError as error:
            raise DatasetError(f"{self.name}: {error}") from error

    def stream(self, name: str = "real", split: str = "train") -> IndexedSource:
        """Return images for ``real``, the fields ``real`` and ``label`` (int64) for ``labelled``."""
        choose("stream", name, self.streams, self.name)
        part = self.parts[choose("split", split, self.splits, self.name)]
        if name == "real" or part.labels is None:
            return part.images
        return AlignedSource({"real": part.images, "label": ResidentSource(part.labels)})

    def reference(self, split: str = "test", count: int | None = None) -> Tensor:
        """Return the first `count` images of the split (all, if it has fewer), in file order; uint8."""
        images = self.parts[choose("reference split", split, REFERENCE_SPLITS, self.name)].images
        rows = images.gather(torch.arange(len(images) if count is None else min(count, len(images))))
        assert isinstance(rows, Tensor)
        return rows

    def reference_labels(self, split: str = "test") -> Tensor | None:
        """Return the labels of the whole split, in file order."""
        return self.parts[choose("reference split", split, REFERENCE_SPLITS, self.name)].labels

    def _known_labels(self) -> Tensor | None:
        """Return the training labels, which training on finite data sees."""
        return self.parts["train"].labels

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return uint8 / 127.5 - 1, in [-1, 1]; float32 unless `dtype` is given."""
        return (raw.to(floating(raw, dtype)) / 127.5).sub_(1)

    def restore(self, samples: Tensor) -> Tensor:
        """Return samples in [-1, 1] as uint8, rounded half to even; values outside are clamped.

        Raises:
            ValueError: for samples that are not finite, which have no pixels.
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
