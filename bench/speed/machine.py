"""Facts about the measured machine: its name, its stopwatch, its rates of matrix products and of copying."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gan_bench.bench.common.provenance import provenance
from gan_bench.bench.engine.numerics import tensor_float32
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.speed.interleave import Stopwatch, TimedWork, by_clock
from gan_bench.names import counted

SIDE = {"cpu": 1024, "cuda": 8192}
"""Side of the matrices: large enough for the device's full rate, small enough for one turn."""
COPIED = {"cpu": 2**26, "cuda": 2**30}
"""Bytes that are copied at a time: more than caches hold."""


def host(device: str) -> tuple[str, str]:
    """Return the processor with its cores and the model of the device; comparable timings agree in both."""
    facts = provenance(device)
    return f"{facts['processor']}, {counted(facts['cores'], 'core')}", facts["device"]


def stopwatch(device: str) -> Stopwatch:
    """Return what times work on a device: CUDA's events on a GPU, which this process does not disturb."""
    if torch.device(device).type != "cuda":
        return by_clock

    def by_events(work: Callable[[], None]) -> float:
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        with torch.cuda.device(device):
            start.record()
            work()
            end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1000

    return by_events


def matrix_product(device: str, dtype: str) -> tuple[TimedWork, int]:
    """Return work that multiplies two square matrices, and the FLOP of one product, 2 side^3."""
    side = SIDE[torch.device(device).type]
    random = stream("speed", "matrix product", device=device)  # a GPU needs less power for constant data
    number = getattr(torch, "float32" if dtype == "tf32" else dtype)
    left, right = torch.rand(2, side, side, dtype=number, device=device, generator=random)
    out = torch.empty_like(left)

    def run(count: int) -> None:
        with tensor_float32(dtype == "tf32"):
            for _ in range(count):
                torch.mm(left, right, out=out)

    return TimedWork(run), 2 * side**3


def memory_copy(device: str) -> tuple[TimedWork, int]:
    """Return work that copies a block of memory, and the bytes that one copy reads and writes."""
    source = torch.zeros(COPIED[torch.device(device).type], dtype=torch.uint8, device=device)
    target = torch.ones_like(source)

    def run(count: int) -> None:
        for _ in range(count):
            target.copy_(source)

    return TimedWork(run), 2 * source.numel()
