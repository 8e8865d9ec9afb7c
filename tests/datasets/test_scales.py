"""Scales: each is its own inverse pair, in every type and with any leading dimensions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench.datasets import DatasetError
from gan_bench.datasets.scales import IDENTITY, PIXELS, Affine

STANDARD = Affine((10.0, -1.0), (2.0, 0.5))


@pytest.mark.parametrize("dtype", [None, torch.float32, torch.float64])
@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
def test_vectors_are_shifted_and_scaled_by_dimension(dtype, lead):
    raw = torch.from_numpy(np.random.default_rng(0).normal(size=(*lead, 2)))
    kept = raw.clone()
    prepared = STANDARD.prepare(raw, dtype)
    assert prepared.dtype == (dtype or torch.float64)
    np.testing.assert_allclose(
        prepared, (raw - torch.tensor([10.0, -1.0])) / torch.tensor([2.0, 0.5]), rtol=1e-6
    )
    np.testing.assert_allclose(STANDARD.restore(prepared), raw, rtol=1e-5, atol=1e-5)
    assert torch.equal(raw, kept)


def test_vectors_of_another_length_are_refused():
    for convert in (STANDARD.prepare, STANDARD.restore):
        with pytest.raises(ValueError, match="zip"):
            convert(torch.zeros(4, 3))


@pytest.mark.parametrize(
    ("shift", "scale"), [((0.0,), (1.0, 1.0)), ((0.0,), (0.0,)), ((float("nan"),), (1.0,))]
)
def test_scales_that_cannot_be_undone_are_refused(shift, scale):
    with pytest.raises(DatasetError, match="expected equally many finite numbers, no scale of 0"):
        Affine(shift, scale)


def test_whole_numbers_are_prepared_as_single_precision():
    for raw in (torch.arange(4), torch.arange(4, dtype=torch.uint8)):
        assert torch.equal(IDENTITY.prepare(raw), torch.tensor([0.0, 1.0, 2.0, 3.0]))
        assert IDENTITY.prepare(raw, torch.float64).dtype == torch.float64


def test_every_byte_has_its_own_value_in_the_bounds():
    every = torch.arange(256, dtype=torch.uint8)
    prepared = PIXELS.prepare(every)
    assert (prepared[0], prepared[-1]) == PIXELS.bounds
    assert (prepared.diff() > 0).all()
    assert torch.equal(PIXELS.restore(prepared), every)


def test_definitions_state_the_numbers():
    definitions = {
        scale.definition for scale in (IDENTITY, PIXELS, STANDARD, Affine((10.0, -1.0), (2.0, 0.6)))
    }
    assert len(definitions) == 4
    assert "10.0" in STANDARD.definition
