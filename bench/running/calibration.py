"""Calibration: the fastest pack sizes of this machine and its ability to compile, measured once."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import read_json, write_json
from gan_bench.bench.common.startup import keep_programs
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial

SIZES = (1, 4, 16, 64)
ROUNDS = 5
SECONDS = 0.06
"""Of one turn: a calibration of four sizes takes about two seconds."""


class Memory:
    """Small facts in a file of the user's cache folder; without the file each is measured again.

    Args:
        path: of the JSON file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def recall(self, key: str) -> Any:
        """Return the value kept under `key`, or None."""
        with suppress(UsageError):  # missing or damaged: a convenience, not a record
            return read_json(self.path).get(key)
        return None

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON value; a folder that cannot be written is ignored."""
        known: dict[str, Any] = {}
        with suppress(UsageError):
            known = read_json(self.path)
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.path, {**known, key: value})


class Calibration:
    """Measures pack sizes where nothing is known of them yet.

    Args:
        memory: of earlier measurements.
        load: name of a dataset -> the dataset.
        device: where to train.
    """

    def __init__(self, memory: Memory, load: Callable[[str], Any], device: str) -> None:
        self.memory, self.load, self.device = memory, load, device

    def best_size(self, trial: Trial, limit: int) -> int:
        """Return the smallest pack, of at most `limit` replicas, that is about as fast as any per replica.

        Within 5 % of the fastest, so that noise does not make packs larger than they need be.
        """
        seconds = self.seconds_of_packs(trial, limit)
        sizes = [size for size in seconds if size < limit] + [limit]
        rates = {size: size / interpolated(seconds, size) for size in sizes}
        return min(size for size, rate in rates.items() if rate >= 0.95 * max(rates.values()))

    def seconds_of_packs(self, trial: Trial, limit: int) -> dict[int, float]:
        """Return seconds per iteration by pack size: 1, 4, 16 ... up to the first of at least `limit`."""
        needed = [size for i, size in enumerate(SIZES) if i == 0 or SIZES[i - 1] < limit]
        key = self._key(trial)
        known = _sizes(self.memory.recall(key))
        if not set(needed) <= known.keys():
            known = self._measure(trial, needed)
            self.memory.keep(key, {str(size): value for size, value in known.items()})
        return {size: known[size] for size in sorted(known)}

    def _measure(self, trial: Trial, sizes: list[int]) -> dict[int, float]:
        """Measure each size against the one before, until a larger pack gains less than a tenth.

        Larger packs are then taken to cost the same per replica.
        """
        from gan_bench.bench.engine.numerics import numerics
        from gan_bench.bench.speed.interleave import TimedWork, interleave
        from gan_bench.bench.speed.machine import waiting
        from gan_bench.bench.speed.training import Training, job_of

        with numerics():
            data = self.load(trial.dataset)

            # Draws are left out: they cost the same per replica in packs of any size.
            def pack(size: int) -> TimedWork:
                return replace(Training(job_of(trial, size, self.device), data).iterations(), chunk=1)

            seconds: dict[int, float] = {}
            for smaller, size in pairwise(sizes):
                turns = {smaller: pack(smaller), size: pack(size)}
                times = interleave(turns, rounds=ROUNDS, seconds=SECONDS, wait=waiting(self.device))
                seconds.setdefault(smaller, float(np.median(times[smaller])))
                seconds[size] = seconds[smaller] * float(np.median(times[size] / times[smaller]))
                if seconds[size] * smaller > 0.9 * seconds[smaller] * size:
                    break
        largest = max(seconds)
        rest = {size: seconds[largest] * size / largest for size in sizes if size > largest}
        return {**seconds, **rest}

    def _key(self, trial: Trial) -> str:
        from gan_bench.bench.speed.machine import host

        work = [trial.variant, trial.data_name, trial.network, trial.dtype, trial.versions]
        structure = {n: v for n, v in trial.hyperparameters.items() if not isinstance(v, float | Mapping)}
        return "pack " + keys.digest([*work, structure, *host(self.device), _torch_version()])


def interpolated(values: Mapping[int, float], at: int) -> float:
    """Return a value between the two nearest known ones, on a straight line."""
    known = sorted(values)
    return float(np.interp(at, known, [values[size] for size in known]))


def _sizes(kept: Any) -> dict[int, float]:
    """Return the kept seconds per iteration by pack size; none where a file holds something else."""
    try:
        return {int(size): float(value) for size, value in kept.items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def compiler_trouble(memory: Memory) -> str | None:
    """Return the reason why nothing can be compiled on this machine, or None; success is remembered."""
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    key = "compiles " + keys.digest(
        [str(compiler), platform.node(), platform.python_version(), _torch_version()]
    )
    if memory.recall(key):
        return None
    from gan_bench.bench.engine.compiled import compilation_error

    keep_programs(catalogue.cache_folder())
    why = compilation_error()
    if why is None:
        memory.keep(key, True)
    return why


def _torch_version() -> str:
    import torch

    return torch.__version__
