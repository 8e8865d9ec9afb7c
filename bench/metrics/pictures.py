"""PSNR, SSIM and high frequencies of translated or restored images, by scikit-image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.luma import luma
from gan_bench.bench.metrics.registry import register
from gan_bench.bench.metrics.samples import WHITE, Samples
from gan_bench.bench.metrics.tiles import whole_images
from gan_bench.bench.metrics.translation import ANSWERED, both_ways
from gan_bench.datasets.base import Truth

CAP = 100.0  # dB, of images that are equal
SURROUNDED = 3  # pixels in each direction at least, so that one has four neighbours
WINDOW = 11  # pixels of SSIM's Gaussian window, sigma 1.5
PAIRED: dict[str, Any] = {
    "paired": True,
    "any_of": ANSWERED,
    "kinds": ("images",),
    "splits": ("test", "validation"),
}


@both_ways(
    "psnr", title="PSNR", unit="dB", direction="max", high=CAP, without=("border",),
    settings={"cap": CAP}, **PAIRED,
)  # fmt: skip
def psnr(made: Samples, target: Samples, _truth: Truth) -> float:
    """Peak signal-to-noise ratio of translated images to the right ones, over all channels.

    10 log10(255^2 / mean square difference) of each image, at most 100 dB, then the mean over images.
    """
    squares = np.square(made.coordinates - target.coordinates).mean(1)
    return float(np.mean(decibels(squares)))


@both_ways(
    "ssim", title="SSIM", direction="max", low=-1.0, high=1.0, without=("border",), when="final",
    settings={"window": WINDOW}, side=WINDOW, **PAIRED,
)  # fmt: skip
def ssim(made: Samples, target: Samples, _truth: Truth) -> float:
    """Structural similarity of translated images to the right ones, mean over channels and images.

    Wang et al. 2004: a Gaussian window of 11 pixels with sigma 1.5, C1 = (0.01 * 255)^2, C2 = (0.03 * 255)^2,
    over windows that lie within the image.
    """
    pairs = zip(_images(made), _images(target), strict=True)
    return float(np.mean([similarity(one, other) for one, other in pairs]))


@register(
    "psnr_luma", title="PSNR of luma", unit="dB", direction="max", high=CAP, ability="translate",
    truth=("border",), reads=("place",), settings={"cap": CAP}, ranks=("low_high",), **PAIRED,
)  # fmt: skip
def psnr_luma(made: Samples, target: Samples, truth: Truth) -> float:
    """Peak signal-to-noise ratio of the luma of whole images, without a border; mean over images.

    Luma is 16 + 65.481 R + 128.553 G + 24.966 B of colours from 0 to 1, the border as wide as the factor of
    super-resolution. Images that the data hold in tiles are put together first.
    """
    return float(
        np.mean([decibels(np.square(one - other).mean()) for one, other in _lumas(made, target, truth)])
    )


@register(
    "ssim_luma", title="SSIM of luma", direction="max", low=-1.0, high=1.0, ability="translate",
    truth=("border",), reads=("place",), settings={"window": WINDOW}, side=WINDOW, **PAIRED,
)  # fmt: skip
def ssim_luma(made: Samples, target: Samples, truth: Truth) -> float:
    """Structural similarity of the luma of whole images, without a border; mean over images.

    Windows and constants are those of `ssim`, luma and border those of `psnr_luma`.
    """
    return float(np.mean([similarity(one[None], other[None]) for one, other in _lumas(made, target, truth)]))


@both_ways("laplacian_ratio", title="Laplacian ratio", direction=None, low=0.0, side=SURROUNDED, **PAIRED)
def laplacian_ratio(made: Samples, target: Samples, _truth: Truth) -> float:
    """High-frequency energy of translated images as a share of the right ones'; 1 is that of the truth.

    The mean square of the discrete Laplacian over all pixels with four neighbours, channels and images.
    """
    found, wanted = (float(np.mean([energy(image) for image in _images(of)])) for of in (made, target))
    if wanted == 0.0:
        raise Undefined("the right images have no high frequencies")
    return found / wanted


def decibels(squares: np.ndarray) -> np.ndarray:
    """Return the PSNR of mean square differences of values from 0 to 255, at most `CAP`."""
    return 10 * np.log10(WHITE**2 / np.maximum(squares, WHITE**2 / 10 ** (CAP / 10)))


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Return the SSIM of two images (channels, h, w), 0 to 255."""
    if min(one.shape[-2:]) < WINDOW:
        raise Undefined(f"SSIM has a window of {WINDOW} pixels, an image has {one.shape[-2]}x{one.shape[-1]}")
    from skimage.metrics import structural_similarity  # slow to import

    return float(
        structural_similarity(
            one, other, data_range=WHITE, channel_axis=0, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False,
        )
    )  # fmt: skip


def energy(image: np.ndarray) -> float:
    """Return the mean square of the Laplacian of an image (channels, h, w) within its outermost pixels."""
    if min(image.shape[-2:]) < SURROUNDED:
        raise Undefined(f"no pixel of an image of {image.shape[-2]}x{image.shape[-1]} has four neighbours")
    return float(laplacian_squares(image)[:, 1:-1, 1:-1].mean())


def laplacian_squares(images: np.ndarray) -> np.ndarray:
    """Return the squared Laplacian of images (..., h, w) at each pixel, the border mirrored."""
    from scipy import ndimage  # a third of a second that other metrics should not wait for

    return np.square(ndimage.laplace(images, axes=(-2, -1)))


def _images(of: Samples) -> np.ndarray:
    return of.coordinates.reshape(of.rows.shape)


def _lumas(made: Samples, target: Samples, truth: Truth) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the luma of each image as it was made and as it should be, both (h, w), without the border."""
    place = made.given["place"].cpu().numpy()
    inner = slice(truth.border, -truth.border if truth.border else None)
    for one, other in zip(*(whole_images(_images(of), place) for of in (made, target)), strict=True):
        yield luma(one)[inner, inner], luma(other)[inner, inner]
