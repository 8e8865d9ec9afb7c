from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors
from torch_fidelity.metric_prc import prc_features_to_metric

from gan_bench.bench.metrics import Undefined
from gan_bench.bench.metrics.neighbours import coverage, density, precision, recall
from gan_bench.datasets import Truth

METRICS = (precision, recall, density, coverage)
NONE = Truth()


def line(*positions):
    return torch.tensor(positions, dtype=torch.float64)[:, None]


def values(fake, real):
    return [metric(fake, real, NONE) for metric in METRICS]


def test_constructed_on_a_line(featured):

    real = featured(line(0, 1, 2, 3, 4, 5, 6))
    fake = featured(line(3, 100, 101, 102, 103, 104, 105))
    # The fake at 3 is in all five inner balls (5th neighbour at least 3 away) and both outer ones.
    assert precision(fake, real, NONE) == pytest.approx(1 / 7)
    assert density(fake, real, NONE) == pytest.approx(7 / (5 * 7))
    assert coverage(fake, real, NONE) == 1
    # The fake at 3 has its 3rd neighbour 99 away: its ball holds every real.
    assert recall(fake, real, NONE) == 1


def test_far_apart_sets_share_nothing(featured):
    real, fake = featured(line(*range(10))), featured(line(*range(1000, 1010)))
    assert values(fake, real) == [0, 0, 0, 0]


def test_a_set_compared_with_itself(featured):
    same = featured(torch.randn(200, 6, generator=torch.Generator().manual_seed(0)))
    found = values(same, same)
    assert found[0] == found[1] == found[3] == 1
    # Each ball holds its centre and its five neighbours: (5 + 1) / 5.
    assert found[2] == pytest.approx(1.2, rel=1e-12)  # the same distance from either end, rim included


@pytest.mark.parametrize("offset", [2.0**10, -(2.0**14)])
def test_an_offset_of_all_features_changes_nothing(featured, offset):
    generator = torch.Generator().manual_seed(0)
    # On a grid of 1/256 the offset is added without rounding.
    fake, real = (torch.randn(300, 8, generator=generator).mul(256).round() / 256 for _ in range(2))
    expected = values(featured(fake), featured(real))
    assert 0 < expected[0] < 1
    assert values(featured(fake + offset), featured(real + offset)) == expected
    # SciPy does not expand squares either.
    radius = np.sort(cdist(real + offset, real + offset), axis=1)[:, 3]
    assert expected[0] == (cdist(fake + offset, real + offset) <= radius).any(1).mean()


def test_equal_samples_are_at_distance_0_however_far_from_the_origin(featured):
    features = torch.full((40, 84), 1000.0) + torch.randn(1, 84, generator=torch.Generator().manual_seed(0))
    same = featured(features)
    assert same.nearest.tolist() == [[0.0] * 5] * 40
    assert values(same, same) == [1, 1, 8, 1]


@pytest.mark.parametrize(("n_fake", "n_real", "spread"), [(150, 150, 1.0), (120, 90, 0.4), (60, 200, 2.0)])
def test_precision_and_recall_are_torch_fidelitys(featured, n_fake, n_real, spread):
    generator = torch.Generator().manual_seed(n_fake)
    fake = torch.randn(n_fake, 5, generator=generator) * spread
    real = torch.randn(n_real, 5, generator=generator)
    expected = prc_features_to_metric(fake, real, verbose=False)
    assert precision(featured(fake), featured(real), NONE) == pytest.approx(expected["precision"])
    assert recall(featured(fake), featured(real), NONE) == pytest.approx(expected["recall"])


def test_density_and_coverage_by_scikit_learns_neighbours(featured):
    rng = np.random.default_rng(1)
    fake, real = rng.normal(0.3, 0.8, size=(130, 3)), rng.normal(size=(110, 3))
    radius = NearestNeighbors(n_neighbors=6).fit(real).kneighbors(real)[0][:, -1]
    inside = np.linalg.norm(fake[:, None] - real[None], axis=2) <= radius
    assert density(featured(fake), featured(real), NONE) == pytest.approx(inside.sum(1).mean() / 5)
    assert coverage(featured(fake), featured(real), NONE) == pytest.approx(inside.any(0).mean())


def test_the_real_side_is_computed_once(featured, monkeypatch):
    from gan_bench.bench.metrics import samples

    calls = []

    def counted(one, other, original=samples._distances):
        calls.append(1)
        return original(one, other)

    monkeypatch.setattr(samples, "_distances", counted)
    real = featured(line(*range(10)))
    for shift in (0.5, 3.5):
        values(featured(line(*range(10)) + shift), real)
    assert len(calls) == 5  # real to real once; per model: fake to fake, fake to real


def test_too_few_samples_have_no_neighbours(featured):
    few = featured(line(0, 1, 2))
    with pytest.raises(Undefined, match="more than 5 samples, there are 3"):
        precision(few, few, NONE)
