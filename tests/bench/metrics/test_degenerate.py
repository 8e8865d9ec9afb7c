from __future__ import annotations

import os

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator
from gan_bench.bench.metrics.degenerate import degenerate
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth

COUNT = 400


@pytest.fixture(params=["digits", "mnist", "fashion-mnist"])
def images(request):
    """A dataset, and a function that scores raw samples on it."""
    if request.param != "digits" and not os.environ.get("BENCH_DATA"):
        pytest.skip("BENCH_DATA is not set")
    data = datasets.load(request.param)
    real = Samples(data.reference("test"), data)
    return data, lambda raw: degenerate(Samples(raw, data), real, Truth())


def trained_on(data, count=COUNT):
    rows = data.stream("real", "train")
    return rows.gather(torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))[:count])


def noise(data, count=COUNT):
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, *data.shape), generator=generator, dtype=torch.uint8)


def test_real_images_are_not_flagged(images):
    data, share = images
    assert share(trained_on(data)) < 0.01
    assert share(data.reference("validation")[:COUNT]) < 0.01


def test_noise_and_blank_images_are(images):
    data, share = images
    assert share(noise(data)) == 1
    for grey in (0, 9, 255):
        assert share(torch.full((COUNT, *data.shape), grey, dtype=torch.uint8)) == 1
    faint = torch.full((COUNT, *data.shape), 128.0) + noise(data) / 128
    assert share(faint.to(torch.uint8)) == 1
    # Blank, but each of another grey: neither noise nor one image.
    greys = (torch.arange(COUNT) % 256).to(torch.uint8).reshape(-1, 1, 1, 1)
    assert share(greys.expand(-1, *data.shape)) == 1


def test_one_image_again_and_again_is_flagged_whole(images):
    data, share = images
    assert share(data.reference("test", 1).expand(COUNT, *data.shape)) == 1


def test_a_share_of_noise_is_that_share(images):
    data, share = images
    mixed = torch.cat([trained_on(data, 300), noise(data, 100)])
    assert share(mixed) == pytest.approx(0.25, abs=0.01)


def test_images_with_some_noise_upon_them_are_not_noise(images):
    """As a generator's after a short training."""
    data, share = images
    generator = torch.Generator().manual_seed(2)
    shaken = trained_on(data) + 25 * torch.randn(COUNT, *data.shape, generator=generator)
    assert share(shaken.clamp(0, 255).to(torch.uint8)) < 0.05


def test_data_that_are_noise_themselves_are_not_checked_for_it():
    data = datasets.load("digits")
    real = Samples(noise(data), data)
    other = torch.randint(0, 256, real.rows.shape, dtype=torch.uint8)
    assert degenerate(Samples(other, data), real, Truth()) == 0


def test_only_so_many_images_are_looked_at():
    """At every point of a curve: the first thousand."""
    data = datasets.load("digits")
    samples = torch.cat([noise(data, 1000), trained_on(data, 500)])
    (share,) = (
        m
        for m in Evaluator(data, samples=1500).measure(samples, final=False)
        if m.metric == "degenerate" and m.split == "test"
    )
    assert share.value == 1


def test_a_row_of_pixels_has_no_neighbours_below():
    data = datasets.load("digits")
    real = Samples(data.reference("test"), data)
    from gan_bench.bench.metrics import Undefined

    with pytest.raises(Undefined, match="one row or column"):
        degenerate(Samples(torch.zeros(5, 1, 1, 28, dtype=torch.uint8), data), real, Truth())
