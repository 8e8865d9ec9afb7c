"""The interface of a feature extractor: raw images in, features and logits out."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor


class Outputs(NamedTuple):
    """Features and class logits of n images, float32, on the extractor's device or on the CPU."""

    features: Tensor  # (n, f)
    logits: Tensor  # (n, classes)

    def to(self, device: torch.device) -> Outputs:
        """Return the same on a device."""
        return Outputs(self.features.to(device), self.logits.to(device))


class Extractor(Protocol):
    """A fixed network whose weights are known by their hash."""

    @property
    def suffix(self) -> str:
        """Joined to the names of metrics ("lenet28": `fid_lenet28`); empty for Inception's plain `fid`."""

    @property
    def sha256(self) -> str:
        """SHA-256 of all that the outputs depend on, in hexadecimal; part of the protocol."""

    def __call__(self, images: Tensor) -> Outputs:
        """Features of uint8 images of shape (n, channels, height, width)."""
