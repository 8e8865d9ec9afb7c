"""Timing of several programs in turns, so that noise of the machine affects all of them alike."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Key = TypeVar("Key", bound=Hashable)


Stopwatch = Callable[[Callable[[], None]], float]
"""Do some work and return the seconds that it took, on a device until its queue is done."""


def by_clock(work: Callable[[], None]) -> float:
    """Do some work of this process and return its seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@dataclass(frozen=True)
class TimedWork:
    """Work to be timed.

    Attributes:
        run: does the given number of units of work (iterations, updates, products).
        chunk: number of units that share a step, such as data drawn at once; multiples of it are timed.
    """

    run: Callable[[int], None]
    chunk: int = 1


def interleave(
    works: Mapping[Key, TimedWork],
    *,
    rounds: int,
    seconds: float,
    stopwatch: Stopwatch = by_clock,
) -> dict[Key, np.ndarray]:
    """Time each item of `works` for about `seconds` in each of `rounds` rounds.

    Each round begins with the next item of `works`, so that none always runs first.

    Args:
        works: name -> work; each is warmed up first.
        rounds: at least 1.
        seconds: length of one turn; a turn does at least one chunk.
        stopwatch: times one turn.

    Returns:
        Name -> seconds per unit of work, shape (rounds,).
    """
    shares = {name: _share(work, seconds, stopwatch) for name, work in works.items()}
    order = list(works)
    times: dict[Key, list[float]] = {name: [] for name in order}
    for turn in range(rounds):
        first = turn % len(order)
        for name in order[first:] + order[:first]:
            run, share = works[name].run, shares[name]
            times[name].append(stopwatch(functools.partial(run, share)) / share)
    return {name: np.array(values) for name, values in times.items()}


def quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile of the values, without NaN; NaN if there are none."""
    values = values[~np.isnan(values)]
    if not len(values):
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)


def _share(work: TimedWork, seconds: float, stopwatch: Stopwatch) -> int:
    """Warm up, and return the number of units that take about `seconds`, a multiple of the chunk."""
    work.run(work.chunk)  # builds or compiles programs that later runs use again
    count = work.chunk
    while (spent := stopwatch(functools.partial(work.run, count))) < seconds / 4:
        count *= 2
    return max(1, round(seconds / spent * count / work.chunk)) * work.chunk
