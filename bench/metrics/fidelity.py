"""FID, KID and Inception Score from features and logits.

Definitions, subsets and seeds are torch-fidelity's, and tests hold the values together. Its own functions
would compute the real side anew for every model, and importing them loads torchvision and torch's compiler:
three seconds in every worker.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.gaussian import frechet
from gan_bench.bench.metrics.histograms import bounded
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

KID_SUBSETS = 20  # 13 ms each; another seed moves the value by about 0.003 on lenet28
KID_SUBSET_SIZE = 1000
SPLITS = 10
SEED = 2020  # torch-fidelity's default: fixes the subsets, so that all trials are compared on the same ones


@register(
    "fid",
    title="FID",
    direction="min",
    low=0.0,
    kinds=("images",),
    extractor="features",
    splits=("test", "validation"),
    ranks=("images",),
)
def fid(made: Samples, target: Samples, _truth: Truth) -> float:
    """Fréchet distance between Gaussians fitted to features of real and of generated images.

    |m - m'|^2 + tr C + tr C' - 2 tr (C C')^(1/2) (Heusel et al. 2017, eq. 6). A distance that rounding brings
    below 0 is set to 0.
    """
    return bounded(frechet(made.gaussian, target.gaussian, target.root), 0.0)


@register(
    "fid_train",
    title="FID to training images",
    direction="min",
    low=0.0,
    kinds=("images",),
    extractor="features",
    seen=True,
)
def fid_train(made: Samples, seen: Samples, truth: Truth) -> float:
    """FID to training images; clearly below the FID to test images where the generator has memorised.

    The real side is the training split, or 10,000 images evenly spread over a larger one. FID falls a little
    with the number of real images, so a small difference from `fid` does not show memorisation.
    """
    return fid(made, seen, truth)


# Named `is` in reports, the field's own abbreviation.
@register(
    "is",
    title="Inception Score",
    direction="max",
    low=1.0,
    kinds=("images",),
    extractor="features",
    settings={"splits": SPLITS, "seed": SEED},
)
def inception_score(made: Samples, _target: Samples, _truth: Truth) -> float:
    """High where every image has one clear class and all classes occur; real images are not used.

    Mean over 10 splits of exp(E KL(p(y|x) || p(y))) (Salimans et al. 2016, sec. 4).
    """
    if len(made) < SPLITS:
        raise Undefined(f"the score takes {SPLITS} splits, there are {len(made)} samples")
    shuffled = torch.from_numpy(np.random.RandomState(SEED).permutation(len(made)))
    log_p = made.logits[shuffled].double().log_softmax(1)
    p = log_p.exp()
    bounds = [i * len(made) // SPLITS for i in range(SPLITS + 1)]
    scores = [
        torch.where(p[a:b] > 0, p[a:b] * (log_p[a:b] - p[a:b].mean(0).log()), 0.0).sum(1).mean().exp().item()
        for a, b in itertools.pairwise(bounds)
    ]
    return bounded(float(np.mean(scores)), 1.0)


@register(
    "kid",
    title="KID",
    direction="min",
    when="final",
    kinds=("images",),
    extractor="features",
    version=2,  # 2: the larger sums in float64
    settings={"subsets": KID_SUBSETS, "subset_size": KID_SUBSET_SIZE, "seed": SEED},
)
def kid(made: Samples, target: Samples, _truth: Truth) -> float:
    """Squared maximum mean discrepancy between features of real and of generated images.

    Mean over 20 subsets of the unbiased estimate with the kernel (x.y / d + 1)^3 (Binkowski et al. 2018,
    sec. 4), which can be below 0. Subsets hold min(1000, n / 2) samples, n being the smaller of both sets.
    """
    size = min(KID_SUBSET_SIZE, len(made) // 2, len(target) // 2)
    if size < 2:
        raise Undefined(f"subsets of half of {min(len(made), len(target))} samples are too small")
    scale = made.features.shape[1] ** -0.5
    ours, theirs = made.features * scale, target.features * scale
    within_real = target.once(_within_real, len(made), size)
    values = []
    for (fakes, reals), within in zip(_subsets(len(made), len(target), size), within_real, strict=True):
        x, y = ours[fakes], theirs[reals]
        values.append(_mean_off_diagonal(x) + within - 2 * _kernel_sum(x, y) / size**2)
    return float(np.mean(values))


@cache
def _subsets(n_fake: int, n_real: int, size: int) -> list[tuple[Tensor, Tensor]]:
    """Return the rows of the fakes and of the reals in each subset, drawn as torch-fidelity draws them."""
    draw = np.random.RandomState(SEED).choice
    return [
        (
            torch.from_numpy(draw(n_fake, size, replace=False)),
            torch.from_numpy(draw(n_real, size, replace=False)),
        )
        for _ in range(KID_SUBSETS)
    ]


def _within_real(real: Samples, n_fake: int, size: int) -> list[float]:
    """Return the term of KID that depends on real samples only, one value per subset."""
    scaled = real.features * real.features.shape[1] ** -0.5
    return [_mean_off_diagonal(scaled[rows]) for _, rows in _subsets(n_fake, len(real), size)]


def _mean_off_diagonal(x: Tensor) -> float:
    """Return the mean of the kernel over pairs of different rows of x."""
    diagonal = x.square().sum(1).double().add(1).pow(3).sum().item()
    return (_kernel_sum(x, x) - diagonal) / (len(x) * (len(x) - 1))


def _kernel_sum(x: Tensor, y: Tensor) -> float:
    """Return the sum of (x.y + 1)^3 over all pairs of rows: for each row of x, then in float64 over these."""
    product = (x @ y.T).add_(1)
    return torch.linalg.vecdot(product.square(), product).double().sum().item()
