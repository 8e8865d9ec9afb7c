"""Precision, recall, density and coverage, from one pass over the distances of generated and real images.

Distances are computed in blocks of rows, whose memory does not grow with the number of images. The real
side's neighbours are kept. The values of precision and recall are torch-fidelity's (a test holds them
together); its own function would compute the real side anew for every model.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import NEIGHBOURS, Samples
from gan_bench.datasets.base import Truth

MANIFOLD_K = 3  # Kynkaanniemi et al. 2019
DENSITY_K = 5  # Naeem et al. 2020

_FIELDS: dict[str, Any] = {
    "direction": "max",
    "low": 0.0,
    "when": "final",
    "kinds": ("images",),
    "extractor": "features",
    "version": 2,  # 2: distances without cancellation
}


@register(
    "precision",
    title="Precision",
    unit="fraction of generated",
    high=1.0,
    settings={"k": MANIFOLD_K},
    **_FIELDS,
)
def precision(made: Samples, target: Samples, _truth: Truth) -> float:
    """Fraction of generated images that lie near real ones in the extractor's features.

    Near: inside some real image's ball to its 3rd nearest real neighbour (Kynkäänniemi et al. 2019, eq. 2).
    """
    return _in_real_balls(made, target).near.double().mean().item()


@register("recall", title="Recall", unit="fraction of real", high=1.0, settings={"k": MANIFOLD_K}, **_FIELDS)
def recall(made: Samples, target: Samples, _truth: Truth) -> float:
    """Fraction of real images that lie near generated ones in the extractor's features.

    Near: inside some generated image's ball to its 3rd nearest generated neighbour (Kynkäänniemi et al. 2019,
    eq. 2).
    """
    _ = made.features, made.nearest  # undefined for too few
    recalled = made.once(_passed, target).recalled
    assert recalled is not None
    return recalled.double().mean().item()


@register("density", title="Density", settings={"k": DENSITY_K}, **_FIELDS)
def density(made: Samples, target: Samples, _truth: Truth) -> float:
    """Number of real images near a generated one, relative to that of real data, which is about 1.

    Mean number of real images whose ball to the 5th nearest real neighbour holds a generated image, over 5
    (Naeem et al. 2020).
    """
    return _in_real_balls(made, target).balls.double().mean().item() / DENSITY_K


@register(
    "coverage", title="Coverage", unit="fraction of real", high=1.0, settings={"k": DENSITY_K}, **_FIELDS
)
def coverage(made: Samples, target: Samples, _truth: Truth) -> float:
    """Fraction of real images with a generated one among their neighbours.

    The ball of a real image to its 5th nearest real neighbour holds a generated image (Naeem et al. 2020).
    """
    return _in_real_balls(made, target).covered.double().mean().item()


class _InRealBalls(NamedTuple):
    """Generated images in the balls of the m real ones, bool but for `balls`."""

    near: Tensor  # (n,): in some ball to the 3rd neighbour
    balls: Tensor  # (n,): number of the balls to the 5th neighbour that it is in
    covered: Tensor  # (m,): the ball to the 5th neighbour holds a generated image


class _Passed(NamedTuple):
    """Results of one pass over all distances; None of a side that is too small to have neighbours."""

    real: _InRealBalls | None
    recalled: Tensor | None  # (m,), bool: in some generated image's ball to its 3rd neighbour


def _in_real_balls(made: Samples, target: Samples) -> _InRealBalls:
    _ = made.features, target.nearest  # undefined for too few
    found = made.once(_passed, target).real
    assert found is not None
    return found


def _passed(made: Samples, target: Samples) -> _Passed:
    """Pass over the distances of generated and real images once, in blocks of rows."""
    if not len(made) or not len(target):
        raise Undefined(f"there are no {'real' if len(made) else 'generated'} images")
    theirs = target.nearest if len(target) > NEIGHBOURS else None
    ours = made.nearest if len(made) > NEIGHBOURS else None
    near, balls = [], []
    covered, recalled = target.features.new_zeros(2, len(target), dtype=torch.bool)
    for rows, distances in made.distances(target):
        if theirs is not None:
            near.append((distances <= theirs[:, MANIFOLD_K - 1]).any(1))
            inside = distances <= theirs[:, DENSITY_K - 1]
            balls.append(inside.sum(1))
            covered |= inside.any(0)
        if ours is not None:
            recalled |= (distances <= ours[rows, MANIFOLD_K - 1, None]).any(0)
    return _Passed(
        None if theirs is None else _InRealBalls(torch.cat(near), torch.cat(balls), covered),
        None if ours is None else recalled,
    )
