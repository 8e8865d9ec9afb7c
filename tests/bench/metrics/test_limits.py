"""Notices before training, of metrics that the data cannot have, agree with what measuring gives."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.metrics import Evaluator
from gan_bench.bench.metrics.limits import limits
from gan_bench.bench.metrics.outputs import Output, queries
from gan_bench.bench.sampling.generate import Generated
from gan_bench.bench.sampling.pictures import encode
from gan_bench.datasets import Truth
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.indexed import IndexedDataset
from gan_bench.datasets.scales import PIXELS
from gan_bench.datasets.super_resolution import low_high
from gan_bench.spaces import Space
from gan_bench.variants.declarations import Ability

DIGITS = datasets.load("digits")
SPLITS = ("validation", "test")


def digits(rows, **options):
    images, labels = DIGITS.parts["train"].images.data, DIGITS.parts["train"].labels
    part = {
        "train": Split.of(images[:100], labels[:100]),
        "validation": Split.of(images[100 : 100 + rows], labels[100 : 100 + rows]),
        "test": Split.of(images[300 : 300 + rows], labels[300 : 300 + rows]),
    }
    return ImageDataset("few", part, classes=10, **options)


@pytest.mark.parametrize("rows", [2, 3, 5, 6, 19, 60])
def test_a_metric_is_called_undefined_exactly_where_measuring_gives_no_value(rows):
    data = digits(rows, extractor="lenet28_digits")
    evaluator = Evaluator(data, samples=40, final_samples=40)
    said = {
        name
        for sentence in limits(evaluator)
        if "on the test split" in sentence
        for name in re.match(r"few: (.*) will be undefined", sentence)[1].split(", ")
    }
    measured = evaluator.measure(DIGITS.reference("test")[:40], final=True)
    found = {m.metric for m in measured if m.split == "test" and m.reason}
    names = {f"{name}_lenet28_digits" for name in said}
    # A class that is generated, but in none of the few real rows, is a matter of what is generated.
    assert names == found - {"class_kl_lenet28_digits"}


def test_without_an_extractor_the_options_that_help_are_named():
    (sentence,) = limits(Evaluator(digits(60), samples=20, final_samples=20))
    assert sentence.startswith("few: fid, fid_train, is, kid, precision, recall, density, coverage, classes")
    assert "--inception download (or a file)" in sentence
    assert "ImageDataset(..., extractor=NAME)" in sentence
    assert limits(Evaluator(DIGITS, samples=20, final_samples=20)) == []
    assert limits(Evaluator(datasets.load("ring"), samples=20, final_samples=20)) == []


def test_channels_without_a_picture_and_classes_without_a_row_are_said():
    images = np.arange(6 * 2 * 4 * 4, dtype=np.uint8).reshape(6, 2, 4, 4)
    parts = {name: Split.of(images, [0, 1, 3] * 2, channels=2) for name in ("train", "validation", "test")}
    data = ImageDataset("two", parts, classes=5)
    said = limits(Evaluator(data, samples=20, final_samples=20, inception="nowhere.pth"))
    assert any("Inception takes 1 or 3 channels" in sentence for sentence in said)
    assert any("there is no picture of images of 2 channels" in sentence for sentence in said)
    assert any("the train split has no row of 2 classes (2, ...)" in sentence for sentence in said)
    with pytest.raises(UsageError, match="no picture of images of 2 channels"):
        encode(Generated(images, {}), "grid", None, data, "", ".png")


class Finite(datasets.Dataset):
    """Twelve points of one's own, a subclass."""

    name, kind, truth, content_hash = "finite", "planar", datasets.Truth(), "1" * 64
    spaces: ClassVar = {"real": Space((2,))}

    def stream(self, name="real", split="train"):
        return datasets.ResidentSource(torch.arange(24.0).reshape(12, 2) / 10)

    def reference(self, split="test", count=None, field="real"):
        return self.stream(split=split).data[:count]


def test_counts_are_cut_to_the_rows_of_finite_points_and_recorded():
    evaluator = Evaluator(Finite(), samples=30, final_samples=20)
    assert evaluator.protocol["n_real"]["test"] == {"curve": 12, "final": 12}
    found = {m.metric: m for m in evaluator.measure(Finite().stream().data.repeat(3, 1), final=True)}
    assert found["sliced_wasserstein"].value >= 0
    assert found["sliced_wasserstein"].samples == 30
    (fewer,) = (m for m in evaluator.measure(torch.zeros(7, 2), final=True) if m.split == "test")
    assert fewer.samples == 7


MANY = 400  # samples, more than the tiles of two small images
SHAPED = ("window", "neighbours")  # words of reasons that are about the size of an image


def outlines(side):
    """Pairs of noise images of one size, and for games of samples the second of each."""
    generator = torch.Generator().manual_seed(0)

    def noise():
        return datasets.ResidentSource(
            torch.randint(0, 256, (20, 1, side, side), generator=generator, dtype=torch.uint8)
        )

    return IndexedDataset(
        "outlines", "images", {split: {"a": noise(), "b": noise()} for split in ("train", *SPLITS)},
        streams={"pairs": ("a", "b"), "real": "b"},
        spaces={field: Space((1, side, side), PIXELS.bounds) for field in ("a", "b")},
        scales=dict.fromkeys(("a", "b"), PIXELS), truth=Truth(),
    )  # fmt: skip


def announced(data):
    """The names of metrics of which planning says that images are too small for them."""
    sentences = [each for each in limits(Evaluator(data, samples=20)) if "in each direction" in each]
    return {name for each in sentences for name in each.split(": ")[1].split(" will be")[0].split(", ")}


def without_value(data, name, inputs, makes):
    """The names of metrics that have no value for right outputs because of the size of images."""
    evaluator = Evaluator(data, samples=MANY, final_samples=MANY)
    *_, query = queries(name, {name: Ability(inputs, makes)}, data, MANY)  # the last is of the test split
    rows = data.reference("test", query.count, makes)
    found = evaluator.measure(Output(query, rows), final=True)
    return {m.metric for m in found if m.reason and any(word in m.reason for word in SHAPED)}


@pytest.mark.parametrize("side", [1, 2, 3, 10, 11])
def test_images_that_are_too_small_for_a_metric_are_announced_with_it(side):
    data = outlines(side)
    expected = without_value(data, "translate", ("a",), "b") | without_value(data, "sample", (), "real")
    assert announced(data) == expected
    assert ("ssim" in expected) == (side < 11)
    assert ("laplacian_ratio" in expected) == (side < 3)
    assert ("degenerate" in expected) == (side < 2)


@pytest.mark.parametrize("size", [14, 15, 16, 19])
def test_of_tiles_the_whole_images_count_without_their_border(size):
    rng = np.random.default_rng(0)
    images = {name: rng.integers(0, 256, (3, size, 20)).astype(np.uint8) for name in ("one", "two")}
    data = low_high("high", images, images, images, 2, side=7)
    expected = without_value(data, "translate", ("low",), "high")
    assert announced(data) == expected == ({"ssim_luma"} if size // 2 * 2 - 2 * 2 < 11 else set())
