"""Inputs that are two things at once: samples with labels or codes."""

from __future__ import annotations

import torch
from torch import Tensor


def one_hot(labels: Tensor, classes: int, like: Tensor) -> Tensor:
    """Labels ``[batch]`` (int64) as vectors ``[batch, classes]`` of 0 and 1, of the type of ``like``."""
    return (labels[:, None] == torch.arange(classes, device=labels.device)).to(like.dtype)


def joined_shape(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Shape of a sample joined with a vector of ``size``: longer, or with more channels."""
    return (shape[0] + size, *shape[1:])


def join(samples: Tensor, vectors: Tensor) -> Tensor:
    """Put vectors ``[batch, size]`` beside samples ``[batch, d]``, or onto images as constant channels."""
    for side in samples.shape[2:]:
        vectors = vectors[..., None].expand(*vectors.shape, side)
    return torch.cat((samples, vectors), dim=1)
