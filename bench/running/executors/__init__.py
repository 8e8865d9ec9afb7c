"""Executors: where the tasks of a run are done."""

from gan_bench.bench.running.executors.base import Done, Event, Executor, Progressed, Started
from gan_bench.bench.running.executors.inline import Inline
from gan_bench.bench.running.executors.workers import Workers

__all__ = ["Done", "Event", "Executor", "Inline", "Progressed", "Started", "Workers", "make"]


def make(jobs: int) -> Executor:
    """In this process for one job, in worker processes for more."""
    return Inline() if jobs == 1 else Workers(jobs)
