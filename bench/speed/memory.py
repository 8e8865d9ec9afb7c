"""Peak memory of training: of a new process on a CPU, of the allocator on a GPU."""

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
from gan_bench.bench.planning.pack_table import Way
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.training import Training, job_of

STATUS = Path("/proc/self/status")
ITERATIONS = 3


def on_gpu(trial: Trial, data: Any, replicas: int, device: str, way: Way) -> int:
    """Return the peak bytes that a few iterations allocate on a CUDA device, less those allocated before."""
    gc.collect()  # a pack that was measured before may be freed only now, and not under way
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    _train(job_of(trial, replicas, device, way), data)
    return torch.cuda.max_memory_allocated(device) - before


def on_cpu(
    trials: Sequence[tuple[Trial, int]], roots: tuple[Path, ...], plugins: tuple[Path, ...]
) -> Iterator[float]:
    """Yield the peak growth of a process in bytes over a few eager iterations, per trial and pack size.

    Each runs in a separate process, forked from one that has only loaded the libraries. Data and libraries
    are not counted. NaN except on Linux with glibc, because other systems do not report it.
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
    """Return the bytes that training adds in its second run; the first run loads parts of the libraries."""
    load_plugins(plugins)
    job, data = job_of(trial, replicas), catalogue.dataset(trial.dataset, roots=roots)
    with numerics():
        _train(job, data)
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # return free memory of the first run to the system
        Path("/proc/self/clear_refs").write_text("5")  # reset the peak
        before = _resident("VmRSS")
        _train(job, data)
    return _resident("VmHWM") - before


def _train(job: Job, data: Any) -> None:
    Training(job, data).iterations().run(ITERATIONS)


def _resident(field: str) -> int:
    """Return the resident memory of this process in bytes: current (VmRSS) or peak (VmHWM)."""
    match = re.search(rf"^{field}:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
    assert match is not None
    return int(match[1]) * 1024
