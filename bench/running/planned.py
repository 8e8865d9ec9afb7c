"""A planned run: its trials, their packs, and the tasks that are left."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from gan_bench.bench.common.devices import check_dtype, choose_devices, default_jobs
from gan_bench.bench.common.files import check_folder
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.common.provenance import device_kind, hash_of
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.alterations import altered
from gan_bench.bench.planning.evaluators import Evaluators
from gan_bench.bench.planning.options import inception_source
from gan_bench.bench.planning.packing import Packing, Wish, work_of
from gan_bench.bench.planning.packs import Pack, assemble
from gan_bench.bench.planning.paper_numbers import paper_numbers_of
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.references import Wanted, wanted_rows
from gan_bench.bench.results.damage import refuse_newer
from gan_bench.bench.results.store import Store
from gan_bench.bench.running import executors
from gan_bench.bench.running.calibration import Memory, compiler_trouble
from gan_bench.bench.running.cost import Costs, past
from gan_bench.bench.running.lengthening import Lengthening
from gan_bench.bench.running.lines import say
from gan_bench.bench.running.outstanding import outstanding
from gan_bench.bench.running.pace import USUAL, Pace
from gan_bench.bench.running.places import check_jobs
from gan_bench.bench.running.protocols import protocols
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.task import RunContext, Task

MEASURE_FROM = 600.0
"""Seconds of a run from which the second of a measurement is worth while, for the time left."""


@dataclass
class PlannedRun:
    """The plan of a request; making one writes nothing.

    Attributes:
        request: the request.
        console: where notices go.
        suite: the suite with those that it includes.
        trials: those asked for.
        store: of the results.
        context: for the processes of the run.
        devices: where to train; planning and reference rows use the first.
        load: gives the dataset of a name.
        references: the reference rows that belong to the trials.
    """

    request: Request
    console: Console
    suite: Suite
    trials: list[Trial]
    store: Store
    context: RunContext
    devices: tuple[str, ...]
    load: Callable[[str], Any]
    references: list[Wanted]

    @classmethod
    def of(cls, request: Request, console: Console) -> PlannedRun:
        """Plan a request; raise UsageError where anything that it asks for cannot be done."""
        plugins = tuple(path.resolve() for path in request.plugins)
        load_plugins(plugins)
        suite = altered(
            load_suite(request.suite),
            dataset=request.dataset
            and catalogue.dataset_with(request.dataset, size=request.size, grey=request.grey),
            architecture=request.architecture,
            kimg=request.kimg,
        )
        paper_numbers_of(suite)  # raises for wrong names before anything is trained
        store = Store(request.out or Path("results") / f"{suite.name}-{request.budget}")
        check_folder(store.root, f"cannot write results to {store.root}")
        _check_beside(request.beside)
        devices = choose_devices(request.device)
        here = executors.is_here(request.executor or executors.DEFAULT, request.ray_address)
        check_jobs(request.jobs, devices, here)
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
            searches=catalogue.searches(request.profiles),
            dtype=request.dtype,
            changes=request.changes,
            notice=lambda text: say(console, text),
        )
        for dtype in {trial.dtype for trial in trials}:
            check_dtype(dtype, devices)
        refuse_newer(store.look_through())
        own = () if request.profiles is None else ((request.profiles.name, hash_of(request.profiles)),)
        context = RunContext(store.root, devices[0], roots, inception_source(request.inception), plugins, own)
        references = wanted_rows(suite, trials, load)
        return cls(request, console, suite, trials, store, context, devices, load, references)

    @property
    def jobs(self) -> int:
        """Packs that train at a time on each device."""
        return self.request.jobs or default_jobs(self.context.device)

    def packs(self) -> tuple[list[Pack], list[Pack]]:
        """Return all packs that hold the trials, and those of them that were not planned before."""
        asked = self.request.budget
        budgets = {p.name: p.budgets[asked] for p in self.suite.parts if asked in p.budgets}

        def wish(trial: Trial) -> Wish:
            size = self.request.pack or budgets[trial.suite].pack
            compiled = self.request.compile or budgets[trial.suite].compile
            return Wish(size if isinstance(size, int) else None, {"on": True, "off": False}.get(compiled))

        device = device_kind(self.context.device)
        packing = Packing(
            wish, lambda trial: work_of(trial, self.load(trial.dataset)), device, lambda: self.trouble
        )
        planned = self.store.planned()
        free = self.request.pack is None and self.request.compile is None
        longer = self.lengthening.packs(self.trials) if free and self.lengthening else []
        packs, new = assemble(self.trials, packing, [*planned, *longer])
        known = {pack.id for pack in planned}
        return packs, [*(pack for pack in packs if pack in longer and pack.id not in known), *new]

    def tasks(self, packs: list[Pack]) -> list[Task]:
        """Return the tasks that complete the trials of these packs, the longest first."""
        self.store.leave_out_unmeasurable(self.evaluations)
        costs = functools.cache(lambda: self.costs(packs))  # reads the store: only where packs are left
        return outstanding(packs, self.evaluations, self.store, lambda pack: costs().pack(pack))

    @functools.cached_property
    def lengthening(self) -> Lengthening | None:
        """Longer trainings of what is in the store; None where tasks share no files with it."""
        if not executors.shares_files(self.request.executor or executors.DEFAULT):
            return None
        return Lengthening(self.context, self.store, self.load, self.evaluators)

    def say_longer(self, tasks: Sequence[Task]) -> None:
        """Say which of the tasks continue shorter trainings, and why others do not."""
        packs = [task.pack for task in tasks if task.kind == "train"]
        for text in self.lengthening.sentences(packs, self.store.planned()) if self.lengthening else ():
            say(self.console, text)

    def costs(self, packs: Sequence[Pack], measure: bool = False) -> Costs:
        """Return estimates for packs, from records, or from their work and the device's speed.

        Args:
            packs: those of the run.
            measure: find out the speed of a device where it is not known, which takes a second; done for a
                run of more than :data:`MEASURE_FROM` seconds in any case.
        """
        pace, trained = Pace(self._memory, self.load, self.context.device), list(past(self.store))
        known = pace.recall()
        costs = Costs(self.load, known or USUAL, trained)
        if known is None and (measure or sum(map(costs.pack, packs)) > MEASURE_FROM):
            costs = Costs(self.load, pace.measure(), trained)
        return costs

    def finished(self) -> list[Trial]:
        """Return those of the trials asked for that have a record of their training."""
        return [trial for trial in self.trials if self.store.trained(trial.key)]

    @functools.cached_property
    def trouble(self) -> str | None:
        """The reason why nothing can be compiled here, or None; printed once, when it is first asked for."""
        why = compiler_trouble(self._memory)
        if why is not None:
            say(self.console, f"Nothing can be compiled here, so training is not: {why}", "yellow")
        return why

    @functools.cached_property
    def evaluators(self) -> Evaluators:
        """The evaluators of the trials."""
        return Evaluators(self.load, self.context.inception, self.context.device)

    @functools.cached_property
    def evaluations(self) -> dict[str, str]:
        """Training key -> evaluation key of every trial asked for; limits of the data are printed once."""
        return protocols(self.trials, self.evaluators, lambda limit: say(self.console, limit, "yellow"))

    @functools.cached_property
    def _memory(self) -> Memory:
        return Memory(catalogue.cache_folder() / "machine.json")


def _check_beside(names: Sequence[str]) -> None:
    """Raise UsageError for a file of results, to be shown beside the run's, that cannot be read."""
    if names:
        from gan_bench.bench.results.shipped import read  # which loads pandas

        for name in names:
            read(name)
