"""Where to train, and how many tasks at a time."""

from __future__ import annotations

import os

from bench.errors import UsageError


def choose_device(name: str) -> str:
    """`auto` is CUDA where there is one; raises UsageError for CUDA where there is none."""
    import torch

    available = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if available else "cpu"
    if name.startswith("cuda") and not available:
        raise UsageError(f"--device {name}: torch finds no CUDA device here; use cpu or auto")
    return name


def default_jobs(device: str) -> int:
    """One worker for each core that this process may use; one on a GPU."""
    if device.startswith("cuda"):
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
