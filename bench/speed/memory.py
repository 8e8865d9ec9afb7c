"""Memory that training needs at its peak: of a fresh process on a CPU, of the allocator on a GPU."""

from __future__ import annotations

import ctypes
import gc
import math
import multiprocessing
import platform
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch

from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.engine import Job
from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.training import Training, job_of

STATUS = Path("/proc/self/status")
ITERATIONS = 3


def on_gpu(trial: Trial, data: Any, replicas: int, device: str, compile: bool) -> int:
    """Bytes that a few iterations allocate on a CUDA device at their peak, beyond what was held before."""
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    _train(job_of(trial, replicas, device, compile), data)
    return torch.cuda.max_memory_allocated(device) - before


def on_cpu(
    trials: Sequence[tuple[Trial, int]], roots: tuple[Path, ...], plugins: tuple[Path, ...]
) -> Iterator[float]:
    """Bytes by which a process grows at its peak over a few eager iterations, per trial and pack size.

    Each has a process of its own, forked from one that has loaded the libraries and done nothing. Data and
    libraries are not counted. NaN on systems that do not tell (all but Linux with glibc).
    """
    if platform.libc_ver()[0] != "glibc" or not STATUS.exists():
        yield from (math.nan for _ in trials)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        for trial, replicas in trials:
            yield pool.submit(_growth, trial, replicas, roots, plugins).result()


def _growth(trial: Trial, replicas: int, roots: tuple[Path, ...], plugins: tuple[Path, ...]) -> int:
    """Bytes that training adds, once it has run before: libraries load much of themselves at first use."""
    load_plugins(plugins)
    job, data = job_of(trial, replicas), catalogue.dataset(trial.dataset, roots=roots)
    with numerics():
        _train(job, data)
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what the first run has left to the allocator goes back
        Path("/proc/self/clear_refs").write_text("5")  # the peak is forgotten: a new one begins here
        before = _resident("VmRSS")
        _train(job, data)
    return _resident("VmHWM") - before


def _train(job: Job, data: Any) -> None:
    Training(job, data).iterations().run(ITERATIONS)


def _resident(field: str) -> int:
    """Bytes of resident memory of this process: now (VmRSS) or at its peak (VmHWM)."""
    found = re.search(rf"^{field}:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024
