"""MATLAB's bicubic resizing, by its definition, by properties, and by the published figure of Set5."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_bench.bench.metrics.luma import luma
from gan_bench.bench.metrics.pictures import decibels, similarities
from gan_bench.datasets.resizing import cut, enlarge, resize, shrink, weights

FOLDERS = os.environ.get("BENCH_DATA", "").split(os.pathsep)
ROOTS = [Path(root) / "super_resolution" / "Set5" for root in filter(None, FOLDERS)]
SET5 = next((root for root in ROOTS if root.is_dir()), None)


def keys(x):
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


@pytest.mark.parametrize(("before", "after"), [(16, 4), (4, 16), (12, 6), (5, 15), (7, 7)])
def test_weights_are_a_mirrored_antialiased_cubic_kernel(before, after):
    stretch = min(1.0, after / before)
    by_hand = np.zeros((after, before))
    for i in range(after):
        centre = (i + 0.5) * before / after - 0.5
        for tap in range(-3 * before, 4 * before):
            source = tap % (2 * before)
            source = source if source < before else 2 * before - 1 - source
            by_hand[i, source] += keys(stretch * (centre - tap))
    by_hand /= by_hand.sum(1, keepdims=True)
    np.testing.assert_allclose(weights(before, after), by_hand, atol=1e-12)


def test_a_constant_stays_and_a_line_stays_a_line_inside():
    flat = torch.full((2, 3, 12, 8), 7.0, dtype=torch.float64)
    assert torch.allclose(resize(flat, (3, 16)), torch.tensor(7.0, dtype=torch.float64))
    line = torch.arange(32, dtype=torch.float64).expand(1, 1, 32, 32)
    small = shrink(line, 4)[0, 0, 4]
    assert torch.allclose(small[2:-2], 4 * torch.arange(2, 6, dtype=torch.float64) + 1.5)


def test_shrinking_filters_what_the_small_grid_cannot_hold():
    fine = (torch.arange(32) % 2 * 255.0).expand(1, 1, 32, 32)
    assert (shrink(fine, 4) - 127.5).abs().max() < 30  # without antialiasing: 0 or 255


def test_low_resolutions_are_neither_rounded_nor_clipped():
    step = torch.zeros(1, 1, 16, 16)
    step[..., 8:] = 255
    low = shrink(step, 4)
    assert low.min() < 0
    assert low.max() > 255
    assert not torch.equal(low, low.round())


def test_sides_are_cut_to_a_multiple():
    assert cut(np.zeros((3, 13, 16)), 4).shape == (3, 12, 16)
    with pytest.raises(ValueError, match="13x16: sides that 4 divides"):
        shrink(torch.zeros(3, 13, 16), 4)


@pytest.mark.skipif(SET5 is None, reason="set BENCH_DATA to a folder with super_resolution/Set5")
def test_bicubic_on_set5_is_the_published_one():
    """28.42 dB and 0.8104 at x4: first luma, as MATLAB rounds it; low resolution not rounded."""
    found = []
    for file in sorted(SET5.iterdir()):
        colours = cut(np.asarray(Image.open(file)).transpose(2, 0, 1).astype(float), 4)
        high = np.rint(luma(colours))
        made = np.rint(enlarge(shrink(torch.from_numpy(high)[None], 4), high.shape)[0].numpy()).clip(0, 255)
        one, other = (image[None, None, 4:-4, 4:-4] for image in (made, high))
        found.append((decibels(np.square(one - other).mean()), *similarities(one, other)))
    assert len(found) == 5
    decibel, ssim = np.mean(found, 0)
    assert decibel == pytest.approx(28.42, abs=0.005)
    assert ssim == pytest.approx(0.8104, abs=0.0002)


@pytest.mark.skipif(SET5 is None, reason="set BENCH_DATA to a folder with super_resolution/Set5")
def test_what_other_conventions_change_on_set5():
    """Colours first, as the dataset has them: 0.012 dB more; bytes at low resolution: 0.001 dB less.

    Sides cut to multiples of 12: 0.03 dB less; luma from 0 to 255: 20 log10(255 / 219) less.
    """

    def measured(multiple=4, whole=lambda x: x, luma_of=luma):
        found = []
        for file in sorted(SET5.iterdir()):
            high = cut(np.asarray(Image.open(file)).transpose(2, 0, 1).astype(float), multiple)
            low = whole(shrink(torch.from_numpy(high), 4))
            made = enlarge(low, high.shape[1:]).numpy().round().clip(0, 255)
            one, other = (luma_of(image)[4:-4, 4:-4] for image in (made, high))
            found.append(decibels(np.square(one - other).mean()))
        return np.mean(found)

    ours = measured()
    assert ours == pytest.approx(28.432, abs=0.002)
    assert measured(whole=lambda x: x.round().clamp(0, 255)) == pytest.approx(28.431, abs=0.002)
    assert 28.38 < measured(multiple=12) < 28.40
    full = measured(luma_of=lambda image: (luma(image) - 16) * 255 / 219)
    assert ours - full == pytest.approx(20 * np.log10(255 / 219))
