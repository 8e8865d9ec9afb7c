from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.running.nearest import CHUNK, SHOWN, nearest_arrays, nearest_training


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def test_the_nearest_is_that_of_a_search_through_all(digits):
    train = digits.stream("real", "train")
    everything = train.gather(torch.arange(len(train))).numpy().astype(int)
    assert len(everything) > 2 * CHUNK  # over several chunks
    queries = torch.randint(0, 256, (5, *digits.shape), generator=torch.Generator().manual_seed(0))
    queries = torch.cat([digits.reference("test", 20), queries.to(torch.uint8)])
    squares = np.square(queries.numpy().astype(int)[:, None] - everything).mean((2, 3, 4))
    found = nearest_training(queries, digits)
    np.testing.assert_array_equal(found.images.numpy(), everything[squares.argmin(1)])
    np.testing.assert_allclose(found.distance, np.sqrt(squares.min(1)), rtol=1e-12)


def test_a_copy_is_found_at_no_distance(digits):
    train = digits.stream("real", "train")
    rows = torch.tensor([0, CHUNK - 1, CHUNK, len(train) - 1])
    copies = train.gather(rows)
    found = nearest_training(copies, digits)
    assert torch.equal(found.images, copies)
    assert not found.distance.any()


def test_what_a_record_keeps(digits):
    made = digits.reference("validation", 30)
    kept = nearest_arrays(made, "ema", digits)
    assert {name: array.shape for name, array in kept.items()} == {
        "nearest_ema": (SHOWN, *digits.shape),
        "distance_ema": (SHOWN,),
        "distance_test": (100,),
    }
    assert kept["nearest_ema"].dtype == np.uint8
    # Validation images are as far as test images are: both are new.
    assert np.median(kept["distance_ema"]) == pytest.approx(np.median(kept["distance_test"]), rel=0.3)


def test_data_without_a_finite_training_split_of_images_have_none():
    ring = datasets.load("ring")
    assert nearest_arrays(ring.reference("test", 10), "final", ring) == {}
