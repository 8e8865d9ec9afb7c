"""A check of pixels for images that are noise or blank, independent of any feature extractor.

A classifier's features say little about images unlike those it was trained on: uniform noise can have a
better FID than an untrained generator.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Truth

IMAGES = 1000  # enough for a share, at every point of the curve
NEIGHBOURS = 2  # pixels in each direction at least, so that all have one beside and one below
QUANTILE = 0.01  # of the real images' correlations and contrasts
SMOOTH = 0.5  # noise: less than this share of the real correlation of neighbouring pixels
CONTRAST = 0.25  # blank: less than this share of the real contrast
VARIETY = 0.1  # one image: less than this share of the real variation from image to image


@register(
    "degenerate",
    title="Degenerate images",
    unit="fraction of generated",
    direction="min",
    low=0.0,
    high=1.0,
    kinds=("images",),
    side=NEIGHBOURS,
    settings={
        "images": IMAGES,
        "quantile": QUANTILE,
        "smooth": SMOOTH,
        "contrast": CONTRAST,
        "variety": VARIETY,
    },
)
def degenerate(made: Samples, target: Samples, _truth: Truth) -> float:
    """Fraction of generated images that are noise or blank; 1 where all images are the same.

    Of the first 1,000 images. Noise: neighbouring pixels correlate less than half as much as in the real
    image at the 1 % quantile. Blank: the pixels' standard deviation is less than a quarter of that at the 1 %
    quantile. The same image: the pixels' standard deviation over images, averaged, is less than a tenth of
    the real images'. Real data without such a structure (quantiles that are not above 0) are not checked for
    it.
    """
    if min(made.rows.shape[-2:]) < NEIGHBOURS:
        raise Undefined("images of one row or column of pixels have no neighbours in both directions")
    made = made.first(IMAGES)
    least_correlation, least_contrast, variety = target.once(_limits)
    if _variety(made) < VARIETY * variety:
        return 1.0
    correlation, contrast = _structure(made)
    noise = (correlation < SMOOTH * least_correlation) & (least_correlation > 0)
    blank = contrast < CONTRAST * least_contrast
    return (noise | blank).double().mean().item()


def _limits(real: Samples) -> tuple[Tensor, Tensor, float]:
    """Return the real images' correlation and contrast at the quantile, and their variety."""
    real = real.spread(IMAGES)
    correlation, contrast = _structure(real)
    return correlation.quantile(QUANTILE), contrast.quantile(QUANTILE), _variety(real)


def _structure(samples: Samples) -> tuple[Tensor, Tensor]:
    """Return each image's correlation of neighbouring pixels (0 if constant) and contrast, shape (n,)."""
    pixels = samples.rows.float()
    centred = pixels - pixels.mean((-2, -1), keepdim=True)
    variance = centred.square().flatten(1).mean(1)
    across = (centred[..., :, 1:] * centred[..., :, :-1]).flatten(1).mean(1)
    down = (centred[..., 1:, :] * centred[..., :-1, :]).flatten(1).mean(1)
    correlation = torch.where(variance > 0, (across + down) / 2 / variance.clamp_min(1e-12), 0.0)
    return correlation, variance.sqrt()


def _variety(samples: Samples) -> float:
    """Return the standard deviation of a pixel over images, averaged over pixels."""
    return samples.rows.float().std(0, correction=0).mean().item()
