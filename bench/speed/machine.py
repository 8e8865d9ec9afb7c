"""Facts of the measured machine: its name, a function that waits for it, and its rate of matrix products."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch

from gan_bench.bench.common.provenance import provenance
from gan_bench.bench.engine.numerics import tensor_float32
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.speed.interleave import TimedWork

SIDE = {"cpu": 1024, "cuda": 8192}
"""Side of the matrices: large enough for the device's full rate, small enough for one turn."""


def host(device: str) -> tuple[str, str]:
    """Return the processor with its cores and the model of the device; comparable timings agree in both."""
    facts = provenance(device)
    return f"{facts['processor']}, {facts['cores']} cores", facts["device"]


def waiting(device: str) -> Callable[[], None]:
    """Return a function that returns when the device has finished its queue."""
    if torch.device(device).type == "cuda":
        return functools.partial(torch.cuda.synchronize, device)
    return lambda: None


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
