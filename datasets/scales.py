"""Scales: the conversion of one field between its raw values and those that networks see."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_bench.datasets.errors import DatasetError
from gan_bench.datasets.finite import all_finite


class Scale:
    """The identity: networks see the raw values as floats. A subclass defines both directions."""

    @property
    def definition(self) -> str:
        """Return the formula of `prepare`, which is part of the content hash of datasets."""
        return "raw"

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return raw values (..., *shape) as networks see them, as floats.

        Args:
            raw: raw values, any leading dimensions; unchanged.
            dtype: a floating type; default: the raw values' own, float32 for integers.
        """
        return raw.to(dtype or (raw.dtype if raw.is_floating_point() else torch.float32))

    def restore(self, samples: Tensor) -> Tensor:
        """Return prepared or generated samples (..., *shape) as raw values; the inverse of `prepare`."""
        return samples


@dataclass(frozen=True)
class Affine(Scale):
    """(raw - shift) / scale in each dimension of vectors.

    Attributes:
        shift, scale: one number for each entry of the last axis.

    Raises:
        DatasetError: for unequal numbers of them, numbers that are not finite, or a scale of 0.
    """

    shift: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        every = (*self.shift, *self.scale)
        if len(self.shift) != len(self.scale) or not all(map(math.isfinite, every)) or 0 in self.scale:
            raise DatasetError(
                f"shift = {self.shift} and scale = {self.scale}: expected equally many finite numbers, no "
                "scale of 0"
            )

    @property
    def definition(self) -> str:
        """Return the formula with its numbers."""
        return f"(raw - {self.shift}) / {self.scale}"

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return (raw - shift) / scale."""
        # By columns with plain numbers: constants as tensors would have to travel to a GPU for every batch.
        columns = zip(super().prepare(raw, dtype).unbind(-1), self.shift, self.scale, strict=True)
        return torch.stack([(column - shift) / scale for column, shift, scale in columns], dim=-1)

    def restore(self, samples: Tensor) -> Tensor:
        """Return samples * scale + shift."""
        columns = zip(samples.unbind(-1), self.shift, self.scale, strict=True)
        return torch.stack([column * scale + shift for column, shift, scale in columns], dim=-1)


class Pixels(Scale):
    """Bytes of images, which networks see in [-1, 1]."""

    bounds = (-1.0, 1.0)

    @property
    def definition(self) -> str:
        """Return the formula."""
        return "uint8 / 127.5 - 1"

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return uint8 / 127.5 - 1, in [-1, 1]; float32 unless `dtype` is given."""
        return (super().prepare(raw, dtype) / 127.5).sub_(1)

    def restore(self, samples: Tensor) -> Tensor:
        """Return samples in [-1, 1] as uint8, rounded half to even; values outside are clamped.

        Raises:
            ValueError: for samples that are not finite, which have no pixels.
        """
        if not all_finite(samples):
            raise ValueError("samples that are not finite have no pixels")
        return samples.add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)


class Levels(Scale):
    """Brightness from 0 to 255 as floats, unrounded and unlimited: of images that were resized."""

    @property
    def definition(self) -> str:
        """Return the formula."""
        return "float / 127.5 - 1"

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return raw / 127.5 - 1."""
        return (super().prepare(raw, dtype) / 127.5).sub_(1)

    def restore(self, samples: Tensor) -> Tensor:
        """Return (samples + 1) * 127.5."""
        return samples.add(1).mul_(127.5)


IDENTITY = Scale()
PIXELS = Pixels()
