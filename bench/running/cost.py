"""Estimated cost of a pack, for the order of tasks, the time left and `--dry-run`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from statistics import median
from typing import Any

from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Record

OVERHEAD = 6e-4
"""Seconds of one player's update that do not depend on its size, on one CPU core."""
FLOPS = 4e10
"""Multiply-adds per second of one core in matrix products of the sizes met here."""
CONVOLUTION = 1.2e7
"""Multiply-adds of one pass of one image through a small convolutional network."""
PASSES = {"critic": 6, "generator": 5}
"""Passes of one batch through one network per update, forward and backward."""


class Costs:
    """Estimates in seconds on one core, from records of like trials where there are any."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        rates: dict[tuple[Any, ...], list[float]] = {}
        for record in records:
            seconds = record.outcome.get("seconds")
            size = record.provenance.get("pack", {}).get("size", 1)
            if record.status == "finished" and seconds:
                rates.setdefault(_alike(record.trial), []).append(seconds / record.trial.kimg / size)
        self._rates = {key: median(values) for key, values in rates.items()}

    def trial(self, trial: Trial) -> float:
        """Return the seconds of training of one trial."""
        measured = self._rates.get(_alike(trial))
        return trial.kimg * (measured if measured is not None else _seconds_per_kimg(trial))

    def pack(self, pack: Pack) -> float:
        """Return the seconds of training of a pack."""
        return sum(map(self.trial, pack.trials))


def updates(trial: Trial) -> tuple[int, int]:
    """Return critic and generator updates within the budget, for games that take turns."""
    batch, n_critic, n_generator = (_number(trial, n) for n in ("batch_size", "n_critic", "n_generator"))
    critic = round(trial.kimg * 1000 / batch)
    return critic, round(critic * n_generator / n_critic)


def _alike(trial: Trial) -> tuple[Any, ...]:
    return trial.variant, trial.data_name, trial.architecture, _number(trial, "batch_size")


def _number(trial: Trial, name: str) -> int:
    value = trial.hyperparameters.get(name, 1)
    return value if isinstance(value, int) and value > 0 else 1


def _seconds_per_kimg(trial: Trial) -> float:
    widths = trial.network.get("hidden")
    if isinstance(widths, list) and widths:
        ends = {"images": 784, "vectors": 784, "planar": 2, "scalar": 1}.get(trial.kind, 784)
        sizes = [ends, *widths]
        work = float(sum(a * b for a, b in itertools.pairwise(sizes)))
    else:
        work = CONVOLUTION if trial.kind == "images" else 1e4
    counts = dict(zip(("critic", "generator"), updates(trial), strict=True))
    each = {
        player: OVERHEAD + _number(trial, "batch_size") * work * PASSES[player] / FLOPS for player in counts
    }
    return sum(counts[player] * each[player] for player in counts) / trial.kimg
