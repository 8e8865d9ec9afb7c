"""Tasks for worker processes that load no library: a process that imports a module of tests loads torch."""

from __future__ import annotations

from typing import Any

from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.places import Place
from gan_bench.bench.running.task import Result


def where(trial: Trial, place: Place, report: Any) -> list[Result]:
    """Return a result that names the device of the task's place."""
    report(1.0, 1, 1.0)
    return [Result(trial, "finished", metric=place.device)]
