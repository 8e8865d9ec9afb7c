"""One `run`: plan, leave out what the store holds, do the rest, write the report."""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.files import unwritable
from gan_bench.bench.common.interrupt import interruptible
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.paper_numbers import paper_numbers_of
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.references import measure_missing
from gan_bench.bench.results import unfinished
from gan_bench.bench.results.damage import sentences
from gan_bench.bench.results.report import write_report
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.conclusion import conclude, say_stand_ins, set_aside
from gan_bench.bench.running.executing import execute
from gan_bench.bench.running.lines import say
from gan_bench.bench.running.loggers.hook import Logging
from gan_bench.bench.running.planned import PlannedRun
from gan_bench.bench.running.preview import preview
from gan_bench.bench.running.progress import Display
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.sharing import share
from gan_bench.bench.running.task import Result, Task
from gan_bench.names import counted


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    Attributes:
        status: exit status: 0, 1 where trials failed, 130 when interrupted.
        store: of the results.
        trials: those asked for.
        evaluations: training key -> evaluation key of these trials.
    """

    status: int
    store: Store | None = None
    trials: Sequence[Trial] = ()
    evaluations: Mapping[str, str] = field(default_factory=dict)


def run(request: Request, console: Console) -> int:
    """Do a request; return the exit status, see :func:`carry_out`."""
    return carry_out(request, console).status


def carry_out(
    request: Request, console: Console, report: bool = True, kept: Collection[str] = frozenset()
) -> Outcome:
    """Do a request; return its outcome, which has a status only when interrupted.

    Without `report` trials are trained and measured, and no report or reference row is made. Trials that are
    `kept` elsewhere, by their keys, are left out.

    Raises UsageError, for what cannot be done, before anything is written.
    """
    planned = None
    try:
        with interruptible():
            planned = PlannedRun.of(request, console)
            planned.trials = [trial for trial in planned.trials if trial.key not in kept]
            status = _preview(planned) if request.dry_run else _run(planned, report)
            return Outcome(status, planned.store, planned.trials, planned.evaluations)
    except KeyboardInterrupt:
        if planned is not None and not request.dry_run:
            planned.store.sweep()
            count = f"{len(planned.finished())} of {counted(len(planned.trials), 'trial')}"
            say(console, f"\nStopped, with {count} finished and kept in {planned.store.root}.")
        say(console, f"Resume with:\n  {request.command}")
        return Outcome(130)


def _preview(planned: PlannedRun) -> int:
    """Show the plan and the part of it that is left to do."""
    packs, _ = planned.packs()
    tasks = planned.tasks(packs)
    console, store = planned.console, planned.store
    say_stand_ins(planned.trials, console)
    for text in sentences(store.left_out):
        say(console, f"{text}; the run would set it aside and do it again.", "yellow")
    planned.say_longer(tasks)
    jobs = planned.jobs * len(planned.devices)
    costs = planned.costs(packs, measure=bool(tasks))
    preview(planned.trials, packs, tasks, costs, planned.load, jobs, store.root, console)
    return 0


def _run(planned: PlannedRun, report: bool) -> int:
    """Do the tasks that are left and write the report, if it is wanted."""
    request, console, store = planned.request, planned.console, planned.store
    new, tasks = _prepare(planned)
    say_stand_ins(planned.trials, console)
    planned.say_longer(tasks)
    published = paper_numbers_of(planned.suite)
    store.add_plan(
        planned.suite.name,
        new,
        title=planned.suite.title,
        budget=request.budget,
        command=request.command,
        published=published,
    )
    results = _execute(planned, tasks)
    if report:
        _report(planned, published)
    return conclude(results, planned.trials, store, console, request.verbose)


def _report(planned: PlannedRun, published: Sequence[Mapping[str, Any]]) -> None:
    """Measure the reference rows that are missing and write the report."""
    request, console, store = planned.request, planned.console, planned.store
    with console.status("measuring reference rows"):  # shown in a terminal only
        measured = measure_missing(
            planned.references, store, planned.evaluators, lambda text: say(console, text)
        )
    with console.status("writing the report"):
        page = write_report(
            store, console, request.command, planned.suite.title, planned.trials, planned.evaluations,
            paper_numbers=published,
            references=measured,
            equal=request.equal or "kimg",
            beside=request.beside,
            dataset=planned.load,
        )  # fmt: skip
    say_stand_ins(planned.trials, console)
    say(console, f"Report: {page}")


def _prepare(planned: PlannedRun) -> tuple[list[Pack], list[Task]]:
    """Make the store ready; return the packs that are new in it, and the tasks that are left."""
    store = planned.store
    packs, new = planned.packs()
    tasks = planned.tasks(packs)
    store.check_writable()
    store.sweep()
    with unwritable(f"cannot write results to {store.root}"):
        set_aside(store, planned.console)
    if planned.request.fresh:
        unfinished.remove(store.root, (pack.id for pack in packs))
    if planned.request.fresh and (archived := _archive(planned)):
        say(planned.console, f"The earlier trials of suite {planned.suite.name} are kept in {archived}")
        packs, new = planned.packs()
        tasks = planned.tasks(packs)
    return new, tasks


def _archive(planned: PlannedRun) -> Path | None:
    """Move the trials and plans of the suite, and of those that it includes, to the store's archive."""
    store, names = planned.store, {part.name for part in planned.suite.parts}
    records = (record for key in store if (record := store.read(key)) is not None)
    keys = {trial.key for trial in planned.trials} | {r.trial.key for r in records if r.trial.suite in names}
    with unwritable(f"cannot write results to {store.root}"):
        return store.archive(sorted(keys), plans_of={planned.suite.name, *names})


def _execute(planned: PlannedRun, tasks: Sequence[Task]) -> list[Result]:
    """Do tasks and show their progress; return the results of their trials."""
    trials, console, root = planned.trials, planned.console, planned.store.root
    if not tasks:
        there = "the trial is" if len(trials) == 1 else f"all {len(trials):,} trials are"
        say(console, f"Nothing left to do: {there} in {root}")
        return []
    asked = {trial.key for trial in trials}
    doing = [trial.key in asked for task in tasks for trial in task.pack.trials]
    more = f", with {doing.count(False)} others of their packs" if not all(doing) else ""
    count = f"{doing.count(True)} of {counted(len(trials), 'trial')} to do{more}"
    say(console, f"{planned.suite.title}: {count}; results go to {root}")
    if any(task.pack.compiled for task in tasks) and planned.trouble:
        # Planned elsewhere: rounding will differ from there, and the records say why.
        tasks = [dataclasses.replace(task, pack=task.pack.uncompiled()) for task in tasks]
    results = share(tasks, functools.partial(_do, planned), planned.tasks, root, console)
    planned.store.sweep()
    return results


def _do(planned: PlannedRun, tasks: Sequence[Task]) -> list[Result]:
    """Do tasks here, as far as no other run has them."""
    packs = [task.pack for task in tasks]
    costs = planned.costs(packs)
    if is_gpu(planned.context.device) and len(tasks) > 1:  # workers train, and this process only listens
        threading.Thread(target=_load_report, daemon=True).start()
    with (
        Display(tasks, list(map(costs.pack, packs)), planned.console) as display,
        Logging(planned.request.log, planned.store, display) as follow,
    ):
        return execute(
            tasks, planned.context, planned.devices, planned.jobs, follow,
            planned.request.executor, timeout=planned.request.timeout, limit=planned.request.jobs,
            **planned.request.cluster,
        )  # fmt: skip


def _load_report() -> None:
    """Import what the report needs, which takes a second or two, while others train."""
    import gan_bench.reports.site  # noqa: F401
