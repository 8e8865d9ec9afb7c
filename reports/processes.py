"""Processes that share a work; they load their libraries while the first still counts."""

from __future__ import annotations

import functools
import multiprocessing
import pickle
import signal
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from gan_bench.spawning import without_main

T = TypeVar("T")


class Processes:
    """Call one function on many units in several processes, the calling one among them. A context manager.

    Args:
        count: number of processes; 1 starts none.
        prepare: called once by each of the others, to load what they need.
    """

    def __init__(self, count: int, prepare: Callable[[], None]) -> None:
        self._others, self._prepare = count - 1, prepare
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._others > 0:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._others, context, initializer=_begin)
            with without_main():
                for _ in range(self._others):
                    self._pool.submit(self._prepare)
        return self

    def __exit__(self, *details: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def map(self, function: Callable[..., T], held: Any, units: Sequence[tuple[Any, ...]]) -> list[T]:
        """Return `function(held, *unit)` of every unit, in order.

        The others begin with the first unit, this process with the last.

        Args:
            function: of a module, so that other processes find it.
            held: what all units need, picklable; every process reads it once, from a temporary file.
            units: further arguments of each call.
        """
        if self._pool is None:
            return [function(held, *unit) for unit in units]
        made: dict[int, T] = {}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "held"
            path.write_bytes(pickle.dumps(held))
            with without_main():  # a process is started where none is idle
                theirs = [self._pool.submit(_call, function, path, unit) for unit in units]
            for place in reversed(range(len(units))):
                own = theirs[place].cancel()  # nobody has begun it
                made[place] = function(held, *units[place]) if own else theirs[place].result()
        return [made[place] for place in range(len(units))]


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process acts on it, and ends the others


@functools.lru_cache(maxsize=1)
def _read(path: Path) -> Any:
    return pickle.loads(path.read_bytes())


def _call(function: Callable[..., T], path: Path, unit: tuple[Any, ...]) -> T:
    return function(_read(path), *unit)
