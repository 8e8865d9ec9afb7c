"""Metrics of codes: their distance to the prior."""

from __future__ import annotations

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.distances import PROJECTION_SEED, PROJECTIONS, between_slices, slices
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth


@register(
    "code_distance",
    title="Distance of codes to the prior",
    unit="standard deviations of the prior",
    direction="min",
    ability="encode",
    beside=("prior",),
    low=0.0,
    splits=("test", "validation"),
    settings={"order": 2, "projections": PROJECTIONS, "projection_seed": PROJECTION_SEED},
)
def code_distance(made: Samples, _target: None, _truth: Truth) -> float:
    """Sliced Wasserstein-2 distance between codes of held-out samples and as many draws of the prior.

    Coordinates are divided by the prior's standard deviation, so that priors of other widths compare. Two
    sets of draws differ as well, by the value in the row "draws of the prior". Codes of a stochastic encoder
    are means.
    """
    prior = made.beside["prior"].coordinates
    width = prior.std(0)
    if not width.all():
        raise Undefined("a coordinate of the prior is constant")
    return between_slices(slices(made.coordinates / width), slices(prior / width))
