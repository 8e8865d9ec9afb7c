"""Image datasets: uint8 images in three splits, with or without labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gan_bench.datasets.base import SPLITS, DatasetError, Truth
from gan_bench.datasets.indexed import IndexedDataset, require_rows, require_splits
from gan_bench.datasets.numbers import count_classes, to_labels
from gan_bench.datasets.pixels import Layout, to_pixels
from gan_bench.datasets.scales import PIXELS, Pixels
from gan_bench.datasets.sources import IndexedSource, ResidentSource
from gan_bench.spaces import Space


@dataclass(frozen=True)
class Split:
    """One part of an image dataset.

    Attributes:
        images: uint8 images, shape (channels, height, width) each.
        labels: one whole number from 0 for each image, kept as int64, shape (len(images),); or None.

    Raises:
        DatasetError: for labels that are no such numbers, as `datasets.numbers.to_labels` says.
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

    def fields(self) -> dict[str, IndexedSource]:
        """Return the sources of the fields ``real`` and, with labels, ``label``."""
        return {"real": self.images} | ({} if self.labels is None else {"label": ResidentSource(self.labels)})


class ImageDataset(IndexedDataset):
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
        require_splits(name, splits)
        self.parts = {split: splits[split] for split in SPLITS}
        for split, part in self.parts.items():
            require_rows(name, split, len(part.images), "images")
        count = self._classes(name, classes)
        spaces = {"real": Space(self.parts["train"].images.shape, Pixels.bounds)}
        steps = [preprocessing, PIXELS.definition]
        super().__init__(
            name,
            "images",
            {split: part.fields() for split, part in self.parts.items()},
            streams={"real": "real"} if count is None else {"real": "real", "labelled": ("real", "label")},
            spaces=spaces if count is None else spaces | {"label": Space(classes=count)},
            scales={"real": PIXELS},
            truth=Truth(classes=count),
            version=version,
            content_hash=content_hash,
            definition={"name": name, "version": version, "preprocessing": steps},
            extractor=extractor,
        )

    def _classes(self, name: str, stated: int | None) -> int | None:
        """Return the number of classes; raise DatasetError unless all splits have labels, or none has."""
        labels = {split: part.labels for split, part in self.parts.items() if part.labels is not None}
        if not labels and stated is None:
            return None
        for split in SPLITS:
            if split not in labels:
                why = f"classes = {stated}" if stated is not None else "other splits have labels"
                raise DatasetError(
                    f"{name}: {why}, but the {split} split has no labels: give Split.of(images, labels)"
                    + (", or leave out classes" if stated is not None else "")
                )
        try:
            return count_classes(list(labels.values()), stated)
        except DatasetError as error:
            raise DatasetError(f"{name}: {error}") from error
