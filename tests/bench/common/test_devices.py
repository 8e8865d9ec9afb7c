"""Which devices can be asked for."""

import pytest
import torch

from gan_bench.bench.common.devices import choose_device, choose_devices, default_jobs, is_gpu
from gan_bench.bench.common.errors import UsageError


@pytest.mark.parametrize("count", [0, 2])
def test_a_device_is_one_that_is_here(monkeypatch, count):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert choose_device("auto") == ("cuda:0" if count else "cpu")
    assert choose_devices("auto") == (("cuda:0", "cuda:1") if count else ("cpu",))
    assert choose_device("cpu") == "cpu"
    for name in ("cuda:2", "cuda:x", *(["cuda"] if not count else [])):
        with pytest.raises(UsageError, match="cuda, cuda:0, cuda:1 here" if count else "no CUDA device here"):
            choose_devices(name)
    if count:
        assert choose_devices("cuda") == ("cuda:0", "cuda:1")
        assert choose_devices("cuda:1") == ("cuda:1",)


def test_a_gpu_trains_one_pack_at_a_time_and_a_cpu_one_on_every_core(monkeypatch):
    monkeypatch.setattr("gan_bench.bench.common.devices.cores", lambda: 6)
    assert [default_jobs(name) for name in ("cuda", "cuda:1", "cpu")] == [1, 1, 6]
    assert [is_gpu(name) for name in ("cuda", "cuda:1", "cpu", "cpu:1")] == [True, True, False, False]
