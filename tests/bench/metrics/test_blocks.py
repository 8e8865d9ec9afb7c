"""Quantities of all pairs of rows, computed in blocks: the values of the whole matrix, in bounded memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial import distance
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gan_bench.bench.metrics import adaptation, blocks, parzen
from gan_bench.bench.metrics.modes import nearest_modes
from gan_bench.bench.metrics.neighbours import coverage, density, precision, recall
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth

NONE = Truth()
METRICS = (precision, recall, density, coverage)
FAKE, REAL, WIDTH = 90, 60, 4  # numbers of images and features


class Largest(TorchDispatchMode):
    """Record the largest number of bytes of a tensor that any operation returns."""

    bytes = 0

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        found = function(*arguments, **(options or {}))
        for leaf in tree_leaves(found):
            if isinstance(leaf, torch.Tensor):
                self.bytes = max(self.bytes, leaf.untyped_storage().nbytes())
        return found


@pytest.fixture
def sides():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(FAKE, WIDTH, generator=generator), torch.randn(REAL, WIDTH, generator=generator) + 0.5


def unblocked(fake, real):
    """Precision, recall, density and coverage by their definitions, from whole matrices."""

    def distances(one, other):
        return torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")

    def radius(of, k):
        return distances(of, of).sort(1).values[:, k]

    between = distances(fake, real)
    inside = between <= radius(real, 5)
    return [
        (between <= radius(real, 3)).any(1).double().mean().item(),
        (between <= radius(fake, 3)[:, None]).any(0).double().mean().item(),
        inside.sum(1).double().mean().item() / 5,
        inside.any(0).double().mean().item(),
    ]


def rows_of(number):
    """The bytes of so many rows of distances to the real images."""
    return number * REAL * torch.float32.itemsize


@pytest.mark.parametrize("rows", [1, 7, 30, 45, 89, 90, 1000])
def test_the_values_are_those_of_whole_matrices_whatever_the_block(featured, sides, rows, monkeypatch):
    expected = unblocked(*sides)
    assert all(value > 0.1 for value in expected)
    assert expected[0] < 1 > expected[1]
    monkeypatch.setattr(blocks, "MOST", rows_of(rows))
    fake, real = map(featured, sides)
    assert [metric(fake, real, NONE) for metric in METRICS] == expected


def test_no_tensor_is_larger_than_a_block(featured, sides, monkeypatch):
    fake, real = map(featured, sides)
    with Largest() as whole:
        values = [metric(fake, real, NONE) for metric in METRICS]
    assert whole.bytes >= FAKE * REAL * torch.float32.itemsize  # the recorder sees the matrix
    monkeypatch.setattr(blocks, "MOST", rows_of(20))
    fake, real = map(featured, sides)
    with Largest() as blocked:
        assert [metric(fake, real, NONE) for metric in METRICS] == values
    assert blocked.bytes <= rows_of(20)


@pytest.mark.parametrize("number", [0, 1, 5, 6, 7])
@pytest.mark.parametrize("row", [0, 1, 2, 3, 100])
def test_blocks_cover_all_rows_in_order_and_are_no_larger_than_allowed(number, row, monkeypatch):
    monkeypatch.setattr(blocks, "MOST", 6)
    found = list(blocks.blocks(number, row))
    assert [index for part in found for index in range(number)[part]] == [*range(number)]
    assert len(found) == max(1, math.ceil(number / max(1, 6 // max(1, row))))


def test_a_block_of_the_default_size_is_at_most_256_mebibytes_with_its_masks():
    per_distance = torch.float32.itemsize + 2 * torch.bool.itemsize
    assert blocks.MOST * per_distance / torch.float32.itemsize <= 2**28


def test_nearest_modes_are_those_of_one_block(toy, monkeypatch):
    generator = torch.Generator().manual_seed(0)
    points, modes = (torch.randn(rows, 3, generator=generator) for rows in (50, 9))
    sizes, cdist = [], distance.cdist

    def recorded(one, other):
        sizes.append(one.shape[0] * other.shape[0] * 8)
        return cdist(one, other)

    monkeypatch.setattr(distance, "cdist", recorded)
    monkeypatch.setattr(blocks, "MOST", 7 * 9 * 8)
    found, near = nearest_modes(Samples(points, toy), Truth(modes=modes))
    whole = cdist(points.double(), modes.double())
    assert (found == whole.argmin(1)).all()
    assert (near == whole.min(1)).all()
    assert max(sizes) <= 7 * 9 * 8
    assert len(sizes) == 8


@pytest.mark.parametrize("rows", [1, 3, 10, 11])
def test_colours_of_domains_are_those_of_one_block(rows, monkeypatch):
    images = torch.randint(
        0, 256, (10, 3, 6, 5), generator=torch.Generator().manual_seed(0), dtype=torch.uint8
    )
    expected = adaptation._colours(images)
    pixels = images.double()
    by_torch = torch.cat((pixels.mean((2, 3)), pixels.std((2, 3), correction=0)), dim=1)
    np.testing.assert_allclose(expected, by_torch)
    monkeypatch.setattr(blocks, "MOST", rows * 3 * 6 * 5 * 8)
    assert np.array_equal(adaptation._colours(images), expected)


@pytest.mark.parametrize("rows", [1, 4, 13])
def test_parzen_densities_are_those_of_one_block_whatever_the_number_of_centres(rows, monkeypatch):
    numbers = np.random.default_rng(0)
    points, centres, sizes = numbers.random((13, 4)), numbers.random((30, 4)), []
    expected = parzen.densities(points, centres, [0.2, 0.5])

    def recorded(some, others, original=parzen._squares):
        sizes.append(len(some))
        return original(some, others)

    monkeypatch.setattr(parzen, "_squares", recorded)
    monkeypatch.setattr(blocks, "MOST", rows * 30 * 8)
    monkeypatch.setattr(parzen, "MOST", rows * 30 * 8)
    np.testing.assert_allclose(parzen.densities(points, centres, [0.2, 0.5]), expected, rtol=1e-12)
    assert max(sizes) == rows
    assert sum(sizes) == 13
