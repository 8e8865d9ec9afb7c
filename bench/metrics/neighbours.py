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


@register("precision", title="Precision", high=1.0, settings={"k": MANIFOLD_K}, **_FIELDS)
def precision(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Fraction of fakes inside some real's ball to its 3rd neighbour (Kynkaanniemi et al. 2019, eq. 2)."""
    return (fake.distances(real) <= _radii(real, MANIFOLD_K)).any(1).double().mean().item()


@register("recall", title="Recall", high=1.0, settings={"k": MANIFOLD_K}, **_FIELDS)
def recall(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Fraction of reals inside some fake's ball to its 3rd neighbour (Kynkaanniemi et al. 2019, eq. 2)."""
    return (fake.distances(real) <= _radii(fake, MANIFOLD_K)[:, None]).any(0).double().mean().item()


@register("density", title="Density", settings={"k": DENSITY_K}, **_FIELDS)
def density(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Mean number of real balls around a fake, over k (Naeem et al. 2020, k=5); about 1 for the truth."""
    inside = fake.distances(real) <= _radii(real, DENSITY_K)
    return inside.sum(1).double().mean().item() / DENSITY_K


@register("coverage", title="Coverage", high=1.0, settings={"k": DENSITY_K}, **_FIELDS)
def coverage(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Fraction of real balls that hold a fake (Naeem et al. 2020, k=5)."""
    return (fake.distances(real) <= _radii(real, DENSITY_K)).any(0).double().mean().item()


def _radii(samples: Samples, k: int) -> Tensor:
    return samples.nearest[:, k - 1]
