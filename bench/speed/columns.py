"""Columns of a frame of timings, and those that follow from the seconds of an iteration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.traffic import Amount
from gan_bench.bench.speed.workload import Workload, settings_text

OTHERS = {
    "bare": "the hand-written loop",
    "bare_captured": "the same loop, an iteration captured as a CUDA graph",
    "classic": "the same loop as scripts have it: a DataLoader, and `.item()` of every loss",
}
"""Contestants that others write, one replica each: name -> meaning."""

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
    "bytes_per_iteration": "of one replica: inputs and outputs of every operation, views left out",
    "bytes_per_second": "of all replicas together",
    "memory_copy_bytes_per_second": "of this machine, read and written, in the same round",
    "fraction_of_memory_copy": "bytes_per_second divided by it; caches can bring it above 1",
    "uncaptured_milliseconds_per_iteration": "on CUDA, without CUDA graphs",
    "gain_of_capture": "uncaptured_milliseconds_per_iteration over milliseconds_per_iteration",
    "pack_gain": "iterations_per_second divided by that of a single replica, in the same round",
    "cost": "milliseconds_per_iteration divided by those of `reference`, in the same round, one replica each",
    **{f"{name}_milliseconds_per_iteration": f"of {text}, one replica" for name, text in OTHERS.items()},
    **{
        f"ratio_to_{name}": f"iterations_per_second divided by that of {text}, in the same round"
        for name, text in OTHERS.items()
    },
}
"""Columns of a row: name -> meaning."""


@dataclass(frozen=True)
class Machine:
    """Rates of the machine in every round, each [rounds]: FLOP/s of a matrix product, bytes/s of a copy."""

    product: np.ndarray
    copy: np.ndarray


def rates(
    seconds: np.ndarray, replicas: int, images: int, amount: Amount, machine: Machine
) -> dict[str, np.ndarray]:
    """Return the columns that follow from seconds per iteration of a pack, each [rounds]."""
    per_second = replicas / seconds
    return {
        "milliseconds_per_iteration": 1000 * seconds,
        "iterations_per_second": per_second,
        "images_per_second": images * per_second,
        "flop_per_iteration": np.full(len(seconds), float(amount.flop)),
        "flop_per_second": amount.flop * per_second,
        "matrix_product_flop_per_second": machine.product,
        "fraction_of_matrix_product": amount.flop * per_second / machine.product,
        "bytes_per_iteration": np.full(len(seconds), float(amount.bytes)),
        "bytes_per_second": amount.bytes * per_second,
        "memory_copy_bytes_per_second": machine.copy,
        "fraction_of_memory_copy": amount.bytes * per_second / machine.copy,
    }


def compared(
    seconds: np.ndarray, replicas: int, others: Mapping[str, np.ndarray], uncaptured: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Return the columns that compare a pack with other contestants' seconds per iteration, each [rounds]."""
    columns = {}
    for name, theirs in others.items():
        columns[f"{name}_milliseconds_per_iteration"] = 1000 * theirs
        columns[f"ratio_to_{name}"] = theirs * replicas / seconds
    if uncaptured is not None:
        columns["uncaptured_milliseconds_per_iteration"] = 1000 * uncaptured
        columns["gain_of_capture"] = uncaptured / seconds
    return columns


def rows(workload: Workload, trial: Trial, replicas: int, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the rows of a pack, one per round, with the columns that name them; what is missing is NaN."""
    count = len(columns["milliseconds_per_iteration"])
    facts = {
        "workload": workload.name,
        "reference": workload.reference,
        "variant": trial.variant,
        "settings": settings_text(trial),
        "profile": trial.profile,
        "batch_size": trial.hyperparameters["batch_size"],
        "replicas": replicas,
        "round": range(count),
    }
    return pd.DataFrame({**facts, **columns}).reindex(columns=[*facts, *COLUMNS])
