"""Perceptual distance of restored images to the right ones, judged by a network that no loss uses."""

from __future__ import annotations

from gan_bench.bench.metrics.pictures import PAIRED
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth


@register(
    "perceptual", title="Perceptual distance", direction="min", ability="translate", low=0.0,
    truth=("border",), extractor="grain", when="final", **PAIRED,
)  # fmt: skip
def perceptual(made: Samples, target: Samples, _truth: Truth) -> float:
    """Distance of restored images to the right ones on features of textures, mean over the data's tiles.

    By the judge `grain`, a small network that learnt to tell crops of photographs apart; the networks of
    perceptual losses have another form and learnt from other photographs. Features are compared as in LPIPS
    (Zhang et al. 2018), see `bench.metrics.extractors.judge`.
    """
    return float(made.extractor.distances(made.rows, target.rows).mean())  # type: ignore[union-attr]
