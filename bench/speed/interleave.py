"""Times of several work taken in turns, so that a noisy machine slows them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class TimedWork:
    """Something whose speed is measured.

    Attributes:
        run: does a number of units of work (iterations, updates, products).
        chunk: units that share work, such as data drawn at once: whole multiples of it are timed.
    """

    run: Callable[[int], None]
    chunk: int = 1


def interleave(
    work: Mapping[Key, TimedWork],
    *,
    rounds: int,
    seconds: float,
    wait: Callable[[], None] = lambda: None,
) -> dict[Key, np.ndarray]:
    """Let every work work for about `seconds` in each of `rounds` rounds; the first turn goes round.

    Args:
        work: name -> what is timed; each is warmed up first.
        rounds: at least 1.
        seconds: of one work's turn; at least one chunk of its work is done.
        wait: returns when the device has done all that was asked of it; called before every clock reading.

    Returns:
        Name -> seconds per unit of work, shape (rounds,).
    """
    shares = {name: _share(work, seconds, wait) for name, work in work.items()}
    order = list(work)
    times: dict[Key, list[float]] = {name: [] for name in order}
    for turn in range(rounds):
        first = turn % len(order)
        for name in order[first:] + order[:first]:
            spent = _spent(work[name], shares[name], wait)
            times[name].append(spent / shares[name])
    return {name: np.array(values) for name, values in times.items()}


def quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile of the rounds that have a value; NaN where none has."""
    values = values[~np.isnan(values)]
    if not len(values):
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)


def _share(work: TimedWork, seconds: float, wait: Callable[[], None]) -> int:
    """Units of work that take about `seconds`: a multiple of the chunk, found while warming up."""
    work.run(work.chunk)  # builds or compiles what later runs use again
    count = work.chunk
    while (spent := _spent(work, count, wait)) < seconds / 4:
        count *= 2
    return max(1, round(seconds / spent * count / work.chunk)) * work.chunk


def _spent(work: TimedWork, count: int, wait: Callable[[], None]) -> float:
    wait()
    start = time.perf_counter()
    work.run(count)
    wait()
    return time.perf_counter() - start
