"""The process-wide settings of torch under which training and measuring are repeatable."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def numerics() -> Iterator[None]:
    """Within, one intra-op thread and denormals flushed: the same numbers in a worker and in-process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)
