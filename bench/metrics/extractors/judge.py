"""The judge of perceptual distance: a small network of textures that no loss uses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.metrics.extractors.base import Outputs
from gan_bench.bench.metrics.extractors.weights import FOLDER, checked

NAME = "grain"
BATCH = 64
WIDTHS = (24, 48, 96)
TINY = 1e-10  # added to squared lengths of features, as in LPIPS


class Grain(nn.Module):
    """Three convolutions of stride 2 with ELU, each followed by one of stride 1, and a dense layer.

    Args:
        classes: images whose crops it was trained to tell apart.
    """

    def __init__(self, classes: int):
        super().__init__()
        before = (3, *WIDTHS[:-1])
        self.halve = nn.ModuleList(
            nn.Conv2d(a, b, 5, stride=2, padding=2) for a, b in zip(before, WIDTHS, strict=True)
        )
        self.mix = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for width in WIDTHS)
        self.end = nn.Linear(WIDTHS[-1], classes)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the features at 1/2, 1/4 and 1/8 of the side of images (n, 3, h, w) in [-1, 1]."""
        found = []
        for halve, mix in zip(self.halve, self.mix, strict=True):
            images = F.elu(mix(F.elu(halve(images))))
            found.append(images)
        return found

    def forward(self, images: Tensor) -> Outputs:
        """Features (n, 96), means over positions, and logits (n, classes)."""
        features = self.maps(images)[-1].mean((2, 3))
        return Outputs(features, self.end(features))


class Judge:
    """`Grain` as an extractor, and the distance of pairs of images on its features."""

    def __init__(self, sha256: str, network: Grain, device: str = "cpu"):
        self.suffix, self.sha256 = NAME, sha256
        self._device = torch.device(device)
        self._dtype = torch.float64 if self._device.type == "cuda" else torch.float32  # as for LeNets
        self._network = network.to(self._device, self._dtype).eval().requires_grad_(False)

    def __call__(self, images: Tensor) -> Outputs:
        """Features and logits of uint8 images (n, 3, height, width)."""
        outputs = [self._network(part) for part in self._parts(images)]
        features, logits = (torch.cat(parts).float() for parts in zip(*outputs, strict=True))
        return Outputs(features, logits)

    def distances(self, images: Tensor, others: Tensor) -> Tensor:
        """Return the distance of each of n pairs of uint8 images (n, 3, height, width), float64 (n,).

        The features at each position are scaled to length 1, their squared difference is averaged over
        positions, and the three layers are added: LPIPS (Zhang et al. 2018, arXiv:1801.03924, eq. 1) with
        equal weights of channels.
        """
        parts = zip(self._parts(images), self._parts(others), strict=True)
        return torch.cat([self._pairs(*pair).double().cpu() for pair in parts])

    def _pairs(self, images: Tensor, others: Tensor) -> Tensor:
        layers = zip(self._network.maps(images), self._network.maps(others), strict=True)
        return torch.stack([(_unit(a) - _unit(b)).square().sum(1).mean((1, 2)) for a, b in layers]).sum(0)

    def _parts(self, images: Tensor) -> Iterator[Tensor]:
        if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3 or not len(images):
            raise MetricError(
                f"extractor {NAME} takes uint8 images of shape (n, 3, height, width), n > 0, "
                f"got {images.dtype} of shape {tuple(images.shape)}"
            )
        return (part.to(self._device, self._dtype).div(127.5).sub(1) for part in images.split(BATCH))


def _unit(features: Tensor) -> Tensor:
    return features / (features.square().sum(1, keepdim=True) + TINY).sqrt()


@cache
def load(device: str = "cpu", folder: Path = FOLDER) -> Judge:
    """Return the shipped judge; its weights are checked against the SHA-256 in its card.

    Raises:
        MetricError: the weights are missing, or are not the ones that the card describes.
    """
    sha256, tensors = checked(NAME, folder)
    network = Grain(len(tensors["end.bias"]))
    network.load_state_dict(tensors)
    return Judge(sha256, network, device)
