"""FID, KID and Inception Score: torch-fidelity's own functions, from features and logits."""

from __future__ import annotations

from bench.metrics.base import Undefined
from bench.metrics.registry import register
from bench.metrics.samples import Samples
from datasets.base import Truth

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
)
def fid(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Frechet distance between Gaussians fitted to the features (Heusel et al. 2017, eq. 6).

    Rounding can bring a value that should be 0 below it: it is 0 then.
    """
    from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_statistics_to_metric

    return max(0.0, fid_statistics_to_metric(fake.statistics, real.statistics, verbose=False)[KEY_METRIC_FID])


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
def inception_score(fake: Samples, _real: Samples, _truth: Truth) -> float:
    """Mean over 10 splits of exp(E KL(p(y|x) || p(y))) (Salimans et al. 2016, sec. 4)."""
    from torch_fidelity.metric_isc import KEY_METRIC_ISC_MEAN, isc_features_to_metric

    if len(fake) < SPLITS:
        raise Undefined(f"the score takes {SPLITS} splits, there are {len(fake)} samples")
    scores = isc_features_to_metric(fake.logits, splits=SPLITS, shuffle=True, rng_seed=SEED)
    return max(1.0, scores[KEY_METRIC_ISC_MEAN])  # rounding can bring a 1 below 1


@register(
    "kid",
    title="KID",
    direction="min",
    when="final",
    kinds=("images",),
    extractor="features",
    settings={"subsets": KID_SUBSETS, "subset_size": KID_SUBSET_SIZE, "seed": SEED},
)
def kid(fake: Samples, real: Samples, _truth: Truth) -> float:
    """Unbiased MMD^2 with the kernel (x.y / d + 1)^3 (Binkowski et al. 2018, sec. 4), mean over subsets.

    Subsets hold min(1000, n / 2) samples, n the smaller of both sets. An unbiased estimate can be below zero.
    """
    from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, kid_features_to_metric

    size = min(KID_SUBSET_SIZE, len(fake) // 2, len(real) // 2)
    if size < 2:
        raise Undefined(f"subsets of half of {min(len(fake), len(real))} samples are too small")
    result = kid_features_to_metric(
        fake.features,
        real.features,
        kid_subsets=KID_SUBSETS,
        kid_subset_size=size,
        rng_seed=SEED,
        verbose=False,
    )
    return result[KEY_METRIC_KID_MEAN]
