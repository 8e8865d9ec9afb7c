"""Metrics of translation in both directions: distance to the answer, labels that are kept, cycles."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from gan_bench.bench.metrics.base import Compute, Undefined
from gan_bench.bench.metrics.fidelity import fid
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import WHITE, Samples
from gan_bench.bench.metrics.tasks import right_share
from gan_bench.datasets.base import Truth

ANSWERED = ("mapping", "pairs", "moves", "low_high")
"""Known maps, and streams whose rows hold an input with its answer."""
DOMAINS = ("domain_b", "pairs", "moves", "low_high")
"""Streams of data that can be translated."""
BACK = "_back"
DRAWS = 4  # outputs of one input


def both_ways(
    name: str, *, title: str, ability: str = "translate", ranks: tuple[str, ...] = (), **fields: Any
) -> Callable[[Compute], Compute]:
    """Register a metric of an ability, and the same metric of the other direction as ``NAME_back``.

    Args:
        name, title, fields: as in `register`.
        ability: of the first direction; the other one's name ends in ``_back``.
        ranks: as in `register`; tables of data with two directions are ranked by the first one.
    """
    two = ("mapping",) if fields.get("paired") and ability == "translate" else ("domain_b",)

    def add(compute: Compute) -> Compute:
        register(name, title=title, ability=ability, ranks=ranks, **fields)(compute)
        back = {**fields, "ability": ability + BACK, "any_of": two}
        register(name + BACK, title=f"{title}, back", **back)(compute)
        return compute

    return add


def error_of_images(made: Samples, target: Samples) -> np.ndarray:
    """Return the absolute difference of images of 0 to 255, in shares of 255, shape (n, d)."""
    return np.abs(made.coordinates - target.coordinates) / WHITE


@both_ways(
    "l1",
    title="L1",
    unit="share of the range",
    direction="min",
    paired=True,
    low=0.0,
    high=1.0,
    kinds=("images",),
    splits=("test", "validation"),
    ranks=("mapping", "pairs", "moves"),
    any_of=ANSWERED,
)
def l1(made: Samples, target: Samples, _truth: Truth) -> float:
    """Mean absolute difference between translated images and the right ones.

    Of pixels from 0 to 1. The right image is the one that the data pair with the input, or the input's image
    under the known map.
    """
    return float(error_of_images(made, target).mean())


@both_ways(
    "mapping_error",
    title="Error of the map",
    unit="data units",
    direction="min",
    paired=True,
    low=0.0,
    kinds=("scalar", "planar", "vectors"),
    truth=("mapping",),
    splits=("test", "validation"),
    ranks=("mapping",),
)
def mapping_error(made: Samples, target: Samples, _truth: Truth) -> float:
    """Mean Euclidean distance between translated held-out samples and their images under the known map."""
    return float(np.linalg.norm(made.coordinates - target.coordinates, axis=1).mean())


@both_ways(
    "label_kept",
    title="Label kept",
    unit="fraction of translated",
    direction="max",
    reads=("label",),
    low=0.0,
    high=1.0,
    kinds=("images",),
    truth=("classes",),
    any_of=DOMAINS,
    extractor="classes",
    splits=("test", "validation"),
)
def label_kept(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Fraction of translated images whose class is that of their input, by the dataset's classifier."""
    return right_share(made.logits.argmax(1).cpu().numpy(), made)


@register(
    "fid_back",
    title="FID, back",
    direction="min",
    ability="translate_back",
    low=0.0,
    kinds=("images",),
    any_of=("domain_b",),
    extractor="features",
    splits=("test", "validation"),
)
def fid_back(made: Samples, target: Samples, truth: Truth) -> float:
    """FID between images translated back and real ones of the first domain.

    The FID of the other direction is `fid`, of samples.
    """
    return fid(made, target, truth)


@both_ways(
    "cycle_error",
    title="Cycle error",
    unit="normalised units",
    direction="min",
    ability="cycle",
    paired=True,
    low=0.0,
    any_of=("domain_b",),
    splits=("test", "validation"),
)
def cycle_error(made: Samples, target: Samples, _truth: Truth) -> float:
    """Mean absolute difference between samples and their translations there and back.

    On the scale that networks are trained on: of images it is twice the difference of pixels from 0 to 1. A
    small error does not show a right map, since every map with an inverse has cycles without an error.
    """
    return float(np.abs(made.prepared - target.prepared).mean())


@register(
    "style_error",
    title="Error of the style",
    unit="share of the range",
    direction="min",
    ability="restyle",
    paired=True,
    low=0.0,
    high=1.0,
    kinds=("images",),
    any_of=("restyles",),
    splits=("test", "validation"),
    ranks=("hued-digits",),
)
def style_error(made: Samples, target: Samples, _truth: Truth) -> float:
    """Mean absolute difference between images translated in the style of an example and the right ones.

    Of pixels from 0 to 1. It is small only where the content is of the input and the style of the example.
    """
    return float(error_of_images(made, target).mean())


@both_ways(
    "diversity",
    title="Diversity",
    unit="share of the range",
    direction=None,
    draws=DRAWS,
    when="final",
    low=0.0,
    high=1.0,
    kinds=("images",),
    any_of=("domain_b", "pairs"),
    settings={"draws": DRAWS},
)
def diversity(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Mean absolute difference between several translations of one image, made with other noise.

    Over all pairs of 4 outputs of each input, of pixels from 0 to 1; 0 where the translation has no noise.
    """
    if len(made.draws) < DRAWS:
        raise Undefined(f"{DRAWS} outputs of each input are compared, there are {len(made.draws)}")
    pairs = itertools.combinations(made.draws[:DRAWS], 2)
    return float(np.mean([error_of_images(one, other).mean() for one, other in pairs]))
