from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from gan_bench.bench.speed.interleave import TimedWork, interleave, quartiles


class World:
    """A clock that advances only with work, and a list of the works in the order of their turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.diary = 0.0, []
        self.pace: Callable[[float], float] = lambda now: 1.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def work(self, name: str, cost: float, chunk: int = 1) -> TimedWork:
        def run(count: int) -> None:
            self.diary.append((name, count))
            self.now += cost * count * self.pace(self.now)

        return TimedWork(run, chunk)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_seconds_per_unit_of_every_round(world: World) -> None:
    work = {"slow": world.work("slow", 0.02), "fast": world.work("fast", 0.001)}
    times = interleave(work, rounds=3, seconds=0.1)
    assert times["slow"] == pytest.approx([0.02] * 3)
    assert times["fast"] == pytest.approx([0.001] * 3)
    timed = world.diary[-6:]
    assert timed == [("slow", 5), ("fast", 100), ("fast", 100), ("slow", 5), ("slow", 5), ("fast", 100)]


def test_whole_chunks_are_timed(world: World) -> None:
    interleave({"a": world.work("a", 0.01, chunk=32)}, rounds=2, seconds=1.0)
    assert {count % 32 for _, count in world.diary} == {0}
    assert world.diary[-1] == ("a", 96)
    interleave({"b": world.work("b", 10.0, chunk=32)}, rounds=1, seconds=1.0)
    assert world.diary[-1] == ("b", 32), "less than a chunk was timed"


def test_a_noisy_machine_slows_all_alike(world: World) -> None:
    work = {"one": world.work("one", 0.01), "two": world.work("two", 0.02)}
    world.pace = lambda now: 1.0 + (now > 3.0)  # another process starts in the middle
    times = interleave(work, rounds=9, seconds=0.3)
    assert max(times["one"]) == pytest.approx(0.02)
    assert np.median(times["two"] / times["one"]) == pytest.approx(2.0)


def test_a_device_may_have_a_stopwatch_of_its_own() -> None:
    """As on a GPU, work is only queued: the process knows nothing of the time that it takes."""
    queued = [0.0]

    def run(count: int) -> None:
        queued[0] += 0.01 * count

    def stopwatch(work: Callable[[], None]) -> float:
        queued[0] = 0.0  # what was queued before is done before
        work()
        return queued[0]

    times = interleave({"gpu": TimedWork(run)}, rounds=2, seconds=0.1, stopwatch=stopwatch)
    assert times["gpu"] == pytest.approx([0.01, 0.01])


def test_quartiles() -> None:
    assert quartiles(np.array([4.0, 1.0, np.nan, 2.0, 3.0, 5.0])) == (2.0, 3.0, 4.0)
    assert np.isnan(quartiles(np.array([np.nan]))).all()
