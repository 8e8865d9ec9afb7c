from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
import torch

from gan_bench import datasets
from gan_bench.bench.metrics.classes import class_mode_kl, class_modes
from gan_bench.bench.metrics.extractors import Outputs, extractor
from gan_bench.bench.metrics.extractors.channels import Channels
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.stacked import StackedSource, stack

DIGITS = datasets.load("digits")


@pytest.fixture(scope="module")
def stacked():
    return stack("stacked-digits", DIGITS, 500, references=400)


def test_channels_are_digits_of_the_same_split_with_their_labels(stacked):
    for split in ("train", "validation", "test"):
        part, base = stacked.parts[split], DIGITS.parts[split]
        images, labels = part.images.gather(torch.arange(50)), part.labels[:50]
        members = part.images.members[:50]
        for channel, digit in enumerate((labels // 100, labels // 10 % 10, labels % 10)):
            assert torch.equal(images[:, channel], base.images.data[members[:, channel], 0])
            assert torch.equal(digit, base.labels[members[:, channel]])


@pytest.mark.parametrize("name", ["stacked-digits", "stacked-mnist"])
def test_the_three_digits_are_independent_and_all_thousand_occur(name):
    """As 1,000 modes need: each channel has the law of single digits, and no channel tells of another."""
    try:
        data = datasets.load(name, allow_download=False, stand_in=False)
        single = datasets.load(name.removeprefix("stacked-"), allow_download=False, stand_in=False)
    except datasets.Unreachable:
        pytest.skip(f"{name} lies neither in BENCH_DATA nor in the cache")
    labels = data.parts["train"].labels
    counts = labels.bincount(minlength=1000).reshape(10, 10, 10).numpy()
    assert counts.min() > 0
    assert len(counts.ravel()) == data.truth.class_modes == 1000
    law = single.parts["train"].labels.bincount(minlength=10).double().numpy()
    law /= law.sum()
    expected = len(labels) * np.einsum("i,j,k->ijk", law, law, law)
    assert scipy.stats.chisquare(counts.ravel(), expected.ravel()).pvalue > 1e-3


def test_gather_keeps_the_shape_of_its_indices():
    images = torch.arange(5, dtype=torch.uint8)[:, None, None, None].expand(5, 1, 2, 2).contiguous()
    source = StackedSource(images, torch.tensor([[0, 1, 2], [4, 4, 3]]))
    rows = source.gather(torch.tensor([[1, 0], [0, 1]]))
    assert rows.shape == (2, 2, 3, 2, 2)
    assert rows[..., 0, 0].tolist() == [[[4, 4, 3], [0, 1, 2]], [[0, 1, 2], [4, 4, 3]]]
    assert source.to("cpu") is source


def test_the_data_depends_on_the_name_and_the_digits_alone(stacked):
    again = stack("stacked-digits", DIGITS, 500, references=400)
    assert again.content_hash == stacked.content_hash
    assert stack("other", DIGITS, 500, references=400).content_hash != stacked.content_hash
    assert stack("stacked-digits", DIGITS, 501, references=400).content_hash != stacked.content_hash


def test_the_read_out_joins_what_each_channel_says(stacked):
    images = stacked.reference("test", 60)
    outputs, single = extractor("lenet28_digitsx3")(images), extractor("lenet28_digits")
    channels = [single(images[:, [channel]]) for channel in range(3)]
    assert torch.allclose(outputs.features, torch.cat([c.features for c in channels], dim=1), atol=1e-5)
    label = sum(c.logits.argmax(1) * 10 ** (2 - i) for i, c in enumerate(channels))
    assert torch.equal(outputs.logits.argmax(1), label)
    chance = channels[0].logits.softmax(1)[:, 3] * channels[1].logits.softmax(1)[:, 1]
    chance *= channels[2].logits.softmax(1)[:, 4]
    assert torch.allclose(outputs.logits.softmax(1)[:, 314], chance, atol=1e-6)
    right = (outputs.logits.argmax(1) == stacked.reference_labels("test")[:60]).double().mean()
    assert right > 0.85


def test_the_read_out_refuses_grey_images():
    with pytest.raises(Exception, match="lenet28_digitsx3 takes images of 3 channels"):
        extractor("lenet28_digitsx3")(DIGITS.reference("test", 3))


def test_modes_and_kl_by_hand(stacked):
    class Read:
        suffix, sha256 = "read", ""

        def __call__(self, images):
            rows = torch.nn.functional.one_hot(images[:, 0, 0, 0].long(), 10).float() * 50
            return Outputs(rows, rows)

    images = torch.zeros(8, 3, 28, 28, dtype=torch.uint8)
    images[:2, 0] = 7  # classes 700 (twice) and 0 (six times)
    fake = Samples(images, stacked, Channels(Read()))
    assert class_modes(fake, None, stacked.truth) == 2
    expected = 0.25 * math.log(0.25 * 1000) + 0.75 * math.log(0.75 * 1000)
    assert class_mode_kl(fake, None, stacked.truth) == pytest.approx(expected)
