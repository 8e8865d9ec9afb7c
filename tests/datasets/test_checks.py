"""Laws, streams and subclasses of one's own, tried on a few rows when they are loaded."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.datasets import DatasetError, StreamingSource, registry
from gan_bench.datasets.base import Truth
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.sampled import SampledDataset


@pytest.fixture
def load():
    """Register a dataset for one test, and load it."""

    def load(make, kind="planar"):
        with registry.DATASETS.restored():
            datasets.register_dataset("mine", kind=kind)(make)
            return datasets.load("mine")

    return load


def law(draw, classes=None, others=None, **options):
    def make():
        return SampledDataset("mine", "planar", (2,), Truth(classes=classes), draw, others=others, **options)

    return make


def normal(count, generator, dtype):
    return torch.randn(count, 2, generator=generator, dtype=dtype)


def labelled(label):
    return {"labelled": lambda n, g, t: {"real": normal(n, g, t), "label": label(n)}}


def zeros(n):
    return torch.zeros(n, dtype=torch.int64)


def test_a_sound_law_is_loaded(load):
    assert load(law(normal, 1, labelled(zeros))).truth.classes == 1
    huge = law(lambda *a: 1e30 * normal(*a), shift=(0.0, 0.0), scale=(1e30, 1e30))
    assert load(huge).shape == (2,), "a prepared scale of 1 is fine"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (law(lambda *a: normal(*a)[:, :1]), r"gives shape \(64, 1\) for 64 rows, expected \(64, 2\)"),
        (law(lambda n, g, t: normal(n // 2, g, t)), r"gives shape \(32, 2\) for 64 rows"),
        (law(lambda *a: normal(*a).round().long()), r"points are torch.int64, expected floats"),
        (law(lambda *a: normal(*a).numpy()), r"gives ndarray, expected a tensor"),
        (law(lambda *a: normal(*a) / 0), r"64 of 64 rows read are not finite"),
        (law(lambda *a: 1e30 * normal(*a)), r"whose square float32 cannot hold.*shift and scale"),
        (law(lambda n, g, t: torch.rand(n, 2, dtype=t)), r"something beside the generator"),
        (law(normal, None, labelled(zeros)), r"states no number of classes"),
        (
            law(normal, 3, labelled(lambda n: zeros(n) + 3)),
            r"labels go from 3 to 3, with classes = 3 expected 0",
        ),
        (law(normal, 3, labelled(lambda n: zeros(n) - 1)), r"labels go from -1"),
        (law(normal, 3, labelled(lambda n: zeros(n).float())), r"labels are torch.float32, expected int64"),
        (law(normal, 3, labelled(lambda n: zeros(n)[:, None])), r"field label gives shape \(64, 1\)"),
        (
            law(normal, 1, {"labelled": lambda n, g, t: {"label": zeros(n), "real": normal(n, g, t) + 1}}),
            "draws other rows of real than stream real",
        ),
        (
            lambda: SampledDataset("mine", "planar", (3,), Truth(), normal),
            r"of planar data \(2,\) is expected",
        ),
        (lambda: 1 / 0, r"dataset 'mine' \(test_checks.py, line \d+\): ZeroDivisionError"),
        (lambda: np.load("nowhere.npy"), r"test_checks.py, line \d+\): FileNotFoundError"),
    ],
)
def test_a_law_that_breaks_its_promise_is_refused_when_it_is_loaded(load, make, message):
    with pytest.raises(DatasetError, match=message) as refused:
        load(make)
    assert str(refused.value).startswith("dataset 'mine'")


def black(rows, shape=(1, 4, 4), dtype=np.uint8):
    return np.zeros((len(rows), *shape), dtype)


def streamed(read, shape=(1, 4, 4), length=9):
    def make():
        parts = {
            name: Split(StreamingSource(read, length, shape)) for name in ("train", "validation", "test")
        }
        return ImageDataset("mine", parts, content_hash="0" * 64)

    return make


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (streamed(lambda rows: black(rows, (4, 4))), r"shape \(3, 4, 4\) for 3 rows of shape \(1, 4, 4\)"),
        (streamed(lambda rows: black(rows)[:1]), r"shape \(1, 1, 4, 4\) for 3 rows"),
        (streamed(lambda rows: black(rows, dtype=float)), r"torch.float64, expected uint8.*to_pixels"),
        (streamed(lambda rows: black(rows, (1, 4)), (1, 4)), r"of images data \(channels, height"),
        (streamed(lambda rows: 1 / 0), "ZeroDivisionError"),
        (streamed(black, length=0), "has 0 images"),
    ],
)  # fmt: skip
def test_a_stream_that_gives_other_rows_is_refused_when_it_is_loaded(load, make, message):
    with pytest.raises(DatasetError, match=message):
        load(make, "images")


def test_a_stream_may_not_change_its_type_later():
    def read(rows):
        return np.zeros((len(rows), 2), dtype=np.uint8 if rows[0] == 0 else np.int32)

    source = StreamingSource(read, 9, (2,))
    source.gather(torch.tensor([0, 3]))
    with pytest.raises(ValueError, match="gave int32 after uint8"):
        source.gather(torch.tensor([3]))


@pytest.mark.parametrize("keep", [0, 40, 200])
def test_a_file_that_is_cut_short_is_named(tmp_path, keep):
    path = tmp_path / "images.npy"
    np.save(path, np.zeros((20, 4, 4), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"images\.npy is not a whole \.npy file"):
        StreamingSource.open(path)
