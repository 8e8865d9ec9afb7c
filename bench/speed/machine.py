"""The machine that is measured: its name, its clock, and how fast it multiplies matrices."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch

from gan_bench.bench.common.provenance import provenance
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.speed.interleave import TimedWork

SIDE = {"cpu": 1024, "cuda": 8192}
"""Of the matrices: large enough to reach the device's full rate, small enough for one turn."""


def host(device: str) -> tuple[str, str]:
    """What makes two measurements comparable: the processor with its cores, and the device by its model."""
    facts = provenance(device)
    return f"{facts['processor']}, {facts['cores']} cores", facts["device"]


def waiting(device: str) -> Callable[[], None]:
    """What returns when everything queued on the device is done."""
    if torch.device(device).type == "cuda":
        return functools.partial(torch.cuda.synchronize, device)
    return lambda: None


def matrix_product(device: str, dtype: str) -> tuple[TimedWork, int]:
    """A work that multiplies two square matrices, and the FLOP of one product: 2 side^3."""
    side = SIDE[torch.device(device).type]
    random = stream("speed", "matrix product", device=device)  # constant data would spare a GPU some power
    left, right = torch.rand(2, side, side, dtype=getattr(torch, dtype), device=device, generator=random)
    out = torch.empty_like(left)

    def run(count: int) -> None:
        for _ in range(count):
            torch.mm(left, right, out=out)

    return TimedWork(run), 2 * side**3
