from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

from gan_bench import datasets
from gan_bench.datasets import DatasetError, StreamingSource
from gan_bench.datasets.digits import enlarge
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.spaces import Space


@pytest.fixture
def tiny() -> ImageDataset:
    pixels = np.arange(12 * 4, dtype=np.uint8).reshape(12, 2, 2)
    labels = np.arange(12) % 3
    parts = {"train": slice(0, 6), "validation": slice(6, 9), "test": slice(9, 12)}
    return ImageDataset(
        "tiny", {name: Split.of(pixels[part], labels[part]) for name, part in parts.items()}, classes=3
    )


def test_pixels_survive_the_round_trip_exactly(tiny):
    every = torch.arange(256, dtype=torch.uint8)
    for dtype in (torch.float32, torch.float64):
        prepared = tiny.prepare(every, dtype=dtype)
        assert prepared.dtype == dtype
        assert prepared[0] == -1
        assert prepared[-1] == 1
        assert torch.equal(tiny.restore(prepared), every)


def test_restoring_rounds_half_to_even_and_clamps(tiny):
    pixel = torch.tensor([-7.0, 0.0, 0.5, 1.5, 2.5, 254.4, 254.5, 255.0, 300.0], dtype=torch.float64)
    expected = np.clip(np.rint(pixel.numpy()), 0, 255).astype(np.uint8)
    # the scale is exact in binary only for some of these, so leave the others a hair
    restored = tiny.restore(pixel / 127.5 - 1).numpy()
    assert (np.abs(restored.astype(int) - expected) <= (np.abs(pixel.numpy() % 1 - 0.5) < 1e-9)).all()
    assert tiny.restore(torch.tensor([0.0])).item() == 128, "127.5 goes to the even neighbour"


def test_preparing_leaves_the_raw_data_alone(tiny):
    raw = torch.full((3,), 255.0)
    tiny.prepare(raw)
    samples = torch.zeros(3)
    tiny.restore(samples)
    assert raw.tolist() == [255.0] * 3
    assert samples.tolist() == [0.0] * 3


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_samples_that_are_not_finite_never_become_pixels(tiny, value):
    with pytest.raises(ValueError, match="not finite"):
        tiny.restore(torch.tensor([0.0, value]))


def test_streams_and_references(tiny):
    assert tiny.shape == (1, 2, 2)
    assert tiny.streams == {"real": ("real",), "labelled": ("real", "label")}
    assert tiny.spaces == {"real": Space((1, 2, 2), (-1.0, 1.0)), "label": Space(classes=3)}
    batch = tiny.stream("labelled").gather(torch.tensor([4, 0]))
    assert batch["label"].tolist() == [1, 0]
    assert batch["real"][:, 0, 0, 0].tolist() == [16, 0]
    assert tiny.reference("validation", 2)[:, 0, 0, 0].tolist() == [24, 28]
    assert tiny.reference_labels("test").tolist() == [0, 1, 2]
    assert len(tiny.reference("test", 4)) == tiny.reference_rows("test") == 3, (
        "a count is cut to what there is"
    )


def test_every_part_of_the_definition_changes_the_hash(tiny):
    def rebuilt(**changes):
        settings = {"preprocessing": "none", "version": 1} | changes
        return ImageDataset(
            settings.pop("name", "tiny"), settings.pop("splits", tiny.parts), **settings
        ).content_hash

    assert rebuilt() == tiny.content_hash
    swapped = tiny.parts | {"validation": tiny.parts["test"], "test": tiny.parts["validation"]}
    unlabelled = {name: Split(part.images) for name, part in tiny.parts.items()}
    changes = [
        {"name": "other"},
        {"version": 2},
        {"preprocessing": "x"},
        {"splits": swapped},
        {"splits": unlabelled},
    ]
    assert len({rebuilt(), *(rebuilt(**change) for change in changes)}) == 6


def test_streamed_images_need_a_hash_of_their_own(tiny):
    pixels = np.zeros((6, 1, 2, 2), dtype=np.uint8)
    train = Split(StreamingSource(pixels.__getitem__, 6, (1, 2, 2)), tiny.parts["train"].labels)
    parts = tiny.parts | {"train": train}
    with pytest.raises(DatasetError, match="content_hash"):
        ImageDataset("tiny", parts)
    streamed = ImageDataset("tiny", parts, content_hash="0" * 64)
    assert streamed.stream().gather(torch.tensor([[1, 5]])).shape == (1, 2, 1, 2, 2)


def test_digits_are_enlarged_as_torch_does_it():
    images = load_digits().images
    grown = functional.interpolate(torch.from_numpy(images)[:, None], size=(20, 20), mode="bilinear")[:, 0]
    expected = functional.pad(grown * 255 / 16, (4, 4, 4, 4)).numpy()
    enlarged = enlarge(images.astype(np.int64))
    assert enlarged.dtype == np.uint8
    assert np.abs(enlarged - expected).max() <= 0.5 + 1e-9


def test_digits_splits_hold_every_image_once_and_every_class_evenly():
    digits = datasets.load("digits")
    sizes = {split: len(digits.stream("real", split)) for split in digits.splits}
    assert sizes == {"train": 1085, "validation": 357, "test": 355}
    labels = {split: digits.stream("labelled", split).fields["label"].data for split in digits.splits}
    total = torch.from_numpy(np.bincount(load_digits().target))
    for split, share in {"train": 0.6, "validation": 0.2, "test": 0.2}.items():
        assert (torch.bincount(labels[split]) - share * total).abs().max() < 2


def test_digits_are_the_same_bytes_on_every_machine():
    assert datasets.load("digits").content_hash.startswith("b95076196bb0")


def test_the_native_grid_says_which_pixels_depend_on_which():
    grid = datasets.load("digits").enlarged
    for row, column in itertools.product(range(8), repeat=2):
        images = np.full((2, 8, 8), 8, dtype=np.int64)
        images[1, row, column] = 16
        before, after = enlarge(images)
        rows, columns = np.nonzero(before != after)
        assert grid.rows[row] == (rows.min(), rows.max() + 1)
        assert grid.columns[column] == (columns.min(), columns.max() + 1)
