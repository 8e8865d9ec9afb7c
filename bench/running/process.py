"""One process of a run: it prepares itself and does one task, wherever an executor has placed it."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import traceback
from collections.abc import Iterator

from gan_bench.bench.common.devices import is_gpu, use_device
from gan_bench.bench.common.memory import is_lack_of_memory
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.common.startup import fix_workspaces, keep_programs, limit_threads
from gan_bench.bench.planning import catalogue
from gan_bench.bench.results import leases
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.failures import record_failure, summary
from gan_bench.bench.running.places import Place
from gan_bench.bench.running.task import Report, Result, RunContext, Task
from gan_bench.bench.running.training import evaluate, train


def run_task(
    task: Task, context: RunContext, place: Place | None = None, report: Report = lambda *_: None
) -> list[Result]:
    """Prepare this process, do a task and write its records; an exception in it becomes failed records.

    Args:
        task: the task.
        context: of the run.
        place: where this process does it; None is the context's device.
        report: called now and then while training.
    """
    context = context if place is None else context.at(place)
    try:
        with prepared(task, context), leases.taken(context.out, task.pack.id) as holder:
            if holder is not None or done_meanwhile(task, context):
                who = None if holder is None else holder.who
                return [Result(trial, "elsewhere", error=who) for trial in task.pack.trials]
            return train(task.pack, context, report) if task.kind == "train" else evaluate(task.pack, context)
    except Exception as error:
        written, memory = traceback.format_exc(), is_lack_of_memory(error)
        results = record_failure(task, context, summary(error), written)
        return [dataclasses.replace(result, memory=memory) for result in results]


def done_meanwhile(task: Task, context: RunContext) -> bool:
    """Return whether another run has trained all trials of a task since this one was planned."""
    return task.kind == "train" and all(Store(context.out).trained(trial.key) for trial in task.pack.trials)


@contextlib.contextmanager
def prepared(task: Task, context: RunContext) -> Iterator[None]:
    """Set this process up for a task: threads, programs' cache, plug-ins, current device, numerics.

    Raises UsageError for a plug-in that cannot be loaded.
    """
    limit_threads()
    fix_workspaces()
    if task.pack.compiled:
        keep_programs(catalogue.cache_folder())
    load_plugins(context.plugins)
    from gan_bench.bench.engine.numerics import numerics  # after the limit, which torch reads when it loads

    use_device(context.device)
    if is_gpu(context.device):
        gc.collect()  # the networks of an earlier pack are in cycles, and the device lacks their memory
    with numerics():
        yield


def load_libraries() -> None:
    """Import what every task needs, which takes seconds, before the first one is there."""
    import gan_bench.bench.metrics  # noqa: F401
