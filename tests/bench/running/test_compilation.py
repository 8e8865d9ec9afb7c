"""Compilation of packs: planned once and recorded; packs train uncompiled where there is no compiler."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from gan_bench.bench.results.store import Store
from tests.bench.conftest import FakeEngine, Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands for the machine's compiler; `trouble` is what is wrong with it."""
    state = SimpleNamespace(trouble=None)
    monkeypatch.setattr("gan_bench.bench.running.planned.compiler_trouble", lambda memory: state.trouble)
    return state


def test_whether_packs_are_compiled_is_planned_once_and_recorded(
    session: Start, engine: FakeEngine, tmp_path: Path, compiler: SimpleNamespace
) -> None:
    session(compile="on", seeds=(0,))
    session(compile="off", seeds=(0, 1))
    assert [(job.seeds, job.compile) for job in engine.jobs] == 2 * [((0,), True)] + 2 * [((1,), False)]
    store = Store(tmp_path / "out")
    facts = {(record.trial.seed, record.provenance["pack"]["way"]) for record in map(store.read, store)}
    assert facts == {(0, "compiled"), (1, "batched")}
    for key in list(store):
        shutil.rmtree(store.folder(key))
    engine.jobs.clear()
    session(compile="off", seeds=(0,))
    assert all(job.compile for job in engine.jobs)


def test_without_a_compiler_packs_train_uncompiled_with_one_notice(
    session: Start, engine: FakeEngine, tmp_path: Path, compiler: SimpleNamespace
) -> None:
    compiler.trouble = "no g++"
    status, shown = session(compile="on")
    assert status == 0
    assert shown.count("no g++") == 1
    assert not any(job.compile for job in engine.jobs)


def test_a_pack_planned_where_there_was_a_compiler_trains_without_one(
    session: Start, engine: FakeEngine, tmp_path: Path, compiler: SimpleNamespace
) -> None:
    session(compile="on")
    store = Store(tmp_path / "out")
    shutil.rmtree(store.folder(next(iter(store))))
    compiler.trouble = "no g++"
    engine.jobs.clear()
    _, shown = session(compile="on")
    assert shown.count("no g++") == 1
    assert [job.compile for job in engine.jobs] == [False]
    assert all(pack.compiled for pack in store.planned())
