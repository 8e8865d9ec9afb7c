"""Labels and numbers of a user: what is converted, and what is refused with the cure."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench.datasets import DatasetError
from gan_bench.datasets.numbers import to_labels, to_numbers


@pytest.mark.parametrize(
    "labels",
    [[2, 0, 1], (2.0, 0.0, 1.0), np.array([2, 0, 1], np.uint8), torch.tensor([2, 0, 1], dtype=torch.int32)],
)
def test_labels_of_any_type_are_whole_numbers_from_zero(labels):
    assert torch.equal(to_labels(labels, 3), torch.tensor([2, 0, 1]))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], "2 labels for 3 images"),
        ([0, 1, -1], "labels begin at -1"),
        ([0, 1, 0.5], "not whole numbers"),
        ([0, 1, float("nan")], "not whole numbers"),
        ([0, 1, 1e30], "the largest label is 1e"),
        (np.array([0, 1, 2**64 - 1], dtype=np.uint64), "the largest label is 1.8"),
        (["a", "b", "c"], "np.unique"),
        ([[0], [1], [2]], r"shape \(3, 1\), expected \(3,\): give labels\[:, 0\]"),
        (np.eye(3), r"shape \(3, 3\).*labels.argmax\(1\)"),
    ],
)
def test_other_labels_are_refused(labels, message):
    with pytest.raises(DatasetError, match=message):
        to_labels(labels, 3)


def test_maps_of_labels_keep_their_shape():
    maps = np.arange(24).reshape(2, 3, 4) % 5
    assert torch.equal(to_labels(maps, shape=(3, 4)), torch.from_numpy(maps))
    with pytest.raises(DatasetError, match=r"shape \(2, 3, 4\), expected \(2, 4, 4\)"):
        to_labels(maps, shape=(4, 4))


@pytest.mark.parametrize(
    "values", [np.arange(6, dtype=np.uint16), torch.arange(6), np.linspace(0, 1, 6), range(6)]
)
def test_numbers_keep_their_type_and_values(values):
    found = to_numbers(values, ())
    assert found.tolist() == list(values)
    assert not found.is_floating_point() or found.dtype == torch.float64


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((4, 3)), r"shape \(4, 3\), expected \(n, 2\)"),
        (np.zeros(4), r"shape \(4,\), expected \(n, 2\)"),
        (np.zeros((4, 2), bool), "type bool, expected floats or whole numbers"),
        (np.zeros((4, 2), complex), "type complex128"),
        ([[1.0], [1.0, 2.0]], "numbers are no array of one shape"),
        (np.full((2, 2), "a"), "type <U1"),
    ],
)
def test_other_numbers_are_refused(values, message):
    with pytest.raises(DatasetError, match=message):
        to_numbers(values, (2,))
