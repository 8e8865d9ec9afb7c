"""Processes that share the check of a store find what one finds, and leave the same index."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gan_bench.bench.results import frames, index, looking
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
