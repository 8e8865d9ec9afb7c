"""PSNR, SSIM and the Laplacian by hand and against other implementations."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import ndimage
from skimage.metrics import structural_similarity

from gan_bench.bench.metrics import pictures
from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.luma import luma
from gan_bench.bench.metrics.pictures import energies, psnr, psnr_luma, similarities
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.tiles import whole_images
from gan_bench.datasets import Truth

DATA = SimpleNamespace(name="toy")
RNG = np.random.default_rng(0)


def of(images):
    return Samples(torch.from_numpy(np.asarray(images)), DATA)


def test_psnr_is_a_mean_over_images_not_of_pooled_squares():
    wanted = np.full((2, 1, 4, 4), 100, np.uint8)
    made = wanted.copy()
    made[0] += 10
    made[1] += 1
    by_hand = (20 * math.log10(255 / 10) + 20 * math.log10(255)) / 2
    assert psnr(of(made), of(wanted), Truth()) == pytest.approx(by_hand)
    assert psnr(of(wanted), of(wanted), Truth()) == 100.0


def test_luma_is_that_of_the_studio_range():
    colours = np.array([[0, 255, 255, 0, 0], [0, 255, 0, 255, 0], [0, 255, 0, 0, 255]], float)[:, None]
    np.testing.assert_allclose(luma(colours)[0], [16, 235, 81.481, 144.553, 40.966], atol=1e-3)
    grey = RNG.integers(0, 256, (1, 3, 3)).astype(float)
    assert np.array_equal(luma(grey), grey[0])


def test_the_range_of_luma_is_worth_one_and_a_third_decibels():
    """An equal difference of all channels is smaller in the studio range: 20 log10(255 / 219) = 1.32 dB."""
    wanted = RNG.integers(0, 200, (1, 3, 20, 20)).astype(np.uint8)
    made = (wanted + RNG.integers(0, 40, (1, 1, 20, 20))).astype(np.uint8)
    place = torch.tensor([[0, 0, 0, 20, 20]])
    sides = of(made), of(wanted)
    sides[0].made_from({"place": place})
    whole = psnr(*sides, Truth())
    assert psnr_luma(*sides, Truth(border=0)) - whole == pytest.approx(20 * math.log10(255 / 219), abs=1e-6)


def test_a_border_is_left_out():
    wanted = RNG.integers(0, 256, (1, 1, 20, 20)).astype(np.uint8)
    made = wanted.copy()
    made[..., :4, :] = 255 - made[..., :4, :]
    made[..., 10, 10] ^= 8
    sides = of(made).made_from({"place": torch.tensor([[0, 0, 0, 20, 20]])}), of(wanted)
    by_hand = 10 * math.log10(255**2 / (64 / 12**2))
    assert psnr_luma(*sides, Truth(border=4)) == pytest.approx(by_hand)


def test_ssim_is_wangs_formula_in_windows_inside_the_image():
    one, other = RNG.integers(0, 256, (2, 16, 19)).astype(float)
    x = np.arange(11) - 5
    g = np.exp(-(x**2) / (2 * 1.5**2))
    window = np.outer(g, g) / g.sum() ** 2

    def mean(image):
        return ndimage.convolve(image, window)[5:-5, 5:-5]

    a, b = mean(one), mean(other)
    saa, sbb, sab = mean(one**2) - a**2, mean(other**2) - b**2, mean(one * other) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    by_hand = ((2 * a * b + c1) * (2 * sab + c2) / ((a**2 + b**2 + c1) * (saa + sbb + c2))).mean()
    assert similarities(one[None, None], other[None, None]) == pytest.approx(by_hand, abs=1e-9)
    with pytest.raises(Undefined, match="window of 11 pixels, an image has 8x19"):
        similarities(one[None, None, :8], other[None, None, :8])


@pytest.mark.parametrize("values", [1, 3 * 17 * 13 * 2, 10**6])
def test_images_are_measured_together_as_each_alone(monkeypatch, values):
    monkeypatch.setattr(pictures, "AT_A_TIME", values)
    some, others = RNG.uniform(0, 255, (2, 7, 3, 17, 13))
    some[3] *= 1e6  # what leaks into a neighbour is seen
    options = {"data_range": 255, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    alone = [
        structural_similarity(*pair, channel_axis=0, **options) for pair in zip(some, others, strict=True)
    ]
    np.testing.assert_array_equal(similarities(some, others), alone)
    alone = [np.square(ndimage.laplace(image, axes=(1, 2)))[:, 1:-1, 1:-1].mean() for image in some]
    np.testing.assert_array_equal(energies(some), alone)


def test_the_laplacian_of_a_wave_is_its_frequency():
    step = 2 * math.pi / 8
    wave = 100 * np.cos(step * np.arange(40))[None, None].repeat(40, 1)
    assert energies(wave[None]) == pytest.approx(
        (2 - 2 * math.cos(step)) ** 2 * np.square(wave[0, :, 1:-1]).mean()
    )
    assert energies(np.full((2, 3, 8, 8), 7.0)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("overlap", [0, 4])
def test_tiles_are_put_together_to_the_images_that_they_come_from(overlap):
    images = [RNG.integers(0, 256, (3, height, width)) for height, width in ((16, 16), (24, 40))]
    side, tiles, places = 16, [], []
    for number, image in enumerate(images):
        height, width = image.shape[1:]
        for top in {*range(0, height - side, side - overlap), height - side}:
            for left in {*range(0, width - side, side - overlap), width - side}:
                tiles.append(image[:, top : top + side, left : left + side])
                places.append((number, top, left, height, width))
    found = list(whole_images(np.stack(tiles), np.array(places)))
    assert all(np.array_equal(one, other) for one, other in zip(found, images, strict=True))
    alone = list(whole_images(np.stack(tiles[:-1]), np.array(places[:-1])))
    assert len(alone) == 1  # the second image has a gap
    with pytest.raises(Undefined, match="none of the images"):
        list(whole_images(np.stack(tiles[1:2]), np.array(places[1:2])))
    blurred = np.stack(tiles).astype(float)
    if overlap:  # the outermost pixels of a tile are not used where another tile has them farther inside
        blurred[:, :, [0, -1]] = blurred[:, :, :, [0, -1]] = -1
        inner = list(whole_images(blurred, np.array(places)))[1]
        assert (inner[:, 1:-1, 1:-1] >= 0).all()
