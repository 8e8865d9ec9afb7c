"""The store: one folder per trained trial, written aside and renamed into place.

    RESULTS/trials/<training key>/record.json, samples.npz, checkpoint.safetensors
                                  evaluations/<evaluation key>.json
    RESULTS/references/<key>.json           reference rows, as `bench.references` measures them
    RESULTS/plans/<suite>-<hash>.json       packs, fixed when they were first planned
    RESULTS/index/<hash>.parquet            columns of a large store, which only save time
    RESULTS/unfinished/<pack id>/           snapshots of packs that are trained, until their records are there
    RESULTS/ends/<hash>/                    packs at their end, from which longer trainings continue
    RESULTS/archive/<time>/                 what --fresh replaced, and failed trials that were tried again
    RESULTS/set-aside/<time>/               damaged trials and plans, with the reasons in why.txt

Nothing is changed once written, so two stores merge by copying their folders together.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import sync, unwritable, whole, write
from gan_bench.bench.common.seals import seal_of, sealed
from gan_bench.bench.results import damage, leftovers, plans, unfinished
from gan_bench.bench.results.looking import look_at
from gan_bench.bench.results.plans import PlanFiles
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.reference_row import ReferenceRow
from gan_bench.bench.results.whole import Whole

if TYPE_CHECKING:
    from gan_bench.bench.results.index import Index

FOLDERS = ("trials", "references", "plans", "index", unfinished.FOLDER, unfinished.ENDS)
"""Folders of a store, beside those of what was moved aside."""


class Store(PlanFiles):
    """A folder of records. Reading never changes it; a folder that is not there is an empty store."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.trials = self.root / "trials"
        self.left_out: dict[Path, str] = {}
        """Damaged trials' folders, plans and reference rows, read as if not there, and what is wrong."""
        self._whole = Whole()

    @cached_property
    def index(self) -> Index:
        """The index of this store; it needs pyarrow, which commands that only write need not load."""
        from gan_bench.bench.results.index import Index

        return Index(self.root)

    def __iter__(self) -> Iterator[str]:
        """Yield training keys of all records, sorted."""
        names = (path.parent.name for path in self.trials.glob("*/record.json"))
        yield from sorted(name for name in names if keys.is_key(name) and self._counts(name))

    def _counts(self, key: str) -> bool:
        return self.folder(key) not in self.left_out

    def look_through(self, *, deep: bool = False) -> dict[Path, str]:
        """Read every file once, leave out what is damaged from now on; returns path -> what is wrong.

        Checkpoints are read only if `deep`, see :func:`damage.problem`.
        """
        folders = [path for path in self.trials.glob("*") if keys.is_key(path.name)]
        found = self._look_at(folders, deep=deep)
        found = {path: why for path, why in found.items() if os.path.lexists(path)}  # another run may archive
        for read, folder in ((plans.read, self.root / "plans"), (ReferenceRow.read, self._references)):
            for path in folder.glob("[!.]*.json"):
                try:
                    damage.refuse_link(path)
                    read(path)
                except UsageError as error:
                    found[path] = str(error)
        for path in (self.root / name for name in FOLDERS):
            if path.exists() and not path.is_dir():
                found[path] = f"{path}: a file where a folder belongs"
        self.left_out = {path: why for path, why in sorted(found.items()) if why is not None}
        return self.left_out

    def _look_at(self, folders: Sequence[Path], *, deep: bool = False) -> dict[Path, str | None]:
        return look_at(self.root, folders, self.index, self._whole, deep=deep)

    def problems(self, these: Iterable[str]) -> dict[str, str]:
        """Return what is wrong with trials, by their keys: damage, or that there is no record.

        Files that were checked before in this process, or are in the index, are not read in full.
        """
        found = self._look_at([self.folder(key) for key in these])
        return {path.name: why for path, why in found.items() if why is not None}

    def leave_out_unmeasurable(self, wanted: Mapping[str, str]) -> None:
        """Leave out finished trials that lack the evaluation wanted (by their key) and a whole checkpoint."""
        for key, evaluation in wanted.items():
            record = None if self.has_evaluation(key, evaluation) else self.read(key)
            if record is None or record.status != "finished":
                continue
            path = self.folder(key) / "checkpoint.safetensors"
            if not path.exists():
                self.left_out[self.folder(key)] = f"{path}: missing, so the trial cannot be measured again"
            elif (why := damage.problem(self.folder(key), deep=True)) is not None:
                self.left_out[self.folder(key)] = why

    def check_whole(self) -> None:
        """Raise UsageError where a trial is damaged: nothing may be judged by the others alone."""
        damaged = [why for path, why in self.look_through().items() if path.parent == self.trials]
        if damaged:
            more = f" (and {len(damaged) - 1} more)" if damaged[1:] else ""
            raise UsageError(f"{damaged[0]}{more}; {damage.cure()}")

    def set_aside(self) -> Path | None:
        """Move what is left out to set-aside/<time>/, with the reasons; returns it, or None if nothing is."""
        found, self.left_out = self.left_out, {}
        return leftovers.set_aside(self.root, found)

    def folder(self, key: str) -> Path:
        """Return the folder of the record of `key`, which need not exist."""
        return self.trials / key

    def has(self, key: str) -> bool:
        """Return whether there is a record of `key` that is not left out."""
        return self._counts(key) and (self.folder(key) / "record.json").exists()

    def read(self, key: str) -> Record | None:
        """Return the record of `key`, or None; raises UsageError for a damaged file, which it names."""
        return self._whole.record(self.folder(key) / "record.json") if self.has(key) else None

    def trained(self, key: str) -> bool:
        """Return whether `key` has a record of a training that ended: finished or diverged."""
        return (record := self.read(key)) is not None and record.status != "failed"

    def evaluations(self, key: str) -> list[Evaluation]:
        """Return every evaluation of `key`, oldest first."""
        paths = sorted((self.folder(key) / "evaluations").glob("[!.]*.json"))
        return sorted(map(self._whole.evaluation, paths), key=lambda e: e.created)

    def has_evaluation(self, key: str, evaluation_key: str) -> bool:
        """Return whether `key` was evaluated under that protocol."""
        path = self.folder(key) / "evaluations" / f"{evaluation_key}.json"
        return self._counts(key) and path.exists()

    def add(
        self,
        record: Record,
        evaluation: Evaluation | None = None,
        samples: Mapping[str, np.ndarray] | None = None,
        weights: Mapping[str, Any] | None = None,
    ) -> bool:
        """Write a record whole or not at all. Returns False, and keeps what is there, where one exists.

        A failed record gives way to a new one and goes to the archive; a damaged one is set aside.
        """
        key = record.trial.key
        with leftovers.aside(self.trials, key) as folder:
            if evaluation is not None:
                (folder / "evaluations").mkdir()
                write(folder / "evaluations" / f"{evaluation.key}.json", sealed(evaluation.to_json()))
                sync(folder / "evaluations")
            if samples:
                with whole(folder / "samples.npz") as file:
                    np.savez_compressed(file, allow_pickle=False, **samples)
            if weights:
                from safetensors.torch import save

                write(folder / "checkpoint.safetensors", save(dict(weights)))
            files = {path.name: seal_of(path) for path in sorted(folder.iterdir()) if path.is_file()}
            write(folder / "record.json", sealed(dataclasses.replace(record, files=files).to_json()))
            sync(folder)
            return self._take(folder, key)

    def copy_trial(self, folder: Path) -> bool:
        """Copy the folder of a trial of another store, whole or not at all; returns as `add` does."""
        key = folder.name
        with leftovers.aside(self.trials, key) as copy:
            shutil.copytree(folder, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
            for path in (*copy.rglob("*"), copy):
                sync(path)
            return self._take(copy, key)

    def _take(self, folder: Path, key: str) -> bool:
        """Give a folder that is complete its name; returns False where that name is taken."""
        self._make_way(key)
        try:
            os.rename(folder, self.folder(key))
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                return False
            raise
        sync(self.trials)
        return True

    def _make_way(self, key: str) -> None:
        """Move what is there of `key`, where it is damaged or failed."""
        there = self.folder(key)
        if os.path.lexists(there) and (why := damage.problem(there)) is not None:
            self.left_out[there] = why
            self.set_aside()
        elif (present := self.read(key)) is not None and present.status == "failed":
            self.archive([key])

    def add_evaluation(self, key: str, evaluation: Evaluation) -> None:
        """Put an evaluation beside those that the record of `key` has."""
        folder = self.folder(key) / "evaluations"
        folder.mkdir(exist_ok=True)
        write(folder / f"{evaluation.key}.json", sealed(evaluation.to_json()))
        sync(folder)

    def references(self) -> list[ReferenceRow]:
        """Return every reference row, oldest first; raises UsageError for a damaged file, which it names."""
        paths = sorted(path for path in self._references.glob("[!.]*.json") if path not in self.left_out)
        return sorted(map(ReferenceRow.read, paths), key=lambda row: row.created)

    def has_reference(self, key: str) -> bool:
        """Return whether this reference row was measured."""
        path = self._references / f"{key}.json"
        return path not in self.left_out and path.exists()

    def add_reference(self, row: ReferenceRow) -> None:
        """Keep a reference row, in place of one of its key; raise UsageError where that is impossible."""
        with unwritable(f"cannot write results to {self.root}"):
            self.replace(self._references / f"{row.key}.json", sealed(row.to_json()))

    @property
    def _references(self) -> Path:
        return self.root / "references"

    def weights(self, key: str) -> dict[str, Any] | None:
        """Return the checkpoint of `key`, name -> tensor, or None where there is none.

        Raises UsageError for a damaged one, which it names.
        """
        record, path = self.read(key), self.folder(key) / "checkpoint.safetensors"
        if record is None or not path.exists():
            return None
        damage.check_checkpoint(self.folder(key), record.files)
        from safetensors.torch import load_file

        return load_file(path)

    def archive(self, these: Iterable[str], plans_of: Collection[str] = ()) -> Path | None:
        """Move records, and the plans of these suites, to archive/<time>/; returns it, or None if empty."""
        moving = [self.folder(key) for key in these if self.folder(key).exists()]
        moving += [path for path, plan in self._plans().items() if plan["suite"] in plans_of]
        return leftovers.move(self.root, moving, "archive")

    def check_writable(self) -> None:
        """Make the folder; raise UsageError where that, or writing into it, is impossible."""
        with unwritable(f"cannot write results to {self.root}"):
            self.trials.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.trials):
                pass

    def sweep(self) -> None:
        """Remove what processes that ended left unfinished."""
        leftovers.sweep(self.trials)
        unfinished.sweep(self.root, self.trained)
