"""Mixtures of anisotropic components: the arms of a pinwheel, and VEEGAN's in 1,200 dimensions."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.hashing import hash_of
from gan_bench.datasets.registry import register_dataset
from gan_bench.datasets.sampled import Constants, labelled_dataset
from gan_bench.datasets.sources import Fields
from gan_bench.datasets.weights import equal


@register_dataset(
    "pinwheel",
    kind="planar",
    title="Pinwheel of 5 arms",
    source="Johnson et al. 2016 (arXiv:1603.06277), section 6",
)
def pinwheel() -> Dataset:
    """Return five Gaussian arms, bent by a rotation that grows with the radius; labels are arms.

    An arm starts as (1 + 0.3 a, 0.05 b) with standard normal a, b; the point is turned by 2 pi k / 5 + 0.25
    exp(1 + 0.3 a). Rotations keep lengths and the five arms are symmetric, so the mean is 0 and the
    covariance (1 + 0.3^2 + 0.05^2) / 2 times the identity.
    """
    arms, radial, tangential, rate = 5, 0.3, 0.05, 0.25

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Fields:
        chosen = torch.randint(arms, (count,), generator=generator, device=generator.device)
        noise = torch.randn(count, 2, generator=generator, device=generator.device, dtype=dtype)
        out, across = (noise[:, 0] * radial + 1, noise[:, 1] * tangential)
        angle = chosen.to(dtype) * (2 * math.pi / arms) + rate * out.exp()
        cos, sin = angle.cos(), angle.sin()
        points = torch.stack((out * cos - across * sin, out * sin + across * cos), dim=1)
        return {"real": points, "label": chosen}

    std = math.sqrt((1 + radial**2 + tangential**2) / 2)
    truth = Truth(
        mean=(0.0, 0.0),
        std=(std, std),
        classes=arms,
        weights=equal(arms),
        description="(1 + 0.3 a, 0.05 b) turned by 2 pi k / 5 + 0.25 exp(1 + 0.3 a), a, b ~ N(0, 1), k < 5",
    )
    return labelled_dataset("pinwheel", "planar", truth, draw)


@register_dataset(
    "mixture-1200d",
    kind="vectors",
    title="10 Gaussians of 700 in 1,200 dimensions",
    source="Srivastava et al. 2017 (VEEGAN), section 4.1 and table 1",
)
def mixture_1200d() -> Dataset:
    """Return ten Gaussians of 700 dimensions, each embedded in 1,200 by a random linear map of its own.

    x = c_k + A_k w, w ~ N(0, 0.05^2 I) of 700 dimensions, the entries of A_k N(0, 1 / 1200) and those of c_k
    N(0, 1), all from one seeded generator. VEEGAN states the numbers of components and dimensions and the
    rule (high quality within 10 sigma), not the maps, centres or sigma. With sigma = 0.05 no real sample
    would be of high quality, as samples lie sqrt(700) = 26 times that from their centre. Sigma is therefore a
    component's root mean square distance from its centre, about 1.32; centres are about 49 apart.
    """
    components, inner, outer, std = 10, 700, 1200, 0.05
    generator = torch.Generator().manual_seed(1200)
    centres = torch.randn(components, outer, generator=generator)
    maps = torch.randn(components, inner, outer, generator=generator).div_(math.sqrt(outer))
    placed_centres, placed_maps = Constants(centres), Constants(maps)

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> Fields:
        where = (generator.device, dtype)
        chosen = torch.randint(components, (count,), generator=generator, device=generator.device)
        noise = torch.randn(count, inner, generator=generator, device=generator.device, dtype=dtype).mul_(std)
        points = placed_centres(*where).index_select(0, chosen)
        for component, matrix in enumerate(placed_maps(*where)):
            rows = (chosen == component).nonzero().flatten()
            points.index_add_(0, rows, noise[rows] @ matrix)
        return {"real": points, "label": chosen}

    squares = std**2 * maps.double().square().sum(dim=1)  # variance by component and dimension
    modes: Tensor = centres.double()
    truth = Truth(
        mean=tuple(modes.mean(dim=0).tolist()),
        std=tuple((modes.var(dim=0, correction=0) + squares.mean(dim=0)).sqrt().tolist()),
        modes=modes,
        mode_std=math.sqrt(float(squares.sum(dim=1).mean())),
        quality_sigmas=10.0,
        classes=components,
        weights=equal(components),
        description="equal mixture of 10 c + A w, w ~ N(0, 0.05^2 I_700); quality within 10 rms radii",
    )
    constants = hash_of("centres and maps", centres.numpy(), maps.numpy())
    return labelled_dataset("mixture-1200d", "vectors", truth, draw, block=2_500, constants=constants)
