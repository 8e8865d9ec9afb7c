"""LeNet28: LeNet-5 (LeCun et al. 1998, sec. II-B) with ReLU and max pooling, for 28x28 images."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.metrics.extractors.base import Outputs
from gan_bench.bench.metrics.extractors.weights import FOLDER, checked

FEATURES = 84
BATCH = 500
"""Images at a time on a CPU, which fit its cache."""
BATCH_ON_DEVICE = 5000
"""On a GPU: enough to fill it, 0.4 GB of the first layer's outputs in float64."""


class LeNet(nn.Module):
    """Two convolutions and three linear layers, 61,706 weights for grey images in [-1, 1]."""

    def __init__(self, classes: int = 10, channels: int = 1):
        super().__init__()
        self.channels = channels
        self.conv1 = nn.Conv2d(channels, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, FEATURES)
        self.fc3 = nn.Linear(FEATURES, classes)

    def forward(self, images: Tensor) -> Outputs:
        """Features (n, 84), after their ReLU, and logits (n, classes) of images (n, channels, 28, 28)."""
        hidden = F.relu(_pooled(self.conv1, images))  # pooling first quarters the work of the ReLU
        hidden = F.relu(_pooled(self.conv2, hidden))
        hidden = F.relu(self.fc1(hidden.flatten(1)))
        features = F.relu(self.fc2(hidden))
        return Outputs(features, self.fc3(features))


def _pooled(layer: nn.Conv2d, images: Tensor) -> Tensor:
    """`max_pool2d(layer(images), 2)`, in half the time on a CPU.

    The four values that a maximum is taken over come from one convolution of stride 2, with four times the
    channels: each kernel in the four corners of one a pixel larger. The maximum is then one of whole tensors.
    """
    weight, bias = layer.weight, layer.bias
    assert bias is not None
    corners = [F.pad(weight, (x, 1 - x, y, 1 - y)) for y in (0, 1) for x in (0, 1)]
    four = F.conv2d(images, torch.cat(corners), bias.repeat(4), stride=2, padding=layer.padding)
    one, two, three, last = four.chunk(4, 1)
    return torch.maximum(torch.maximum(one, two), torch.maximum(three, last))


class LeNetExtractor:
    """A trained `LeNet` as an extractor: the dataset's own classifier."""

    def __init__(self, suffix: str, sha256: str, network: LeNet, device: str = "cpu"):
        self.suffix = suffix
        self.sha256 = sha256
        self._device = torch.device(device)
        # A GPU's float32 convolutions are TF32 by default, three digits only; these networks are small enough
        # for float64 there, so that a score does not depend on the device.
        self._dtype = torch.float64 if self._device.type == "cuda" else torch.float32
        network = network.to(self._device, self._dtype)
        self._network = network.eval().requires_grad_(False)

    @torch.no_grad()
    def _outputs(self, images: Tensor) -> Outputs:
        size = BATCH if self._device.type == "cpu" else BATCH_ON_DEVICE
        batches = (batch.to(self._device, self._dtype).div(127.5).sub(1) for batch in images.split(size))
        outputs = [self._network(batch) for batch in batches]
        features, logits = (torch.cat(parts).float() for parts in zip(*outputs, strict=True))
        return Outputs(features, logits)

    def __call__(self, images: Tensor) -> Outputs:
        """Features and logits of uint8 images (n, channels, 28, 28); grey ones are taken as equal channels.

        Raises:
            MetricError: the images have another type or shape.
        """
        channels = self._network.channels
        fits = images.ndim == 4 and images.shape[1] in (1, channels) and images.shape[2:] == (28, 28)
        if images.dtype != torch.uint8 or not fits or not len(images):
            raise MetricError(
                f"extractor {self.suffix} takes uint8 images of shape (n, {channels}, 28, 28), n > 0, "
                f"got {images.dtype} of shape {tuple(images.shape)}"
            )
        return self._outputs(images.expand(-1, channels, -1, -1))


@cache
def load(name: str, device: str = "cpu", folder: Path = FOLDER) -> LeNetExtractor:
    """Return the shipped extractor `name`; its weights are checked against the SHA-256 in its card.

    Raises:
        MetricError: the weights are missing, or are not the ones that the card describes.
    """
    sha256, tensors = checked(name, folder)
    network = LeNet(channels=tensors["conv1.weight"].shape[1])
    network.load_state_dict(tensors)
    return LeNetExtractor(name, sha256, network, device)
