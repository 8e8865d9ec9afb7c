"""Two domains in the plane and the map between them: unpaired translation with a known answer."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.sampled import Constants, SampledDataset
from gan_bench.datasets.weights import equal

CENTRES = ((-1.0, -0.6), (-0.9, 0.7), (0.1, 0.1), (0.8, 0.9), (1.2, -0.8))
SPREAD = 0.08
ANGLE, SHIFT = math.pi / 12, (0.2, -0.1)


@register_dataset(
    "turned",
    kind="planar",
    title="Five Gaussians and the same turned",
    source="domain_b is domain_a turned by 15 degrees and moved by (0.2, -0.1)",
)
def turned() -> Dataset:
    """Return unpaired samples of five Gaussians (``domain_a``) and of them turned and moved (``domain_b``).

    No rotation or reflection maps the five centres to themselves, so the map between the domains is unique up
    to maps inside a component, and translators can be measured by it. ``real`` is ``domain_b``.
    """
    turn = torch.tensor(
        [[math.cos(ANGLE), math.sin(ANGLE)], [-math.sin(ANGLE), math.cos(ANGLE)]], dtype=torch.float64
    )
    centres = torch.tensor(CENTRES, dtype=torch.float64)
    moved = centres @ turn + torch.tensor(SHIFT, dtype=torch.float64)
    first, second = Constants(centres), Constants(moved)

    def around(placed: Constants, count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        # A rotation does not change isotropic components, so only the centres of the domains differ.
        chosen = torch.randint(len(CENTRES), (count,), generator=generator, device=generator.device)
        noise = torch.randn(count, 2, generator=generator, device=generator.device, dtype=dtype)
        return noise.mul_(SPREAD).add_(placed(generator.device, dtype).index_select(0, chosen))

    def domain_a(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        return around(first, count, generator, dtype)

    def domain_b(count: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        return around(second, count, generator, dtype)

    def mapping(points: np.ndarray) -> np.ndarray:
        return np.asarray(points, dtype=np.float64) @ turn.numpy() + SHIFT

    def back(points: np.ndarray) -> np.ndarray:
        return (np.asarray(points, dtype=np.float64) - SHIFT) @ turn.numpy().T

    truth = Truth(
        mean=tuple(moved.mean(dim=0).tolist()),
        std=tuple((moved.var(dim=0, correction=0) + SPREAD**2).sqrt().tolist()),
        modes=moved,
        mode_std=SPREAD,
        weights=equal(len(moved)),
        mapping={
            ("domain_a", "domain_b"): mapping,
            ("domain_a", "real"): mapping,
            ("domain_b", "domain_a"): back,
        },
        description=f"five N(c, {SPREAD}^2 I), c in {CENTRES}; domain_b turned by pi / 12, moved by {SHIFT}",
    )
    others = {"domain_a": domain_a, "domain_b": domain_b}
    return SampledDataset("turned", "planar", (2,), truth, domain_b, others=others)
