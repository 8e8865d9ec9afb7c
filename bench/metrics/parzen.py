"""The log-likelihood under a Parzen window of generated images, by the protocol of the first GAN papers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gan_bench.bench.metrics.blocks import MOST, blocks
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import WHITE, Samples
from gan_bench.datasets.base import Truth

SIGMAS = tuple(float(sigma) for sigma in np.logspace(-1, 0, num=10))
CHOOSING = 1_000  # validation images that sigma is chosen on
BLOCK = 500  # images at most whose distances to all generated ones are in memory at a time

_FIELDS: dict[str, Any] = {
    "when": "final",
    "kinds": ("images",),
    "on_request": True,
    "settings": {"sigmas": "0.1 to 1, 10 by equal factors", "choosing": CHOOSING},
}


@register("parzen", title="Parzen log-likelihood", unit="nats", direction="max", **_FIELDS)
def parzen(made: Samples, target: Samples, _truth: Truth) -> float:
    """Mean log-density of test images in a mixture of Gaussians at the generated ones; a poor measure.

    Intensities from 0 to 1; sigma is the best of 10 from 0.1 to 1 on the first 1,000 validation images, as in
    Goodfellow et al. 2014 (section 5; github:goodfeli/adversarial, parzen_ll.py). The value rises with the
    number of generated images, which the papers set to 10,000, and other numbers do not compare. In many
    dimensions it is far from the true value and does not rank models or samples (Theis et al. 2016,
    arXiv:1511.01844): it is here for the published tables only, and ranks nothing.
    """
    return float(densities(_points(target), _points(made), [made.once(_sigma)]).mean())


@register(
    "parzen_sigma",
    title="Sigma of the Parzen window",
    unit="intensity, 0 to 1",
    direction=None,
    low=0.0,
    **_FIELDS,
)
def parzen_sigma(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Standard deviation of the Gaussians of the Parzen log-likelihood, chosen on validation images.

    At 0.1 or 1, the ends of the range, another value may be better; the published protocol has no others.
    """
    return made.once(_sigma)


def densities(points: np.ndarray, centres: np.ndarray, sigmas: Sequence[float]) -> np.ndarray:
    """Return the log-density of each point in mixtures of equally weighted Gaussians, one for each sigma.

    Args:
        points: shape (n, d).
        centres: means of the Gaussians, shape (m, d).
        sigmas: standard deviations of each coordinate.

    Returns:
        nats, shape (sigmas, n).
    """
    from scipy.special import logsumexp

    found = []
    for rows in blocks(len(points), max(len(centres) * centres.itemsize, MOST // BLOCK)):
        squares = _squares(points[rows], centres)
        found.append([logsumexp(squares / (-2 * sigma**2), axis=1) for sigma in sigmas])
    widths = np.log(np.array(sigmas) * math.sqrt(2 * math.pi))
    return np.concatenate(found, axis=1) - math.log(len(centres)) - centres.shape[1] * widths[:, None]


def _sigma(made: Samples) -> float:
    """Return the sigma of the largest mean log-density of validation images."""
    chosen = Samples(made.dataset.reference("validation", CHOOSING), made.dataset)
    return SIGMAS[densities(_points(chosen), _points(made), SIGMAS).mean(1).argmax()]


def _points(samples: Samples) -> np.ndarray:
    return samples.coordinates / WHITE


def _squares(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return squared distances, shape (n, m); float64, so that the expanded square loses few digits."""
    squares = np.square(points).sum(1)[:, None] + np.square(centres).sum(1) - 2 * points @ centres.T
    return squares.clip(min=0)
