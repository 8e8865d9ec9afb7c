"""Quantities of all pairs of rows, computed in blocks: the values of the whole matrix, in bounded memory."""

from __future__ import annotations

import math

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gan_bench.bench.metrics import blocks
from gan_bench.bench.metrics.neighbours import coverage, density, precision, recall
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
    assert all(0.1 < value for value in expected)
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
