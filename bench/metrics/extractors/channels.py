"""An extractor of grey images on every channel of an image: the read-out of stacked digits."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.metrics.extractors.base import Extractor, Outputs

CHANNELS = 3


class Channels:
    """Features side by side, and a class for every combination of the channels' classes.

    Channels are read independently, so the log-probability of class ``100 a + 10 b + c`` is the sum of those
    of a, b and c: these are the logits.

    Args:
        single: extractor of images (n, 1, height, width).
    """

    def __init__(self, single: Extractor):
        self.single = single
        self.suffix = f"{single.suffix}x{CHANNELS}"
        self.sha256 = single.sha256

    def __call__(self, images: Tensor) -> Outputs:
        """Features (n, 3 f) and logits (n, classes^3) of uint8 images (n, 3, height, width).

        Raises:
            MetricError: the images have another number of channels.
        """
        if images.ndim != 4 or images.shape[1] != CHANNELS:
            raise MetricError(
                f"extractor {self.suffix} takes images of {CHANNELS} channels, got {tuple(images.shape)}"
            )
        features, logits = self.single(images.flatten(0, 1)[:, None])
        by_channel = logits.log_softmax(1).unflatten(0, (-1, CHANNELS))
        joint = by_channel[:, 0]
        for channel in range(1, CHANNELS):
            joint = torch.flatten(joint[:, :, None] + by_channel[:, None, channel], 1)
        return Outputs(features.unflatten(0, (-1, CHANNELS)).flatten(1), joint)
