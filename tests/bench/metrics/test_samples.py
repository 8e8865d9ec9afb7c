from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan_bench.bench.metrics import Undefined
from gan_bench.bench.metrics.samples import Samples


def test_nearest_excludes_the_sample_itself(featured):
    positions = torch.tensor([0.0, 1.0, 3.0, 7.0, 15.0, 31.0, 63.0])[:, None]
    assert featured(positions).nearest[0].tolist() == [1, 3, 7, 15, 31]


def test_spread_takes_rows_from_everywhere(toy):
    samples = Samples(torch.arange(10.0)[:, None], toy)
    assert samples.spread(4).rows[:, 0].tolist() == [0, 2, 5, 7]
    assert samples.spread(10) is samples
    assert samples.spread(11) is samples


def test_first_shares_features(featured):
    whole = featured(torch.arange(12.0).view(6, 2))
    whole.extractor = object()  # never called: the features are there
    part = whole.first(2)
    assert len(part) == 2
    assert torch.equal(part.features, whole.features[:2])


def test_broken_counts_samples_not_values(toy):
    raw = torch.zeros(4, 2)
    raw[0, :] = math.nan
    raw[2, 1] = math.inf
    assert Samples(raw, toy).broken == 2
    assert Samples(torch.zeros(4, 2, dtype=torch.uint8), toy).broken == 0


def test_what_is_computed_once_is_kept_by_what_it_depends_on(toy):
    samples, calls = Samples(torch.zeros(2, 1), toy), []

    def count(these, more):
        calls.append(more)
        return len(these) + more

    assert [samples.once(count, more) for more in (1, 5, 1)] == [3, 7, 3]
    assert calls == [1, 5]


def test_coordinates_are_flat_and_double_and_have_their_former_name(toy):
    samples = Samples(torch.ones(3, 1, 2, 2), toy)
    assert samples.coordinates.shape == (3, 4)
    assert samples.coordinates.dtype == np.float64
    assert samples.points is samples.coordinates


def test_without_an_extractor_features_are_undefined(toy):
    with pytest.raises(Undefined, match="no feature extractor was trained for dataset 'toy'"):
        _ = Samples(torch.zeros(3, 1), toy).features
