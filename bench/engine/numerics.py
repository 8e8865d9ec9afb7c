"""The process-wide settings of torch under which training and measuring are repeatable."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator
from typing import Any, cast

import torch

_UNREPEATABLE = re.compile(r"(\S+) does not have a deterministic implementation")


@contextlib.contextmanager
def numerics() -> Iterator[None]:
    """Within, one intra-op thread, no denormals, no TF32: the same numbers in a worker and in-process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        with tensor_float32(False):
            yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)


@contextlib.contextmanager
def tensor_float32(allowed: bool) -> Iterator[None]:
    """Within, float32 matrix products and convolutions on CUDA round their factors to TF32, or they do not.

    TF32 has 10 bits of mantissa instead of 23. cuDNN's default is to use it.
    """
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = allowed
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before


@contextlib.contextmanager
def deterministic(device: torch.device) -> Iterator[set[str]]:
    """Within, CUDA uses algorithms that give the same bits at every run; on a CPU all do on one thread.

    Yields a set that is filled with the operations that were called and have no such algorithm. cuBLAS needs
    a fixed workspace as well, see :func:`bench.common.startup.fix_workspaces`.
    """
    names: set[str] = set()
    if device.type != "cuda":
        yield names
        return
    cudnn, memory = torch.backends.cudnn, cast(Any, torch.utils.deterministic)  # torch's stubs lack the flag
    before: Any = (
        torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled(),
        cudnn.deterministic, cudnn.benchmark, memory.fill_uninitialized_memory,
    )  # fmt: skip
    torch.use_deterministic_algorithms(True, warn_only=True)
    cudnn.deterministic, cudnn.benchmark = True, False
    memory.fill_uninitialized_memory = False  # no operation here reads what it has not written
    try:
        with noted(names):
            yield names
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        cudnn.deterministic, cudnn.benchmark, memory.fill_uninitialized_memory = before[2:]


@contextlib.contextmanager
def noted(names: set[str]) -> Iterator[None]:
    """Within, warnings of operations without a deterministic algorithm are collected instead of shown."""
    with warnings.catch_warnings():
        show = warnings.showwarning
        warnings.filterwarnings("always", message=".*does not have a deterministic implementation")

        def collect(message: Any, *where: Any, **more: Any) -> None:
            if found := _UNREPEATABLE.search(str(message)):
                names.add(found[1])
            else:
                show(message, *where, **more)

        warnings.showwarning = collect
        yield
