"""Images before and after: whole, in their order, and of tiles put together."""

import numpy as np
import pytest
import torch

from gan_bench.bench.abilities.bounded import BYTES
from gan_bench.bench.abilities.enlarged import IMAGES, enlarged
from gan_bench.bench.metrics.outputs import Output, Query, query_of
from gan_bench.datasets.super_resolution import low_high
from gan_bench.variants.declarations import Ability

RNG = np.random.default_rng(0)
FACTOR, SIDE = 2, 8
SIZES = {"a": (32, 44), "b": (20, 16)}
UP = {"up": Ability(("low",), makes="high")}


@pytest.fixture(scope="module")
def photographs():
    images = {name: RNG.integers(0, 256, (3, *size)).astype(np.uint8) for name, size in SIZES.items()}
    return images, low_high("photographs", images, images, images, FACTOR, side=SIDE)


def test_tiles_are_put_together_to_whole_images(photographs):
    """Outputs that are right give the images from which the tiles were cut, at both resolutions."""
    images, data = photographs
    query = query_of("up", UP, data, 1_000, "test")
    right = query.paired("high")
    kept = enlarged(Output(query, 255 - right), "final")
    assert len(kept) == 3 * len(images)
    for place, image in enumerate(images.values()):
        start = f"enlarged.final.up.{place}."
        np.testing.assert_array_equal(kept[f"{start}target"], image)
        np.testing.assert_array_equal(kept[f"{start}made"], 255 - image)
        low = kept[f"{start}given"]
        assert low.shape == (3, *(side // FACTOR for side in image.shape[1:]))
        assert abs(low.mean() - image.mean()) < 1  # shrinking keeps the mean
    assert all(array.dtype == np.uint8 for array in kept.values())


def test_an_image_that_not_all_tiles_cover_is_left_out(photographs):
    _, data = photographs
    query = query_of("up", UP, data, 3, "test")
    assert enlarged(Output(query, query.paired("high")), "final") == {}


def of_rows(low, made, broken=0):
    query = Query("up", "high", len(low), given={"low": low}, split="test")
    return enlarged(Output(query, made, broken), "ema")


def test_rows_without_places_are_images_themselves_and_few_are_kept():
    low, made = torch.arange(9.0).view(9, 1, 1, 1).repeat(1, 1, 2, 3), torch.zeros(9, 1, 8, 12)
    kept = of_rows(low, made)
    assert set(kept) == {f"enlarged.ema.up.{i}.{name}" for i in range(IMAGES) for name in ("given", "made")}
    assert [kept[f"enlarged.ema.up.{i}.given"][0, 0, 0] for i in range(IMAGES)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("low", "made", "broken"),
    [
        (torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 4, 4), 0),
        (torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 8, 12), 0),
        (torch.zeros(2, 1, 4, 4), torch.zeros(2, 7), 0),
        (torch.zeros(2, 4), torch.zeros(2, 1, 8, 8), 0),
        (torch.zeros(2, 1, 4, 4), torch.zeros(1, 1, 8, 8), 1),
        (torch.zeros(1, 1, 600, 600), torch.zeros(1, 1, 1200, 1200), 0),
    ],
    ids=["equal", "stretched", "codes", "vectors", "broken", "more than fits"],
)
def test_other_outputs_have_no_before_and_after(low, made, broken):
    assert of_rows(low, made, broken) == {}
    assert made.numel() < 2 * BYTES
