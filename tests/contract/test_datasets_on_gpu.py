"""Every registered dataset on a GPU."""

from __future__ import annotations

import pytest
import torch

from gan_bench.datasets import SampledSource
from tests.contract.registered import everything


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_gpu_as_on_the_cpu(dataset):
    for source in everything(dataset):
        moved = source.to("cuda")
        if isinstance(moved, SampledSource):
            rows = moved.sample(50, torch.Generator("cuda").manual_seed(1))
            rows = rows["real"] if isinstance(rows, dict) else rows
            assert rows.is_cuda
            torch.testing.assert_close(dataset.restore(dataset.prepare(rows)), rows, rtol=1e-5, atol=1e-5)
            continue
        indices = torch.arange(min(10, len(moved)), device="cuda")
        here, there = (part.gather(part_of) for part, part_of in ((source, indices.cpu()), (moved, indices)))
        for field in here if isinstance(here, dict) else [None]:
            pair = (here, there) if field is None else (here[field], there[field])
            assert pair[1].is_cuda
            assert torch.equal(pair[0], pair[1].cpu())
