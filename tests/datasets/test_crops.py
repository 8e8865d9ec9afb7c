"""Crops of images, their symmetries, and low and high resolution that belong together."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench.datasets import crops, load
from gan_bench.datasets.crops import ALL, MIRRORED, Crops, Places, symmetries_of
from gan_bench.datasets.errors import DatasetError
from gan_bench.datasets.resizing import shrink
from gan_bench.datasets.super_resolution import low_high

RNG = np.random.default_rng(0)


def pictures(*sizes):
    return [torch.from_numpy(RNG.integers(0, 256, (3, *size), dtype=np.uint8)) for size in sizes]


def test_rows_are_every_crop_of_every_image_once():
    images = pictures((4, 5), (3, 3), (3, 7))
    every = Crops(images, Places([tuple(i.shape[1:]) for i in images], 3, 1))
    by_hand = [
        image[:, top : top + 3, left : left + 3]
        for image in images
        for top in range(image.shape[1] - 2)
        for left in range(image.shape[2] - 2)
    ]
    assert len(every) == len(by_hand) == 6 + 1 + 5
    assert torch.equal(every.gather(torch.arange(len(every))), torch.stack(by_hand))
    assert every.gather(torch.tensor([[0, 7], [11, 3]])).shape == (2, 2, 3, 3, 3)


def test_crops_are_gathered_in_blocks_whatever_is_asked_for(monkeypatch):
    images = pictures((9, 12), (6, 6), (20, 7))
    source = Crops(images, Places([tuple(i.shape[1:]) for i in images], 5, ALL))
    rows = torch.randint(len(source), (7, 11), generator=torch.Generator().manual_seed(0))
    whole = source.gather(rows)
    largest = []
    gathered = source._gathered
    monkeypatch.setattr(source, "_gathered", lambda part: largest.append(len(part)) or gathered(part))
    for block in (1, 400):
        monkeypatch.setattr(crops, "BLOCK", block)
        largest.clear()
        assert torch.equal(source.gather(rows), whole)
        assert max(largest) == max(1, block // 75)
    assert source.gather(rows[:0]).shape == (0, 11, 3, 5, 5)


def test_mirror_images_and_all_eight_symmetries():
    (image,) = pictures((3, 3))
    two = Crops([image], Places([(3, 3)], 3, MIRRORED))
    assert torch.equal(two.gather(torch.arange(2)), torch.stack([image, image.flip(2)]))
    eight = Crops([image], Places([(3, 3)], 3, ALL)).gather(torch.arange(8))
    turned = [torch.rot90(one, k, (1, 2)) for one in (image, image.flip(2)) for k in range(4)]
    assert {row.numpy().tobytes() for row in eight} == {row.numpy().tobytes() for row in turned}
    assert symmetries_of(3).shape == (2, 8, 3, 3)


def test_crops_of_two_resolutions_show_the_same_place():
    high = pictures((24, 40), (32, 16))
    low = [image[:, 2::4, 2::4] for image in high]  # one pixel of each square of four
    places = Places([tuple(i.shape[1:]) for i in low], 3, ALL)
    of_low, of_high = Crops(low, places), Crops(high, places, 4)
    assert of_high.shape == (3, 12, 12)
    rows = torch.arange(len(places))
    small, large = of_low.gather(rows), of_high.gather(rows)
    for one, other in zip(small, large, strict=True):  # the pixel lies in its square, however it is turned
        squares = other.unfold(1, 4, 4).unfold(2, 4, 4)[:, :, :, 1:3, 1:3].flatten(3)
        assert (squares == one[..., None]).any(3).all()


def test_low_resolution_is_the_bicubic_one_of_the_crop_away_from_its_edges():
    data = load("photographs-x4")
    rows = torch.randint(len(data.stream("low_high")), (40,), generator=torch.Generator().manual_seed(0))
    pairs = data.stream("low_high").gather(rows)
    assert pairs["low"].dtype == torch.float32
    again = shrink(pairs["high"].double(), 4)
    inner = np.s_[:, :, 2:-2, 2:-2]
    assert (again - pairs["low"])[inner].abs().max() < 1e-4


def test_tiles_cover_the_held_out_parts_which_training_does_not_see():
    data = load("photographs-x4")
    for split, size in (("validation", (192, 152)), ("test", (384, 112))):
        given = data.given(["low", "high", "place"], split)
        covered = torch.zeros(size)
        for _, top, left, height, width in given["place"].int().tolist():
            assert (height, width) == size
            covered[top : top + 64, left : left + 64] += 1
        assert (covered > 0).all()
    source = data.stream("real")
    some = source.gather(torch.arange(0, len(source), 97))
    held = data.reference("test")
    assert not {row.numpy().tobytes() for row in some} & {row.numpy().tobytes() for row in held}


@pytest.mark.parametrize("side", [1, 5, 6])
def test_crops_that_are_no_larger_than_the_overlap_of_tiles_are_refused(side):
    images = {"one": np.zeros((3, 40, 40), dtype=np.uint8)}
    with pytest.raises(DatasetError, match=f"mine: crops of side {side}, expected above 6"):
        low_high("mine", images, images, images, 2, side=side)


def test_the_smallest_tiles_cover_an_image():
    images = {"one": np.zeros((3, 40, 30), dtype=np.uint8)}
    places = low_high("mine", images, images, images, 2, side=7).reference("test", None, "place")
    seen = torch.zeros(40, 30)
    for _, top, left, _, _ in places.long().tolist():
        seen[top : top + 14, left : left + 14] += 1
    assert seen.min() >= 1
