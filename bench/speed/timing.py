"""Timing of a workload: a tidy frame with one row per variant, pack size and round."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.interleave import TimedWork, interleave
from gan_bench.bench.speed.machine import matrix_product, waiting
from gan_bench.bench.speed.training import Training, flop_per_iteration, job_of
from gan_bench.bench.speed.workload import Workload, settings_text

Bare = Callable[[Trial, Any, str], TimedWork | None]
"""Trial, dataset and device -> the hand-written loop of its variant, or None."""

COLUMNS = {
    "milliseconds_per_iteration": "of the whole pack: every round of the game, with its draws",
    "milliseconds_per_critic_update": "of one replica, without draws; NaN in larger packs",
    "milliseconds_per_generator_update": "of rounds without a critic; as above",
    "iterations_per_second": "of all replicas together",
    "images_per_second": "real images of all replicas together, counted as in budgets",
    "flop_per_iteration": "of one replica, in matrix products and convolutions",
    "flop_per_second": "of all replicas together",
    "matrix_product_flop_per_second": "of this machine, in the same round",
    "fraction_of_matrix_product": "flop_per_second divided by it",
    "pack_gain": "iterations_per_second divided by that of a single replica, in the same round",
    "cost": "milliseconds_per_iteration divided by those of `reference`, in the same round, one replica each",
    "bare_milliseconds_per_iteration": "of the hand-written loop, one replica",
    "ratio_to_bare": "iterations_per_second divided by that of the hand-written loop, in the same round",
}
"""Columns of a row: name -> meaning."""


@dataclass(frozen=True, kw_only=True)
class TimingOptions:
    """Options of the measurement.

    Attributes:
        packs: numbers of replicas, ascending, the first 1.
        rounds: number of turns of each work, at least 1.
        seconds: length of one turn.
        device: `cpu`, `cuda` or `cuda:N`.
        reference: the variant that costs are relative to.
        compile: compile all packs, also those of one replica.
        bare: hand-written loops to compare with.
    """

    packs: tuple[int, ...]
    rounds: int
    seconds: float
    device: str
    reference: str
    compile: bool = False
    bare: Bare | None = None


def time_workload(workload: Workload, options: TimingOptions, say: Callable[[str], None]) -> pd.DataFrame:
    """Time all variants of a workload; return a row per variant, pack size and round.

    Single replicas of all variants are timed in turns first, then the pack sizes of one variant after
    another. The frame has `COLUMNS` after the columns that name the row.

    Args:
        workload: the variants.
        options: of the measurement.
        say: called with a text about each step.
    """
    flop = {t.variant: flop_per_iteration(t, workload.data) for t in workload.trials}
    say(f"{workload.name}: single replicas of {len(workload.trials)} variants")
    frames = [_singles(workload, options, flop)]
    if larger := [size for size in options.packs if size > 1]:
        for trial in workload.trials:
            say(f"{workload.name}: packs of {trial.variant}")
            frames.append(_packs(workload, trial, options, larger, flop[trial.variant]))
    return pd.concat(frames, ignore_index=True)


def _singles(workload: Workload, options: TimingOptions, flop: Mapping[str, int]) -> pd.DataFrame:
    """Time one replica of every variant: iterations, and the updates of critic and generator separately."""
    product, product_flop = matrix_product(options.device, workload.trials[0].dtype)
    works: dict[Any, TimedWork] = {"product": product}
    trained, updates = {}, {}
    for trial in workload.trials:
        name = trial.variant
        trained[name] = Training(job_of(trial, 1, options.device, options.compile), workload.data)
        works[name, "iteration"] = trained[name].iterations()
        for side, critic in (("critic", True), ("generator", False)):
            if (timed := trained[name].updates(critic)) is not None:
                works[name, side], updates[name, side] = timed
        if (loop := _bare(trial, workload, options)) is not None:
            works[name, "bare"] = loop
    times = _interleave(works, options)
    nothing = np.full(options.rounds, np.nan)
    rows = []
    for trial in workload.trials:
        name = trial.variant
        columns = {
            f"milliseconds_per_{side}_update": 1000 * times[name, side] / updates[name, side]
            for side in ("critic", "generator")
            if (name, side) in times
        }
        reference = times.get((options.reference, "iteration"), nothing)
        columns["cost"] = times[name, "iteration"] / reference
        columns["pack_gain"] = np.ones(options.rounds)
        seconds, bare = times[name, "iteration"], times.get((name, "bare"), nothing)
        columns |= _rates(seconds, bare, 1, trained[name].images, flop[name], product_flop / times["product"])
        rows.append(_rows(workload, trial, 1, columns))
    return pd.concat(rows)


def _packs(
    workload: Workload, trial: Trial, options: TimingOptions, sizes: Sequence[int], flop: int
) -> pd.DataFrame:
    """Time larger packs of one variant, in turns with a single replica."""
    product, product_flop = matrix_product(options.device, trial.dtype)
    works: dict[Any, TimedWork] = {"product": product}
    for size in (1, *sizes):
        training = Training(job_of(trial, size, options.device, options.compile), workload.data)
        works[size] = training.iterations()
    if (loop := _bare(trial, workload, options)) is not None:
        works["bare"] = loop
    times = _interleave(works, options)
    bare = times.get("bare", np.full(options.rounds, np.nan))
    rows = []
    for size in sizes:
        gain = size * times[1] / times[size]
        rates = _rates(times[size], bare, size, training.images, flop, product_flop / times["product"])
        rows.append(_rows(workload, trial, size, {"pack_gain": gain, **rates}))
    return pd.concat(rows)


def _interleave(works: Mapping[Any, TimedWork], options: TimingOptions) -> dict[Any, np.ndarray]:
    return interleave(works, rounds=options.rounds, seconds=options.seconds, wait=waiting(options.device))


def _bare(trial: Trial, workload: Workload, options: TimingOptions) -> TimedWork | None:
    return options.bare(trial, workload.data, options.device) if options.bare else None


def _rates(
    seconds: np.ndarray, bare: np.ndarray, replicas: int, images: int, flop: int, product: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the columns that follow from seconds per iteration of a pack, each [rounds]."""
    per_second = replicas / seconds
    return {
        "milliseconds_per_iteration": 1000 * seconds,
        "iterations_per_second": per_second,
        "images_per_second": images * per_second,
        "flop_per_iteration": np.full(len(seconds), float(flop)),
        "flop_per_second": flop * per_second,
        "matrix_product_flop_per_second": product,
        "fraction_of_matrix_product": flop * per_second / product,
        "bare_milliseconds_per_iteration": 1000 * bare,
        "ratio_to_bare": bare * per_second,
    }


def _rows(workload: Workload, trial: Trial, replicas: int, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    rounds = len(columns["milliseconds_per_iteration"])
    facts = {
        "workload": workload.name,
        "variant": trial.variant,
        "settings": settings_text(trial),
        "profile": trial.profile,
        "batch_size": trial.hyperparameters["batch_size"],
        "replicas": replicas,
        "round": range(rounds),
    }
    return pd.DataFrame({**facts, **columns}).reindex(columns=[*facts, *COLUMNS])
