"""Latents: numbered draws, paths between them, and sums of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.streams import stream
from gan_bench.variants.noise import Noise

BLOCK = 64  # rows drawn at a time
SPHERICAL = ("normal", "sphere")
CONTINUOUS = (*SPHERICAL, "uniform")

_TERM = r"\d+|\(\s*\d+(?:\s*,\s*\d+)*\s*\)"


@dataclass(frozen=True)
class Term:
    """One term of a sum: the average of the draws `indices`, added (`sign` 1) or subtracted (-1)."""

    sign: int
    indices: tuple[int, ...]

    @property
    def text(self) -> str:
        """Text of the term: `3`, or `(3, 5)` for an average."""
        return str(self.indices[0]) if len(self.indices) == 1 else str(self.indices)


def parse_arithmetic(text: str, count: int) -> list[Term]:
    """Read `3 - 7 + (12, 4)` as terms; raise UsageError for other texts and for indices not below `count`."""
    if not re.fullmatch(rf"\s*[+-]?\s*(?:{_TERM})\s*(?:[+-]\s*(?:{_TERM})\s*)*", text):
        raise UsageError(
            f"--arithmetic {text!r}: expected sums of indices, or of averages in parentheses, as in "
            "'3 - 7 + 12' or '(3, 5) - (7, 9) + 12'"
        )
    matches = re.findall(rf"([+-]?)\s*({_TERM})", text)
    terms = [Term(-1 if sign == "-" else 1, tuple(map(int, re.findall(r"\d+", of)))) for sign, of in matches]
    if (largest := max(index for term in terms for index in term.indices)) >= count:
        raise UsageError(
            f"--arithmetic {text!r}: there is no latent {largest}; -n draws {count}, with the numbers 0 to "
            f"{count - 1}"
        )
    return terms


def draw(declared: Mapping[str, Noise], count: int, seed: int) -> dict[str, Tensor]:
    """Draw ``[count, *shape]`` of every noise from streams of `seed`.

    Draws are made in blocks, so the row of an index does not depend on `count`.
    """

    def rows(name: str, noise: Noise) -> Tensor:
        generator = stream(seed, "sample", name)
        blocks = [noise.draw(1, BLOCK, generator)[0] for _ in range(math.ceil(count / BLOCK))]
        return torch.cat(blocks)[:count]

    return {name: rows(name, noise) for name, noise in declared.items()}


def interpolate(noise: Noise, start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Return paths ``[pairs, steps, *shape]`` from `start` to `end` (``[pairs, *shape]``), both included.

    Paths follow great circles for normal and spherical laws, whose mass lies in a shell that a straight line
    leaves, and straight lines for the uniform law. Discrete noise (a label) keeps its value at the start.
    """
    pairs = len(start)
    if noise.law not in CONTINUOUS:
        return start.unsqueeze(1).expand(pairs, steps, *noise.shape)
    first, last = (ends.reshape(pairs, -1).double() for ends in (start, end))
    t = torch.linspace(0, 1, steps, dtype=torch.float64)
    if noise.law in SPHERICAL:
        points = slerp(first, last, t)
    else:
        points = torch.lerp(first.unsqueeze(1), last.unsqueeze(1), t[:, None])
    return points.to(start.dtype).reshape(pairs, steps, *noise.shape)


def slerp(start: Tensor, end: Tensor, t: Tensor) -> Tensor:
    """Spherical interpolation ``[pairs, steps, d]`` of ``[pairs, d]`` at `t` ``[steps]`` in [0, 1].

    sin((1 - t) w) / sin w a + sin(t w) / sin w b, with w the angle between a and b (White 2016,
    arXiv:1609.04468); a straight line if both lie on one line through the origin.
    """
    cosine = torch.nn.functional.cosine_similarity(start, end, dim=1).clamp(-1, 1)
    angle = cosine.arccos()[:, None]
    sine = angle.sin()
    straight = sine < 1e-6
    first = torch.where(straight, 1 - t, ((1 - t) * angle).sin() / sine)
    second = torch.where(straight, t, (t * angle).sin() / sine)
    return first[..., None] * start[:, None] + second[..., None] * end[:, None]


def combine(noise: Noise, terms: Sequence[Term], draws: Tensor) -> Tensor:
    """Return ``[terms + 1, *shape]``: every term, then their sum, of the rows of `draws`.

    Averages and sums leave the prior's support or its shell, where the generator was not trained. They are
    projected back: for normal and spherical laws to the mean length of their draws, for the uniform law to
    the nearest point of the cube. Discrete noise (a label) is that of the first draw.
    """
    if noise.law not in CONTINUOUS:
        firsts = [term.indices[0] for term in terms]
        return draws[[*firsts, firsts[0]]]
    flat = draws.reshape(len(draws), -1).double()
    means = torch.stack([flat[list(term.indices)].mean(0) for term in terms])
    signs = torch.tensor([term.sign for term in terms], dtype=torch.float64)
    points = torch.cat([means, (signs[:, None] * means).sum(0, keepdim=True)])
    if noise.law == "uniform":
        points = points.clamp(noise.low, noise.high)
    else:
        used = [list(term.indices) for term in terms]
        every = [index for rows in used for index in rows]
        lengths = [flat[rows].norm(dim=1).mean() for rows in [*used, every]]
        points = torch.nn.functional.normalize(points, dim=1) * torch.stack(lengths)[:, None]
    return points.to(draws.dtype).reshape(len(points), *noise.shape)
