"""Precision, recall, density and coverage from one pair of distance matrices, the real side's kept.

The values of precision and recall are torch-fidelity's (a test holds them together); its own function would
compute the real side's matrix anew for every model.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
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
    return (made.distances(target) <= _radii(target, MANIFOLD_K)).any(1).double().mean().item()


@register("recall", title="Recall", unit="fraction of real", high=1.0, settings={"k": MANIFOLD_K}, **_FIELDS)
def recall(made: Samples, target: Samples, _truth: Truth) -> float:
    """Fraction of real images that lie near generated ones in the extractor's features.

    Near: inside some generated image's ball to its 3rd nearest generated neighbour (Kynkäänniemi et al. 2019,
    eq. 2).
    """
    return (made.distances(target) <= _radii(made, MANIFOLD_K)[:, None]).any(0).double().mean().item()


@register("density", title="Density", settings={"k": DENSITY_K}, **_FIELDS)
def density(made: Samples, target: Samples, _truth: Truth) -> float:
    """Number of real images near a generated one, relative to that of real data, which is about 1.

    Mean number of real images whose ball to the 5th nearest real neighbour holds a generated image, over 5
    (Naeem et al. 2020).
    """
    inside = made.distances(target) <= _radii(target, DENSITY_K)
    return inside.sum(1).double().mean().item() / DENSITY_K


@register(
    "coverage", title="Coverage", unit="fraction of real", high=1.0, settings={"k": DENSITY_K}, **_FIELDS
)
def coverage(made: Samples, target: Samples, _truth: Truth) -> float:
    """Fraction of real images with a generated one among their neighbours.

    The ball of a real image to its 5th nearest real neighbour holds a generated image (Naeem et al. 2020).
    """
    return (made.distances(target) <= _radii(target, DENSITY_K)).any(0).double().mean().item()


def _radii(samples: Samples, k: int) -> Tensor:
    return samples.nearest[:, k - 1]
