"""Tasks that are done on machines that share no files with this one."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import write
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.common.provenance import code, versions
from gan_bench.bench.planning import catalogue
from gan_bench.bench.results import leases, parcels
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.places import Place
from gan_bench.bench.running.process import done_meanwhile, run_task
from gan_bench.bench.running.task import Report, Result, RunContext, Task


@dataclass(frozen=True)
class Away:
    """A task of this run that is done elsewhere; it holds the lease of its pack here meanwhile."""

    task: Task
    context: RunContext

    def claim(self, held: contextlib.ExitStack) -> list[Result]:
        """Hold the pack's lease in `held`; return results `elsewhere` if another run has it or had it."""
        holder = held.enter_context(leases.taken(self.context.out, self.task.pack.id))
        if holder is None and not done_meanwhile(self.task, self.context):
            return []
        who = None if holder is None else holder.who
        return [Result(trial, "elsewhere", error=who) for trial in self.task.pack.trials]

    def parcel(self) -> Sent:
        """Return the call to send: the task, the plug-ins' code and the trials to be measured again."""
        plugins = tuple((path.name, path.read_bytes()) for path in self.context.plugins)
        trials = [trial.key for trial in self.task.pack.trials] if self.task.kind == "evaluate" else []
        return Sent(self.task, self.context, plugins, parcels.packed(Store(self.context.out), trials))

    def check(self) -> Check:
        """Return the call that finds out whether a machine can do tasks like this one."""
        return Check(
            (dict(versions()), code()),
            self.context,
            self.parcel().plugins,
            tuple(dict.fromkeys((trial.data_source, trial.content_hash) for trial in self.task.pack.trials)),
        )

    def receive(self, results: Sequence[Result]) -> tuple[Result, ...]:
        """Keep the records that came with results; return the results without them."""
        problems: dict[str, str] = {}
        for result in results:
            try:
                problems |= parcels.adopt(result.parcel, Store(self.context.out)) if result.parcel else {}
            except UsageError as error:
                problems |= {trial.key: str(error) for trial in self.task.pack.trials}
        return tuple(
            replace(result, parcel=b"", status="failed", error=f"its record was damaged on its way: {why}")
            if (why := problems.get(result.trial.key))
            else replace(result, parcel=b"")
            for result in results
        )


Plugins = tuple[tuple[str, bytes], ...]
"""Names and contents of plug-ins, in the order in which they are loaded."""


@dataclass(frozen=True)
class Sent:
    """A task with all the files that it needs: a call for a process of another machine."""

    task: Task
    context: RunContext
    plugins: Plugins
    trials: bytes

    def __call__(self, place: Place, report: Report) -> list[Result]:
        """Do the task in a folder that is removed; the first result carries what was written there."""
        with tempfile.TemporaryDirectory() as folder:
            store = parcels.unpack(self.trials, Path(folder))
            context = replace(self.context, out=store.root, plugins=written(self.plugins))
            results = run_task(self.task, context, place, report)
            parcel = parcels.packed(store, [trial.key for trial in self.task.pack.trials])
        return [replace(results[0], parcel=parcel), *results[1:]]


@dataclass(frozen=True)
class Check:
    """A call that returns the reasons why a machine cannot do tasks of this run, a sentence each."""

    here: tuple[Mapping[str, str | None], str]
    """Versions of libraries and hash of the code where the run was planned."""
    context: RunContext
    plugins: Plugins
    data: tuple[tuple[str, str], ...]
    """Datasets and the hashes of their content."""

    def __call__(self, *_: object) -> list[str]:
        """Compare versions and code, load plug-ins and data."""
        theirs, ours = versions(), self.here[0]
        problems = [
            f"{name} {theirs.get(name) or 'is missing'} there, {version or 'missing'} here"
            for name, version in ours.items()
            if theirs.get(name) != version
        ]
        if code() != self.here[1]:
            problems.append("the code of gan-bench is another there")
        if (weights := self.context.inception) not in (None, "download") and not Path(
            weights or ""
        ).is_file():
            problems.append(f"{weights} is not there")
        try:
            load_plugins(written(self.plugins))
            problems += self._data()
        except UsageError as error:
            problems.append(str(error))
        return problems

    def _data(self) -> Iterable[str]:
        for name, content in self.data:
            dataset = catalogue.dataset(name, roots=self.context.data_roots, download=False, stand_in=False)
            if dataset.content_hash != content:
                yield f"dataset {name} has other content there"


def written(plugins: Plugins) -> tuple[Path, ...]:
    """Write plug-ins to the folder for temporary files, once for each content; return their paths there."""
    paths = []
    for name, content in plugins:
        folder = Path(tempfile.gettempdir()) / f"plugin-{hashlib.sha256(content).hexdigest()[:20]}"
        folder.mkdir(exist_ok=True)
        path = folder.resolve() / name
        if not path.exists():
            write(path, content)
        paths.append(path)
    return tuple(paths)
