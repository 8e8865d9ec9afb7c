"""Processes that share the check of a store find what one finds, and leave the same index."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results import damage, frames, index, looking
from gan_bench.bench.results.store import Store
from gan_bench.reports import processes
from tests.bench.conftest import FakeEngine, Start


@pytest.fixture
def root(
    engine: FakeEngine, no_report: list[Any], session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A store without an index, of six trials, of which one is damaged."""
    monkeypatch.setattr(index, "WORTH", 1)
    engine.diverge.add(1)
    session()
    root = tmp_path / "out"
    first = next(iter(Store(root)))
    path = root / "trials" / first / "record.json"
    path.write_bytes(path.read_bytes().replace(b'"finished"', b'"finishes"', 1))
    shutil.rmtree(root / "index", ignore_errors=True)
    return root


def looked(root: Path) -> tuple[Store, bytes]:
    """A store that was looked through and read, and the bytes of its index."""
    store = Store(root)
    store.look_through()
    frames.load(store)
    store.index.save()
    (file,) = (root / "index").iterdir()
    content = file.read_bytes()
    shutil.rmtree(root / "index")
    return store, content


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Trials are worth sharing, two at a time; returns how many processes were asked for.

    The parts are made in this process.
    """
    asked: list[int] = []
    monkeypatch.setattr(looking, "WORTH", 1)
    monkeypatch.setattr(looking, "PART", 2)
    monkeypatch.setattr(looking, "cores", lambda: 2)

    class Counted(processes.Processes):
        def __init__(self, count: int, prepare: Any) -> None:
            asked.append(count)
            super().__init__(1, prepare)

    monkeypatch.setattr(processes, "Processes", Counted)
    return asked


def test_parts_are_put_together(root: Path, request: pytest.FixtureRequest) -> None:
    alone, written = looked(root)
    asked = request.getfixturevalue("shared")
    together, written_together = looked(root)
    assert asked == [2]
    assert len(alone.left_out) == 1
    assert together.left_out == alone.left_out
    for name in ("trials", "scores", "history"):
        own, others = (getattr(frames.load(store), name) for store in (together, alone))
        assert len(own) > 0
        pd.testing.assert_frame_equal(own, others)
    assert written_together == written
    assert together._whole.hashes == alone._whole.hashes


@pytest.mark.slow
def test_other_processes_return_their_parts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PART", 2)
    monkeypatch.setattr(looking, "cores", lambda: 3)
    parts = looking._side_by_side(root, sorted((root / "trials").iterdir()), False)
    assert [len(part.problems) for part in parts] == [2, 2, 2]
    assert sum(part.added.table.num_rows for part in parts) == 5


def test_a_trial_that_is_replaced_meanwhile_is_not_damaged(
    root: Path, session: Start, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run archives a failed record and puts a finished one in its place, between two reads of it."""
    engine.fail[7] = RuntimeError("a bug")
    session(seeds=(7,), variants=("nsgan",))
    store = Store(root)
    key = next(key for key in store if store.read(key).status == "failed")  # type: ignore[union-attr]
    record = store.read(key)
    assert record is not None
    replaced: list[str] = []
    check = damage.check

    def late(folder: Path, *given: Any, **options: Any) -> Any:
        if folder.name == key and not replaced:
            replaced.append(key)
            there = Store(root)
            there.archive([key])
            with pytest.raises(UsageError, match=r"no record\.json"):
                check(folder, *given, **options)
            there.add(dataclasses.replace(record, status="diverged", error=None, traceback=None))
            raise UsageError("as the line above")
        return check(folder, *given, **options)

    monkeypatch.setattr(damage, "check", late)
    left_out = store.look_through()
    assert replaced
    assert store.folder(key) not in left_out
    store.set_aside()
    assert Store(root).trained(key)


def test_a_trial_that_is_archived_meanwhile_is_not_damaged(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(root)
    gone = list(store)[1]
    check = damage.check

    def late(folder: Path, *given: Any, **options: Any) -> Any:
        if folder.name == gone:
            Store(root).archive([gone])
        return check(folder, *given, **options)

    monkeypatch.setattr(damage, "check", late)
    assert store.folder(gone) not in store.look_through()
    assert store.problems([gone]) == {gone: f"{store.folder(gone)}: there is no record.json in it"}


def test_what_was_checked_is_not_read_in_full_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(root)
    damaged = [path.name for path in store.look_through()]
    read: list[str] = []
    check = damage.check

    def noted(folder: Path, *given: Any, **options: Any) -> Any:
        read.append(folder.name)
        return check(folder, *given, **options)

    monkeypatch.setattr(damage, "check", noted)
    assert list(store.problems([*store, *damaged])) == damaged
    assert read == damaged
