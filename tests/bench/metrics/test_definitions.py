"""Metrics against their definitions, written out in loops over images, pixels and pairs of rows."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from gan_bench.bench.metrics import info, names
from gan_bench.bench.metrics.classes import class_kl, class_modes
from gan_bench.bench.metrics.degenerate import _structure, _variety
from gan_bench.bench.metrics.inpainting import hole_psnr, hole_sharpness
from gan_bench.bench.metrics.pictures import ssim, ssim_luma
from gan_bench.bench.metrics.probes import nearest_features
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.translation import BACK, diversity, style_error
from gan_bench.datasets import Truth

NONE = Truth()


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


@pytest.fixture
def of(toy):
    """Samples of images; further draws and outputs of other abilities are attached by name."""

    def make(images, draws=(), **beside):
        made = Samples(torch.from_numpy(images), toy)
        made.beside = {name: Samples(torch.from_numpy(rows), toy) for name, rows in beside.items()}
        return made.made_from({}, [Samples(torch.from_numpy(rows), toy) for rows in draws])

    return make


def neighbours(height, width):
    """The pairs of places of pixels that are side by side or one below the other."""
    across = [((y, x), (y, x + 1)) for y in range(height) for x in range(width - 1)]
    down = [((y, x), (y + 1, x)) for y in range(height - 1) for x in range(width)]
    return across, down


def test_images_are_noise_by_the_correlation_of_neighbouring_pixels(of):
    images = noise(0, 4, 2, 5, 6)
    images[3] = images[3, :, :1, :1]  # each channel of one grey: no correlation
    correlation, contrast = _structure(of(images))
    for image, found, spread in zip(images.astype(float), correlation, contrast, strict=True):
        centred = [channel - channel.mean() for channel in image]
        variance = np.mean(np.square(centred))
        assert spread.item() == pytest.approx(math.sqrt(variance), rel=1e-5)
        products = [
            np.mean([channel[a] * channel[b] for channel in centred for a, b in pairs])
            for pairs in neighbours(5, 6)
        ]
        assert found.item() == pytest.approx(np.mean(products) / variance if variance else 0.0, abs=1e-5)
    pixels = images.reshape(4, -1).astype(float)
    assert _variety(of(images)) == pytest.approx(np.mean([column.std() for column in pixels.T]), rel=1e-6)


def laplacian(image, y, x):
    """The sum of the four neighbours less four times the pixel, the border mirrored with its own pixels."""
    height, width = image.shape
    places = ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1))
    inside = [(min(max(a, 0), height - 1), min(max(b, 0), width - 1)) for a, b in places]
    return sum(image[place] for place in inside) - 4 * image[y, x]


def test_holes_are_compared_pixel_by_pixel(of):
    made, target = noise(0, 3, 2, 5, 6), noise(1, 3, 2, 5, 6)
    hole = (noise(2, 3, 1, 5, 6) > 150).astype(np.uint8)
    places = [(n, c, y, x) for n, c, y, x in np.ndindex(made.shape) if hole[n, 0, y, x]]
    assert 0 < len(places) < made.size
    error = np.mean([(float(made[place]) - float(target[place])) ** 2 for place in places])
    filled = of(made, hole=hole)
    assert hole_psnr(filled, of(target), NONE) == pytest.approx(10 * math.log10(255**2 / error))
    energies = [
        sum(laplacian(images[n, c].astype(float), y, x) ** 2 for n, c, y, x in places)
        for images in (made, target)
    ]
    assert hole_sharpness(filled, of(target), NONE) == pytest.approx(energies[0] / energies[1])


def test_differences_of_images_are_means_over_pixels_from_0_to_1(of):
    made, target, *others = (noise(seed, 3, 1, 4, 5) for seed in range(5))
    by_hand = np.mean([abs(float(a) - float(b)) / 255 for a, b in zip(made.flat, target.flat, strict=True)])
    assert style_error(of(made), of(target), NONE) == pytest.approx(by_hand)
    draws = [made, *others]
    pairs = [np.abs(a.astype(float) - b).mean() / 255 for a, b in itertools.combinations(draws, 2)]
    assert len(pairs) == 6
    assert diversity(of(made, others), None, NONE) == pytest.approx(np.mean(pairs))


def test_ssim_is_a_mean_over_channels_and_images_and_of_luma_without_the_border(of):
    made, target = noise(0, 2, 3, 17, 18), noise(1, 2, 3, 17, 18)
    options = {"data_range": 255, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    planes = zip(*(images.astype(float).reshape(-1, 17, 18) for images in (made, target)), strict=True)
    expected = np.mean([structural_similarity(one, other, **options) for one, other in planes])
    assert ssim(of(made), of(target), NONE) == pytest.approx(expected)
    place = torch.tensor([[number, 0, 0, 17, 18] for number in range(2)])
    lumas = [
        16 + (65.481 * images[:, 0] + 128.553 * images[:, 1] + 24.966 * images[:, 2]) / 255
        for images in (made.astype(float), target.astype(float))
    ]
    inner = np.s_[:, 3:-3, 3:-3]
    planes = zip(lumas[0][inner], lumas[1][inner], strict=True)
    expected = np.mean([structural_similarity(one, other, **options) for one, other in planes])
    sides = of(made).made_from({"place": place}), of(target)
    assert ssim_luma(*sides, Truth(border=3)) == pytest.approx(expected)


def test_classes_are_counted_as_modes_by_the_largest_logit(featured):
    logits = np.random.default_rng(0).normal(size=(40, 30))
    real = np.random.default_rng(1).normal(size=(4000, 30))
    fake = featured(logits, logits)
    found = [int(np.argmax(row)) for row in logits]
    assert class_modes(fake, None, NONE) == len({*found}) < 30
    theirs = [int(np.argmax(row)) for row in real]
    by_hand = sum(
        found.count(one) / 40 * math.log((found.count(one) / 40) / (theirs.count(one) / 4000))
        for one in {*found}
    )
    assert class_kl(fake, featured(real, real), NONE) == pytest.approx(by_hand)


def test_a_probe_gives_the_label_of_the_nearest_training_row(points):
    numbers = np.random.default_rng(0)
    made, training = points(numbers.normal(size=(30, 4))), points(numbers.normal(size=(50, 4)))
    labels = torch.from_numpy(numbers.integers(0, 3, 30)), torch.from_numpy(numbers.integers(0, 3, 50))
    made.training = training.made_from({"label": labels[1]})
    right = 0
    for row, label in zip(made.coordinates, labels[0], strict=True):
        distances = [math.dist(row, other) for other in training.coordinates]
        right += labels[1][int(np.argmin(distances))] == label
    assert 0 < right < 30
    assert nearest_features(made.made_from({"label": labels[0]}), None, NONE) == pytest.approx(right / 30)


BACKWARDS = [name for name in names() if name.endswith(BACK) and name != "fid_back"]


@pytest.mark.parametrize("name", BACKWARDS)
def test_the_other_direction_is_the_same_function_of_the_other_ability(name):
    there, back = info(name.removesuffix(BACK)), info(name)
    assert back.compute is there.compute
    assert back.ability == there.ability + BACK
    for field in ("low", "high", "direction", "side", "unit", "version", "settings"):
        assert getattr(back, field) == getattr(there, field)
