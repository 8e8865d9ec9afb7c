"""In this process, one task after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

from gan_bench.bench.running.executors.base import Call, Done, Event, Progressed, Started
from gan_bench.bench.running.places import Place


class Inline:
    """Does each task where it was called: the simplest to debug and to profile.

    Args:
        place: the place of this process.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        return None

    def execute(self, calls: Sequence[Call], on_event: Callable[[Event], None]) -> None:
        """Make all calls in order."""
        for index, call in enumerate(calls):
            on_event(Started(index, self._place))

            def report(kimg: float, iteration: int, seconds: float, index: int = index) -> None:
                on_event(Progressed(index, kimg, iteration, seconds))

            on_event(Done(index, tuple(call(self._place, report))))
