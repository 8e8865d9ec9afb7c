"""The device to train on, and the number of tasks at a time."""

from __future__ import annotations

from gan_bench.bench.common.errors import UsageError
from gan_bench.cores import cores


def choose_device(name: str) -> str:
    """Return a torch device: `auto` is CUDA where there is one; raise UsageError for one that is not here."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "auto":
        return "cuda" if count else "cpu"
    here = ["cuda", *(f"cuda:{index}" for index in range(count))] if count else []
    if name.startswith("cuda") and name not in here:
        found = ", ".join(here) or "no CUDA device"
        raise UsageError(
            f"--device {name}: torch finds {found} here; use {'one of these, ' * bool(here)}cpu or auto"
        )
    return name


def default_jobs(device: str) -> int:
    """Return the number of cores that this process may use; 1 on a GPU."""
    if device.startswith("cuda"):
        return 1
    return cores()
