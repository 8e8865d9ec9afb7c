"""Timing of a workload: a tidy frame with one row per variant, pack size and round."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.planning.pack_table import Way
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.columns import Machine, compared, rates, rows
from gan_bench.bench.speed.interleave import TimedWork, interleave
from gan_bench.bench.speed.machine import matrix_product, memory_copy, stopwatch
from gan_bench.bench.speed.traffic import Amount, amount_of_iteration
from gan_bench.bench.speed.training import Training, job_of
from gan_bench.bench.speed.workload import Workload
from gan_bench.names import counted

Others = Callable[[Trial, Any, str], Mapping[str, TimedWork]]
"""Trial, dataset and device -> contestants of `bench.speed.columns.OTHERS` that there are for its variant."""


@dataclass(frozen=True, kw_only=True)
class TimingOptions:
    """Options of the measurement.

    Attributes:
        packs: numbers of replicas, ascending, the first 1.
        rounds: number of turns of each work, at least 1.
        seconds: length of one turn.
        device: `cpu`, `cuda` or `cuda:N`.
        way: the calculation of packs; `compiled` also compiles single replicas.
        others: what others write, to compare with.
    """

    packs: tuple[int, ...]
    rounds: int
    seconds: float
    device: str
    way: Way = "batched"
    others: Others = lambda *_: {}


def time_workload(workload: Workload, options: TimingOptions, say: Callable[[str], None]) -> pd.DataFrame:
    """Time all variants of a workload; return a row per variant, pack size and round.

    Single replicas of all variants are timed in turns first, then the pack sizes of one variant after
    another. The frame has `bench.speed.columns.COLUMNS` after the columns that name the row.

    Args:
        workload: the variants.
        options: of the measurement.
        say: called with a text about each step.
    """
    amounts = {t.variant: amount_of_iteration(t, workload.data) for t in workload.trials}
    say(f"{workload.name}: single replicas of {counted(len(workload.trials), 'variant')}")
    frames = [_singles(workload, options, amounts)]
    if larger := [size for size in options.packs if size > 1]:
        for trial in workload.trials:
            say(f"{workload.name}: packs of {trial.variant}")
            frames.append(_packs(workload, trial, options, larger, amounts[trial.variant]))
    return pd.concat(frames, ignore_index=True)


def _singles(workload: Workload, options: TimingOptions, amounts: Mapping[str, Amount]) -> pd.DataFrame:
    """Time one replica of every variant: iterations, and the updates of critic and generator separately."""
    works: dict[Any, TimedWork] = {}
    images, updates = {}, {}
    for trial in workload.trials:
        name = trial.variant
        job = job_of(trial, 1, options.device, options.way)
        training = Training(job, workload.data)
        works[name, "iteration"], images[name] = training.iterations(), training.images
        for side, critic in (("critic", True), ("generator", False)):
            if (timed := Training(job, workload.data).updates(critic)) is not None:
                works[name, side], updates[name, side] = timed
        works |= {(name, other): work for other, work in _beside(workload, trial, 1, options).items()}
    times, machine = _timed(works, workload.trials[0], options)
    reference = times.get((workload.reference, "iteration"), np.full(options.rounds, np.nan))
    frames = []
    for trial in workload.trials:
        name = trial.variant
        of = {what: seconds for (variant, what), seconds in times.items() if variant == name}
        seconds = of.pop("iteration")
        columns = {
            f"milliseconds_per_{side}_update": 1000 * of.pop(side) / updates[name, side]
            for side in ("critic", "generator")
            if side in of
        }
        columns |= {"cost": seconds / reference, "pack_gain": np.ones(options.rounds)}
        columns |= rates(seconds, 1, images[name], amounts[name], machine)
        columns |= compared(seconds, 1, of, of.pop("uncaptured", None))
        frames.append(rows(workload, trial, 1, columns))
    return pd.concat(frames)


def _packs(
    workload: Workload, trial: Trial, options: TimingOptions, sizes: Sequence[int], amount: Amount
) -> pd.DataFrame:
    """Time larger packs of one variant, in turns with a single replica."""
    works: dict[Any, TimedWork] = {}
    for size in (1, *sizes):
        training = Training(job_of(trial, size, options.device, options.way), workload.data)
        works[size, "iteration"] = training.iterations()
        beside = _beside(workload, trial, size, options) if size > 1 else {}
        for name, work in beside.items():
            works[size if name == "uncaptured" else 1, name] = work  # others have one replica
    times, machine = _timed(works, trial, options)
    others = {name: seconds for (size, name), seconds in times.items() if size == 1 and name != "iteration"}
    frames = []
    for size in sizes:
        seconds = times[size, "iteration"]
        columns = {"pack_gain": size * times[1, "iteration"] / seconds}
        columns |= rates(seconds, size, training.images, amount, machine)
        columns |= compared(seconds, size, others, times.get((size, "uncaptured")))
        frames.append(rows(workload, trial, size, columns))
    return pd.concat(frames)


def _beside(workload: Workload, trial: Trial, size: int, options: TimingOptions) -> dict[str, TimedWork]:
    """Return what is timed beside iterations of a pack: others' loops; on CUDA, the pack without graphs."""
    works = dict(options.others(trial, workload.data, options.device))
    if is_gpu(options.device):
        job = job_of(trial, size, options.device, options.way, capture=False)
        works["uncaptured"] = Training(job, workload.data).iterations()
    return works


def _timed(
    works: Mapping[Any, TimedWork], trial: Trial, options: TimingOptions
) -> tuple[dict[Any, np.ndarray], Machine]:
    """Return seconds per unit of every work and the machine's rates, all taken in turns."""
    product, flop = matrix_product(options.device, trial.dtype)
    copy, moved = memory_copy(options.device)
    times = interleave(
        {**works, "product": product, "copy": copy},
        rounds=options.rounds, seconds=options.seconds, stopwatch=stopwatch(options.device),
    )  # fmt: skip
    machine = Machine(flop / times.pop("product"), moved / times.pop("copy"))
    return times, machine
