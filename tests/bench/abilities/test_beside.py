"""Inputs, outputs and targets side by side, as records keep them."""

import numpy as np
import pytest
import torch

from gan_bench.bench.abilities.beside import side_by_side
from gan_bench.bench.abilities.bounded import BYTES
from gan_bench.bench.metrics.outputs import Output, Query


@pytest.mark.parametrize("shape", [(1, 4, 4), (1, 600, 600)])
def test_rows_side_by_side_are_bounded_in_bytes(shape):
    rows = torch.full((2, 40, *shape), 3e5)
    query = Query("vary", "high", 40, 2, {"low": torch.zeros(40, *shape, dtype=torch.uint8)}, "test")
    kept = side_by_side(Output(query, rows), "final")
    assert set(kept) == {"vary.given.low", "vary.final", "vary.final.draws"}
    assert kept["vary.given.low"].dtype == np.uint8
    assert kept["vary.final.draws"].dtype == np.float16
    assert np.isfinite(kept["vary.final.draws"]).all()
    assert max(array.nbytes for array in kept.values()) <= max(BYTES, 2 * 2 * 600 * 600)
    assert kept["vary.final"].shape[0] == (16 if shape[1] == 4 else 1)
    assert kept["vary.final.draws"].shape[0] == 2
