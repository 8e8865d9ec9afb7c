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
AT_A_TIME = 1_000_000
"""Values of images that are filtered at a time: arrays of 8 MB, of which SSIM holds about fifteen."""
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
    return float(np.mean(similarities(_images(made), _images(target))))


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
    pairs = _lumas(made, target, truth)
    return float(np.mean([similarities(one[None, None], other[None, None]) for one, other in pairs]))


@both_ways("laplacian_ratio", title="Laplacian ratio", direction=None, low=0.0, side=SURROUNDED, **PAIRED)
def laplacian_ratio(made: Samples, target: Samples, _truth: Truth) -> float:
    """High-frequency energy of translated images as a share of the right ones'; 1 is that of the truth.

    The mean square of the discrete Laplacian over all pixels with four neighbours, channels and images.
    """
    found, wanted = (float(np.mean(energies(_images(of)))) for of in (made, target))
    if wanted == 0.0:
        raise Undefined("the right images have no high frequencies")
    return found / wanted


def decibels(squares: np.ndarray) -> np.ndarray:
    """Return the PSNR of mean square differences of values from 0 to 255, at most `CAP`."""
    return 10 * np.log10(WHITE**2 / np.maximum(squares, WHITE**2 / 10 ** (CAP / 10)))


def similarities(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the SSIM of each pair of images (n, channels, h, w), 0 to 255: the mean over its channels.

    scikit-image takes one image at a time, so many small ones stand above each other in a tall one; windows
    that reach into a neighbour are left out, as those at the border are.
    """
    height, width = some.shape[-2:]
    if min(height, width) < WINDOW:
        raise Undefined(f"SSIM has a window of {WINDOW} pixels, an image has {height}x{width}")
    from skimage.metrics import structural_similarity  # slow to import

    within = (..., slice(WINDOW // 2, height - WINDOW // 2), slice(WINDOW // 2, width - WINDOW // 2))
    found = []
    for part in _parts(some):
        _, at_pixels = structural_similarity(
            some[part].reshape(-1, width), others[part].reshape(-1, width), data_range=WHITE,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True,
        )  # fmt: skip
        found += [
            np.mean([channel.mean() for channel in image])
            for image in at_pixels.reshape(some[part].shape)[within]
        ]
    return np.array(found)


def energies(images: np.ndarray) -> np.ndarray:
    """Return the mean square of the Laplacian of images (n, channels, h, w), each within its outer pixels."""
    height, width = images.shape[-2:]
    if min(height, width) < SURROUNDED:
        raise Undefined(f"no pixel of an image of {height}x{width} has four neighbours")
    squares = (laplacian_squares(images[part])[..., 1:-1, 1:-1] for part in _parts(images))
    return np.array([image.mean() for part in squares for image in part])


def _parts(images: np.ndarray) -> Iterator[slice]:
    """Yield slices of images that together have at most `AT_A_TIME` values, or are a single image."""
    step = max(1, AT_A_TIME * len(images) // max(1, images.size))
    return (slice(start, start + step) for start in range(0, len(images), step))


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
