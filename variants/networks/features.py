"""Convolutions in VGG's form up to one layer, whose maps of features perceptual losses compare."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

Blocks = Sequence[tuple[int, int]]
"""Channels and number of convolutions of each block; max pooling lies between blocks."""


class FeatureMaps(nn.Module):
    """Convolutions of 3x3 with ReLU in blocks, named as in torchvision's VGG.

    Args:
        blocks: of the whole network.
        layer: ``"i,j"``, the j-th convolution of the i-th block; later layers are left out.
        activated: return the features after their ReLU (SRGAN), else before it (ESRGAN).
        mean, std: of each channel of images from 0 to 1, which are subtracted and divided by.

    Raises:
        ValueError: if the network has no such layer.
    """

    shift: Tensor
    scale: Tensor

    def __init__(
        self, blocks: Blocks, layer: str, *, activated: bool,
        mean: Sequence[float] = (0.5, 0.5, 0.5), std: Sequence[float] = (0.5, 0.5, 0.5),
    ) -> None:  # fmt: skip
        super().__init__()
        if layer not in (known := layers_of(blocks)):
            raise ValueError(f"layer {layer!r}: one of {', '.join(known)} expected")
        chain: list[nn.Module] = []
        channels = len(mean)
        for number, (width, count) in enumerate(blocks, 1):
            for convolution in range(1, count + 1):
                chain += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
                if f"{number},{convolution}" == layer:
                    break
            else:
                chain.append(nn.MaxPool2d(2))
                continue
            break
        self.features = nn.Sequential(*(chain if activated else chain[:-1]))
        shape = (-1, 1, 1)
        self.register_buffer("shift", torch.tensor(mean, device="cpu").view(shape), persistent=False)
        self.register_buffer("scale", torch.tensor(std, device="cpu").view(shape), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``[batch, channels, h, w]`` in [-1, 1] to ``[batch, features, h', w']``."""
        return self.features(((images + 1) / 2 - self.shift) / self.scale)


def layers_of(blocks: Blocks) -> list[str]:
    """Return the names of all convolutions, first to last."""
    return [f"{number},{n + 1}" for number, (_, count) in enumerate(blocks, 1) for n in range(count)]
