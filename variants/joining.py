"""Samples joined with labels or codes, and critics of such pairs."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from gan_bench.variants.base import Play
from gan_bench.variants.two_player import TwoPlayer


def one_hot(labels: Tensor, classes: int, like: Tensor) -> Tensor:
    """Return labels ``[batch]`` (int64) as vectors ``[batch, classes]`` of 0 and 1, typed as ``like``."""
    return (labels[:, None] == torch.arange(classes, device=labels.device)).to(like.dtype)


def joined_shape(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Return the shape of a sample joined with a vector of ``size``, as features or as channels."""
    first, *rest = shape
    return (first + math.ceil(size / math.prod(rest)), *rest)


def join(samples: Tensor, vectors: Tensor) -> Tensor:
    """Append vectors ``[batch, size]`` to samples ``[batch, *shape]``; channels are filled up with 0."""
    first, *rest = joined_shape(samples.shape[1:], vectors.shape[1])
    shape = (first - samples.shape[1], *rest)
    filled = pad(vectors, (0, math.prod(shape) - vectors.shape[1]))
    return torch.cat((samples, filled.reshape(-1, *shape)), dim=1)


class Pairs(TwoPlayer):
    """The critic tells pairs of a real sample and its code from pairs of a generated one and its latent."""

    @property
    def judged_shape(self) -> tuple[int, ...]:
        """Return the shape of a sample joined with its latent."""
        return joined_shape(self.data.shape, self.settings.latent_dim)

    def code(self, play: Play, samples: Tensor) -> Tensor:
        """Return codes ``[batch, latent_dim]`` of real samples."""
        raise NotImplementedError

    def real_samples(self, play: Play) -> Tensor:
        """Return pairs (x, code of x)."""
        real = play.batch["real"]
        return join(real, self.code(play, real))

    def fake_samples(self, play: Play) -> Tensor:
        """Return pairs (G(z), z)."""
        return join(super().fake_samples(play), play.noise["latent"])
