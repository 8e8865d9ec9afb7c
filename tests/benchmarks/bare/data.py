"""Real batches as people hold them: in memory, or from a DataLoader."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.utils import data
from torchvision import transforms

Batches = Callable[[], Tensor]
ITEMS = 50_000
"""Samples that are drawn of infinite data for a DataLoader, about as many as MNIST has."""


def ring_batch(batch: int, device: str = "cpu") -> Batches:
    """Batches of the ring of eight Gaussians."""
    angles = torch.arange(8, device=device) * (2 * torch.pi / 8)
    centres = torch.stack((angles.cos(), angles.sin()), 1)
    return lambda: (
        centres[torch.randint(8, (batch,), device=device)] + 0.01 * torch.randn(batch, 2, device=device)
    )


def image_batch(images: Tensor, batch: int) -> Batches:
    """Batches of uint8 images ``[n, *shape]`` held in memory, as floats in [-1, 1]."""
    return lambda: (
        images[torch.randint(len(images), (batch,), device=images.device)].float().div_(127.5).sub_(1.0)
    )


def batches(dataset: Any, batch: int, device: str) -> Batches:
    """Real batches as a person would hold them: images in memory, the ring by hand."""
    if dataset.name == "ring":
        return ring_batch(batch, device)
    source = dataset.stream("real")
    if dataset.kind == "images":
        return image_batch(source.gather(torch.arange(len(source))).to(device), batch)
    generator = torch.Generator(device).manual_seed(0)
    return lambda: dataset.prepare(source.sample(batch, generator))


class Items(data.Dataset):
    """One sample at a time: images through PIL and two transforms, as tutorials have it."""

    def __init__(self, dataset: Any) -> None:
        source = dataset.stream("real")
        if dataset.kind == "images":
            self.rows = source.gather(torch.arange(len(source)))
        else:
            self.rows = dataset.prepare(source.sample(ITEMS, torch.Generator().manual_seed(0)))
        self.images = dataset.kind == "images"
        self.normalised = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Tensor:
        row = self.rows[index]
        if not self.images:
            return row
        pixels = row.movedim(0, -1).squeeze(-1).numpy()
        return self.normalised(Image.fromarray(pixels))


def classic_batches(dataset: Any, batch: int, device: str) -> Batches:
    """Batches of a DataLoader with its defaults, shuffled anew in every epoch, moved to the device."""
    loader = data.DataLoader(Items(dataset), batch, shuffle=True, drop_last=True)
    epochs = itertools.chain.from_iterable(iter(loader) for _ in itertools.count())
    return lambda: next(epochs).to(device)
