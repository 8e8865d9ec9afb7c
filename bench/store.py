"""The store: one folder per trained trial, written aside and renamed into place.

    RESULTS/trials/<training key>/record.json, samples.npz, checkpoint.safetensors
                                  evaluations/<evaluation key>.json
    RESULTS/plans/<suite>-<hash>.json       packs, fixed when they were first planned
    RESULTS/archive/<time>/                 what --fresh set aside, and failed trials that were tried again

Nothing is changed once written, so two stores merge by copying their folders together.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench import keys
from bench.errors import UsageError
from bench.files import now, read_json, sync, write_json
from bench.packs import Pack
from bench.records import SCHEMA, Evaluation, Record, check_schema
from bench.trial import Trial

_HOST = "".join(c for c in socket.gethostname() if c.isalnum()) or "host"


class Store:
    """A folder of records. Reading never changes it; a folder that is not there is an empty store."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.trials = self.root / "trials"

    def __iter__(self) -> Iterator[str]:
        """Training keys of all records, sorted."""
        names = (path.parent.name for path in self.trials.glob("*/record.json"))
        yield from sorted(name for name in names if keys.is_key(name))

    def folder(self, key: str) -> Path:
        """Where the record of `key` is or would be."""
        return self.trials / key

    def read(self, key: str) -> Record | None:
        """The record of `key`, or None; raises UsageError for a damaged file, which it names."""
        path = self.folder(key) / "record.json"
        return Record.from_json(read_json(path), str(path)) if path.exists() else None

    def evaluations(self, key: str) -> list[Evaluation]:
        """Every evaluation of `key`, oldest first."""
        paths = sorted((self.folder(key) / "evaluations").glob("[!.]*.json"))
        return sorted((Evaluation.from_json(read_json(p), str(p)) for p in paths), key=lambda e: e.created)

    def has_evaluation(self, key: str, evaluation_key: str) -> bool:
        """Whether `key` was measured under that protocol."""
        return (self.folder(key) / "evaluations" / f"{evaluation_key}.json").exists()

    def add(
        self,
        record: Record,
        evaluation: Evaluation | None = None,
        samples: Mapping[str, np.ndarray] | None = None,
        weights: Mapping[str, Any] | None = None,
    ) -> bool:
        """Write a record whole or not at all. Returns False, and keeps what is there, where one exists.

        A failed record gives way to a new one and goes to the archive.
        """
        key = record.trial.key
        with self._aside(key) as folder:
            write_json(folder / "record.json", record.to_json())
            if evaluation is not None:
                (folder / "evaluations").mkdir()
                write_json(folder / "evaluations" / f"{evaluation.key}.json", evaluation.to_json())
                sync(folder / "evaluations")
            if samples:
                np.savez_compressed(folder / "samples.npz", allow_pickle=False, **samples)
                sync(folder / "samples.npz")
            if weights:
                from safetensors.torch import save

                (folder / "checkpoint.safetensors").write_bytes(save(dict(weights)))
                sync(folder / "checkpoint.safetensors")
            sync(folder)
            present = self.read(key)
            if present is not None and present.status == "failed":
                self.archive([key])
            try:
                os.rename(folder, self.folder(key))
            except OSError as error:
                if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                    return False
                raise
            sync(self.trials)
            return True

    def add_evaluation(self, key: str, evaluation: Evaluation) -> None:
        """Put an evaluation beside those that the record of `key` has."""
        folder = self.folder(key) / "evaluations"
        folder.mkdir(exist_ok=True)
        write_json(folder / f"{evaluation.key}.json", evaluation.to_json())
        sync(folder)

    def weights(self, key: str) -> dict[str, Any] | None:
        """The checkpoint of `key`, name -> tensor, or None where there is none."""
        path = self.folder(key) / "checkpoint.safetensors"
        if not path.exists():
            return None
        from safetensors.torch import load_file

        return load_file(path)

    def _plans(self) -> list[dict[str, Any]]:
        """All plans, the oldest first."""
        plans = [(path, read_json(path)) for path in sorted((self.root / "plans").glob("[!.]*.json"))]
        for path, plan in plans:
            check_schema(plan, str(path))
        return sorted((plan for _, plan in plans), key=lambda plan: plan.get("created", ""))

    def commands(self) -> list[str]:
        """The commands that planned what is here, each once, the oldest first."""
        return list(dict.fromkeys(plan["command"] for plan in self._plans() if plan.get("command")))

    def planned(self) -> list[Pack]:
        """Every pack that was ever planned here, oldest plan first."""
        packs = []
        for plan in self._plans():
            compiled = plan.get("compiled", [False] * len(plan["packs"]))
            packs += [
                Pack(tuple(Trial.from_spec(spec) for spec in specs), compile_it)
                for specs, compile_it in zip(plan["packs"], compiled, strict=True)
            ]
        return packs

    def add_plan(self, suite: str, packs: Sequence[Pack], **facts: Any) -> None:
        """Fix new packs and whether they are compiled; an interrupted run then resumes with the same ones."""
        if not packs:
            return
        fixed = {
            "packs": [[trial.spec() for trial in pack.trials] for pack in packs],
            "compiled": [pack.compiled for pack in packs],
        }
        folder = self.root / "plans"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{suite}-{keys.digest([pack.id for pack in packs])[:8]}.json"
        write_json(folder / name, {"schema": SCHEMA, "created": now(), "suite": suite, **facts, **fixed})
        sync(folder)

    def published(self) -> list[dict[str, Any]]:
        """Published numbers of the suites planned here, those of each suite's newest plan."""
        newest = {plan["suite"]: plan.get("published", []) for plan in self._plans()}
        return [row for rows in newest.values() for row in rows]

    def archive(self, these: Iterable[str], plans_of: Collection[str] = ()) -> Path | None:
        """Move records, and the plans of these suites, to archive/<time>/; returns it, or None if empty."""
        moving = [self.folder(key) for key in these if self.folder(key).exists()]
        plans = (self.root / "plans").glob("[!.]*.json")
        moving += [path for path in plans if plans_of and read_json(path).get("suite") in plans_of]
        if not moving:
            return None
        (self.root / "archive").mkdir(exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ-")
        folder = Path(tempfile.mkdtemp(prefix=stamp, dir=self.root / "archive"))
        for path in moving:
            target = folder / path.relative_to(self.root)
            target.parent.mkdir(exist_ok=True)
            os.rename(path, target)
        return folder

    def check_writable(self) -> None:
        """Make the folder; raise UsageError where that, or writing into it, is impossible."""
        try:
            self.trials.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.trials):
                pass
        except OSError as error:
            raise UsageError(f"cannot write results to {self.root}: {error.strerror}") from None

    def sweep(self) -> None:
        """Remove what processes of this machine that are gone left unfinished."""
        for folder in self.trials.glob(f".new-*-{_HOST}-*"):
            pid = folder.name.rsplit("-", 1)[1].split(".")[0]
            if not _alive(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _aside(self, key: str) -> Iterator[Path]:
        self.trials.mkdir(parents=True, exist_ok=True)
        folder = self.trials / f".new-{key}-{_HOST}-{os.getpid()}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
