"""Which devices can be asked for."""

import pytest
import torch

from gan_bench.bench.common.devices import choose_device
from gan_bench.bench.common.errors import UsageError


@pytest.mark.parametrize("count", [0, 2])
def test_a_device_is_one_that_is_here(monkeypatch, count):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert choose_device("auto") == ("cuda" if count else "cpu")
    assert choose_device("cpu") == "cpu"
    for name in ("cuda:2", "cuda:x", *(["cuda"] if not count else [])):
        with pytest.raises(UsageError, match="cuda, cuda:0, cuda:1 here" if count else "no CUDA device here"):
            choose_device(name)
    if count:
        assert [choose_device(name) for name in ("cuda", "cuda:1")] == ["cuda", "cuda:1"]
