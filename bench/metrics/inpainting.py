"""Metrics of images whose holes are filled: error and sharpness in the hole alone, the label that is kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.pictures import CAP, decibels, laplacian_squares
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.tasks import right_share
from gan_bench.datasets.base import Truth

_FILLED: dict[str, Any] = {"ability": "inpaint", "kinds": ("images",), "splits": ("test", "validation")}


@register(
    "hole_psnr", title="PSNR in the hole", unit="dB", direction="max", beside=("hole",), paired=True,
    high=CAP, settings={"cap": CAP}, **_FILLED,
)  # fmt: skip
def hole_psnr(made: Samples, target: Samples, _truth: Truth) -> float:
    """Peak signal-to-noise ratio of filled holes to what was there, over the pixels of all holes.

    10 log10(255^2 / mean square difference), one mean over all images, channels and pixels of holes, so that
    a black hole that is filled with black does not count as a hundred decibels. All entries fill the same
    holes.
    """
    hole = made.beside["hole"].coordinates
    if not hole.any():
        raise Undefined("there is no hole")
    squares = np.square(made.coordinates - target.coordinates).reshape(len(made), -1, hole.shape[1])
    within = np.broadcast_to(hole[:, None] > 0, squares.shape)
    return float(decibels(squares[within].mean()))


@register(
    "hole_sharpness", title="Sharpness in the hole", unit="share of the truth's", direction=None,
    beside=("hole",), paired=True, low=0.0, **_FILLED,
)  # fmt: skip
def hole_sharpness(made: Samples, target: Samples, _truth: Truth) -> float:
    """High-frequency energy of filled holes as a share of that of what was there; 1 is that of the truth.

    The mean square of the discrete Laplacian over the pixels of all holes, of whole images, so that a seam at
    the edge counts. It shows what PSNR does not: a mean of all that may have been there is smooth.
    """
    hole = made.beside["hole"].coordinates.reshape(len(made), 1, *made.rows.shape[2:])
    if not hole.any():
        raise Undefined("there is no hole")
    found, wanted = (
        float(np.sum(hole * laplacian_squares(of.coordinates.reshape(of.rows.shape))))
        for of in (made, target)
    )
    if wanted == 0.0:
        raise Undefined("what was in the holes has no high frequencies")
    return found / wanted


@register(
    "hole_label", title="Label kept around the hole", unit="fraction of filled images", direction="max",
    reads=("label",), truth=("classes",), extractor="classes", low=0.0, high=1.0, **_FILLED,
)  # fmt: skip
def hole_label(made: Samples, _target: Samples, _truth: Truth) -> float:
    """Fraction of held-out images that are of the class of their label once their hole is filled.

    The class is the prediction of the dataset's own classifier, which is not right about all whole images.
    """
    return right_share(made.logits.argmax(1).cpu().numpy(), made)
