"""On a SLURM cluster by submitit: arrays of jobs, and a store on a file system that all machines share."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.errors import UsageError, one_line
from gan_bench.bench.common.files import write
from gan_bench.bench.common.machine import switches
from gan_bench.bench.common.startup import fix_workspaces, importable, limit_threads
from gan_bench.bench.running.executors.base import Call, Done, Event, Lost, Progressed, Setup, Started
from gan_bench.bench.running.executors.workers import Workers
from gan_bench.bench.running.places import Place

CLUSTER = "cluster"
"""The parameter that is not SLURM's: `slurm`, or `local` for processes of this machine, to try things out."""
ARRAY = 1000
"""Jobs of one array; SLURM's own limit (MaxArraySize) is 1001 unless a site changes it."""
LOOKS = 0.5
"""Seconds between two looks at jobs."""


class Slurm:
    """Submits every task as a job of an array.

    Jobs write to the store themselves. Files of jobs lie in RESULTS/slurm while the run lasts.

    Args:
        setup: of the run; `limit` is the number of jobs at a time, `parameters` are submitit's.
    """

    def __init__(self, setup: Setup) -> None:
        assert setup.folder is not None
        self._setup = setup
        self._parameters = parse(setup.parameters)
        self._jobs: list[Any] = []

    def __enter__(self) -> Self:
        above = self._setup.folder / "slurm"  # type: ignore[operator]
        above.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="jobs-", dir=above)).resolve()
        return self

    def __exit__(self, *details: object) -> None:
        for job in self._jobs:
            if not job.done():
                job.cancel(check=False)
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # another run has jobs there
            self._folder.parent.rmdir()

    def execute(self, calls: Sequence[Call], on_event: Callable[[Event], None]) -> None:
        """Submit all calls and follow their jobs."""
        device = self._setup.places[0].device
        place = Place("cuda:0" if is_gpu(device) else device)  # SLURM shows a job its own GPUs only
        jobs = self._submit(
            [_Job(call, place, self._setup.ahead, switches(), self._setup.timeout) for call in calls]
        )
        left, begun = dict(enumerate(jobs)), dict[int, str]()
        while left:
            for task, job in list(left.items()):
                told = _told(self._folder, job.job_id)
                if told is not None and begun.get(task) != told:
                    if task not in begun:
                        on_event(Started(task, place))
                    begun[task] = told
                    if told != "[]":
                        on_event(Progressed(task, *json.loads(told)))
                if job.done():
                    del left[task]
                    if task not in begun:
                        on_event(Started(task, place))
                    on_event(_end(task, job))
            if left:
                time.sleep(LOOKS)

    def _submit(self, jobs: Sequence[_Job]) -> list[Any]:
        import submitit

        try:
            executor = submitit.AutoExecutor(self._folder, cluster=self._parameters.get(CLUSTER, "slurm"))
            gpus = {"gpus_per_node": 1} if is_gpu(self._setup.places[0].device) else {}
            limit = {"slurm_array_parallelism": self._setup.limit} if self._setup.limit else {}
            own = {name: value for name, value in self._parameters.items() if name != CLUSTER}
            executor.update_parameters(name="gan-bench", cpus_per_task=1, **gpus, **limit, **own)
        except (RuntimeError, NameError, TypeError, ValueError) as error:
            raise UsageError(f"--executor slurm: {error}") from None
        try:
            with importable():
                for start in range(0, len(jobs), ARRAY):
                    self._jobs += executor.map_array(_do, jobs[start : start + ARRAY])
        except (
            RuntimeError
        ) as error:  # submitit's FailedJobError: what sbatch refuses, an unknown partition say
            raise UsageError(f"--executor slurm: jobs cannot be submitted: {one_line(error)}") from None
        return self._jobs


@dataclass(frozen=True)
class _Job:
    """All that the process of a job is given."""

    call: Call
    place: Place
    ahead: Callable[[], None] | None
    environment: Mapping[str, str]
    timeout: float | None


def _do(job: _Job) -> Event:
    """Make a job's call in a worker process of this machine; return its end, and write down its progress."""
    import submitit

    environment = submitit.JobEnvironment()
    os.environ.update(job.environment)
    limit_threads()
    fix_workspaces()
    told, end = _progress(environment.paths.folder, environment.job_id), Lost(0, "the job had no end")
    write(told, "[]")

    def follow(event: Event) -> None:
        nonlocal end
        if isinstance(event, Progressed):
            write(told, json.dumps([event.kimg, event.iteration, event.seconds]))
        elif isinstance(event, Done | Lost):
            end = event  # type: ignore[assignment]

    with Workers([job.place], job.ahead, job.timeout) as worker:
        worker.execute([job.call], follow)
    return end


def _progress(folder: Path, job: str) -> Path:
    return Path(folder) / f"{job}.progress"


def _told(folder: Path, job: str) -> str | None:
    """Return the last progress that a job wrote, `[]` from its begin on; None before."""
    try:
        return _progress(folder, job).read_text()
    except OSError:
        return None


def _end(task: int, job: Any) -> Event:
    """Return the last event of a task whose job is over."""
    from submitit.core.utils import FailedJobError, UncompletedJobError

    try:
        end = job.result()
    except (FailedJobError, UncompletedJobError) as error:
        last = str(error).strip().splitlines()[-1]
        return Lost(task, f"SLURM job {job.job_id} ended as {job.state}: {last}")
    return replace(end, task=task)


def parse(texts: Sequence[str]) -> dict[str, Any]:
    """Return submitit's parameters from texts such as `slurm_partition=gpu`; whole numbers become such.

    Raises:
        UsageError: for a text of another form.
    """
    parameters: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier() or not value:
            raise UsageError(
                f"--slurm {text}: expected NAME=VALUE, as in slurm_partition=gpu or timeout_min=60"
            )
        parameters[name] = int(value) if value.isdecimal() else value
    return parameters
