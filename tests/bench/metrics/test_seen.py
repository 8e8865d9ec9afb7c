from __future__ import annotations

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, info
from gan_bench.bench.metrics.extractors import extractor as extractor_called
from gan_bench.bench.metrics.fidelity import fid
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.seen import MOST, seen_count, seen_rows
from gan_bench.datasets import Truth
from gan_bench.datasets.images import ImageDataset, Split

FID, SEEN = "fid_lenet28_digits", "fid_train_lenet28_digits"


def measured(data, raw, **options):
    found = Evaluator(data, samples=len(raw), **options).measure(raw, final=False)
    return {m.metric: m.value for m in found if m.split == "test"}


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def test_it_is_the_fid_to_the_whole_training_split(digits, tmp_path):
    raw, train = digits.reference("validation"), digits.stream("real", "train")
    extractor = extractor_called("lenet28_digits")
    everything = Samples(train.gather(torch.arange(len(train))), digits, extractor)
    expected = fid(Samples(raw, digits, extractor), everything, Truth())
    for _ in range(2):  # computed, and from the cache, where it must not be taken for another split's
        values = measured(digits, raw, cache=tmp_path)
        assert values[SEEN] == pytest.approx(expected, rel=1e-6)
        assert values[FID] != pytest.approx(expected, rel=1e-2)


def test_copies_of_training_images_are_told_from_fresh_ones(digits):
    train = digits.stream("real", "train")
    copies = measured(digits, train.gather(torch.arange(1000)))
    fresh = measured(digits, digits.reference("validation"))
    assert copies[SEEN] < 0.2 * copies[FID]
    assert fresh[SEEN] > 0.7 * fresh[FID]


def test_a_larger_split_is_read_evenly(stripes_of):
    data = stripes_of(3 * MOST)
    assert seen_count(data) == MOST
    assert seen_rows(data).flatten().tolist() == [row * 3 % 256 for row in range(MOST)]


def test_infinite_data_have_no_training_split_to_memorise():
    ring = datasets.load("ring")
    assert seen_count(ring) == 0
    assert not info("fid_train").applies(ring)


def test_the_protocol_says_how_many(digits):
    metrics = Evaluator(digits, samples=100).protocol["metrics"]
    assert metrics[SEEN]["n_real"] == 1085
    assert "n_real" not in metrics[FID]


@pytest.fixture
def stripes_of():
    def make(count):
        rows = (torch.arange(count) % 256).to(torch.uint8).reshape(-1, 1, 1, 1).numpy()
        splits = {"train": Split.of(rows), "validation": Split.of(rows[:5]), "test": Split.of(rows[5:9])}
        return ImageDataset("stripes", splits)

    return make
