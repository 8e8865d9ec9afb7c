"""One `run`: plan, leave out what the store holds, do the rest, write the report."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from gan_bench.bench.common.devices import choose_device, default_jobs
from gan_bench.bench.common.interrupt import interruptible
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.evaluators import Evaluators
from gan_bench.bench.planning.packs import Pack, assemble
from gan_bench.bench.planning.paper_numbers import published_of
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.references import Wanted, measure_missing, wanted_rows
from gan_bench.bench.results.damage import sentences
from gan_bench.bench.results.report import publish
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.calibration import Calibration, Memory, compiler_trouble
from gan_bench.bench.running.cost import Costs
from gan_bench.bench.running.executing import execute
from gan_bench.bench.running.outstanding import outstanding
from gan_bench.bench.running.packing import Packing, Wish
from gan_bench.bench.running.preview import preview
from gan_bench.bench.running.progress import Display
from gan_bench.bench.running.protocols import protocols
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.task import Result, RunContext, Task


def run(request: Request, console: Console) -> int:
    """Do what is asked; returns the exit status: 0, 1 where trials failed, 130 when interrupted.

    Raises UsageError, for what cannot be done, before anything is written.
    """
    session = None
    try:
        with interruptible():
            session = Session.plan(request, console)
            return session.preview() if request.dry_run else session.run()
    except KeyboardInterrupt:
        if session is not None and not request.dry_run:
            session.store.sweep()
            done, kept = len(session.finished()), session.store.root
            _say(
                console, f"\nStopped: {done} of {len(session.trials)} trials are finished and kept in {kept}."
            )
        _say(console, f"Resume with:\n  {request.command}")
        return 130


@dataclass
class Session:
    """A planned run."""

    request: Request
    console: Console
    suite: Suite
    trials: list[Trial]
    store: Store
    context: RunContext
    load: Callable[[str], Any]
    references: list[Wanted]

    @classmethod
    def plan(cls, request: Request, console: Console) -> Session:
        """Check everything that was asked; nothing is written yet."""
        plugins = tuple(path.resolve() for path in request.plugins)
        load_plugins(plugins)
        suite = load_suite(request.suite)
        published_of(suite)  # names that are wrong are told before anything is trained
        device = choose_device(request.device)
        roots = tuple(path.resolve() for path in request.data_dirs)

        @functools.cache
        def load(name: str) -> Any:
            return catalogue.dataset(name, roots=roots, stand_in=not request.require_dataset)

        trials = plan(
            suite,
            load,
            budget=request.budget,
            only=request.variants,
            seeds=request.seeds,
            profile=request.profile,
            dtype=request.dtype,
            changes=request.changes,
            notice=lambda text: _say(console, text),
        )
        store = Store(request.out or Path("results") / f"{suite.name}-{request.budget}")
        store.look_through()
        context = RunContext(store.root, device, roots, request.inception_source, plugins)
        return cls(request, console, suite, trials, store, context, load, wanted_rows(suite, trials, load))

    @property
    def jobs(self) -> int:
        """Tasks at a time."""
        return self.request.jobs or default_jobs(self.context.device)

    def preview(self) -> int:
        """Show the plan and what of it is left to do."""
        packs, _ = self._packs()
        tasks = self._tasks(packs)
        self._notice()
        for text in sentences(self.store.left_out):
            self._say(f"{text}; the run would set it aside and do it again.", "yellow")
        where = self.store.root, self.console
        preview(self.trials, packs, tasks, self._costs(), self.load, self.jobs, *where)
        return 0

    def run(self) -> int:
        """Do what is left, write the report; returns the exit status."""
        packs, new = self._packs()
        tasks = self._tasks(packs)
        self.store.check_writable()
        self.store.sweep()
        self._set_aside()
        if self.request.fresh and (archived := self._archive()):
            self._say(f"The earlier trials of suite {self.suite.name} are kept in {archived}")
            packs, new = self._packs()
            tasks = self._tasks(packs)
        self._notice()
        self.store.add_plan(
            self.suite.name,
            new,
            title=self.suite.title,
            budget=self.request.budget,
            command=self.request.command,
            published=published_of(self.suite),
        )
        results: list[Result] = []
        if tasks:
            asked = {trial.key for trial in self.trials}
            doing = [trial.key in asked for task in tasks for trial in task.pack.trials]
            more = f", with {doing.count(False)} others of their packs" if not all(doing) else ""
            count = f"{doing.count(True)} of {len(self.trials)} trials to do{more}"
            self._say(f"{self.suite.title}: {count}; results go to {self.store.root}")
            results = self._execute(tasks)
        else:
            self._say(f"Nothing left to do: all {len(self.trials)} trials are in {self.store.root}")
        page = publish(
            self.store, self.console, self.request.command, self.suite.title, self.trials, self._evaluations,
            published=published_of(self.suite),
            references=measure_missing(self.references, self.store, self._evaluator, self._say),
        )  # fmt: skip
        self._notice()
        self._say(f"Report: {page}")
        return self._conclude(results)

    def finished(self) -> list[Trial]:
        """Those of the trials asked for that have a record of their training."""
        return [t for t in self.trials if (r := self.store.read(t.key)) is not None and r.status != "failed"]

    def _packs(self) -> tuple[list[Pack], list[Pack]]:
        asked = self.request.budget
        budgets = {p.name: p.budgets[asked] for p in self.suite.parts if asked in p.budgets}

        def wish(trial: Trial) -> Wish:
            size = self.request.pack or budgets[trial.suite].pack
            compiled = self.request.compile or budgets[trial.suite].compile
            return Wish(size if isinstance(size, int) else None, {"on": True, "off": False}.get(compiled))

        memory, device = self._memory, self.context.device
        best_size = Calibration(memory, self.load, device).best_size
        packing = Packing(wish, self._costs(), device, self.jobs, best_size, lambda: self._trouble)
        return assemble(self.trials, packing, self.store.planned())

    @functools.cached_property
    def _memory(self) -> Memory:
        return Memory(catalogue.cache_folder() / "machine.json")

    @functools.cached_property
    def _trouble(self) -> str | None:
        """Why nothing can be compiled here; said once, where something should be."""
        why = compiler_trouble(self._memory)
        if why is not None:
            self._say(f"Nothing can be compiled here, so training is not: {why}", "yellow")
        return why

    @functools.cached_property
    def _evaluator(self) -> Evaluators:
        """What measures a trial; damaged or missing extractors are found out here, not by a worker."""
        return Evaluators(self.load, self.context.inception, self.context.device)

    @functools.cached_property
    def _evaluations(self) -> dict[str, str]:
        """Training key -> evaluation key of every trial asked for; what cannot be measured is said once."""
        return protocols(self.trials, self._evaluator, lambda limit: self._say(limit, "yellow"))

    def _set_aside(self) -> None:
        """Move what is damaged out of the way and say so; its trials have no record then."""
        told, folder = sentences(self.store.left_out), self.store.set_aside()
        for text in told:
            self._say(f"{text}; set aside in {folder}", "yellow")

    def _tasks(self, packs: list[Pack]) -> list[Task]:
        self.store.leave_out_unmeasurable(self._evaluations)
        return outstanding(packs, self._evaluations, self.store, self._costs().pack)

    def _costs(self) -> Costs:
        return Costs(record for key in self.store if (record := self.store.read(key)) is not None)

    def _execute(self, tasks: Sequence[Task]) -> list[Result]:
        if any(task.pack.compiled for task in tasks) and self._trouble:
            # Planned elsewhere: rounding will differ from there, and the records say why.
            tasks = [
                dataclasses.replace(task, pack=dataclasses.replace(task.pack, compiled=False))
                for task in tasks
            ]
        costs = self._costs()
        jobs = min(self.jobs, len(tasks))
        with Display(tasks, [costs.pack(task.pack) for task in tasks], self.console) as display:
            results = execute(tasks, self.context, jobs, display)
        self.store.sweep()
        return results

    def _archive(self) -> Path | None:
        names = {part.name for part in self.suite.parts}
        records = (record for key in self.store if (record := self.store.read(key)) is not None)
        mine = {trial.key for trial in self.trials} | {r.trial.key for r in records if r.trial.suite in names}
        return self.store.archive(sorted(mine), plans_of={self.suite.name, *names})

    def _conclude(self, results: Iterable[Result]) -> int:
        failed = [result for result in results if result.status == "failed"]
        errors = Counter(result.error for result in failed)
        for error, count in errors.items():
            self._say(f"{count} trial{'s' if count > 1 else ''} failed: {error}", "red")
        if failed:
            first = self.store.folder(failed[0].trial.key) / "record.json"
            self._say(f"The whole traceback is in {first}; the next run tries failed trials again.")
            record = self.store.read(failed[0].trial.key)
            if self.request.verbose and record is not None and record.traceback:
                self._say(record.traceback)
        return 1 if failed else 0

    def _notice(self) -> None:
        for asked, used in {(t.stand_in_for, t.data_name) for t in self.trials if t.stand_in_for}:
            self._say(
                f"{asked} could not be reached: {used} stands in for it. These are not results on {asked}.",
                "bold yellow",
            )

    def _say(self, text: str, style: str | None = None) -> None:
        _say(self.console, text, style)


def _say(console: Console, text: str, style: str | None = None) -> None:
    console.print(escape(text), style=style, highlight=False, soft_wrap=True)
