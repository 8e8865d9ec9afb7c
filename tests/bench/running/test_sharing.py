"""Two runs that fill one folder: no trial twice, none lost, and each says what the other does."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pytest

import gan_bench.bench.engine
from gan_bench.bench.results import leases
from gan_bench.bench.results.store import Store
from gan_bench.bench.running import sharing
from tests.bench.conftest import FakeEngine, Start


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "LOOKS", 0.02)


def log_training(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, log: Path, seconds: float) -> None:
    """Let every training take some time and leave a line with its process and seeds."""

    def train(job: Any, dataset: Any, **callbacks: Any) -> Any:
        with open(log, "a") as file:
            file.write(f"{os.getpid()} {job.variant} {list(job.seeds)}\n")
        time.sleep(seconds)
        return engine.train(job, dataset, **callbacks)

    monkeypatch.setattr(gan_bench.bench.engine, "train", train)


def run_and_write(session: Start, told: Path) -> None:
    status, shown = session(pack=1, seeds=(0, 1, 2, 3))
    told.write_text(f"{status}\n{shown}")


def test_two_runs_share_the_work(
    session: Start, engine: FakeEngine, no_report: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    log_training(engine, monkeypatch, log, 0.1)
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=run_and_write, args=(session, tmp_path / f"told{i}")) for i in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(300)
    told = [(tmp_path / f"told{i}").read_text() for i in range(2)]
    assert [text.splitlines()[0] for text in told] == ["0", "0"], told
    trained = [line.split(maxsplit=1) for line in log.read_text().splitlines()]
    work = [what for _, what in trained]
    assert len(work) == len(set(work)), "a trial was trained twice"
    assert len({process for process, _ in trained}) == 2, "one of the runs did nothing"
    store = Store(tmp_path / "out")
    assert store.look_through(deep=True) == {}
    assert len(list(store)) == len(work)
    assert not list((tmp_path / "out" / "leases").iterdir())


def test_a_run_waits_for_what_another_has_and_says_so(
    session: Start, engine: FakeEngine, no_report: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other falls silent: what it had is done here then."""
    monkeypatch.setattr(leases, "EXPIRES", 2.0)
    held: list[str] = []
    create = leases._create

    def first_is_theirs(path: Path, holder: leases.Holder) -> bool:
        if not held:
            held.append(path.stem)
            create(path, leases.Holder("node7", 12, "another", "token"))
        return create(path, holder)

    monkeypatch.setattr(leases, "_create", first_is_theirs)
    status, shown = session(pack=1, seeds=(0, 1))
    assert status == 0
    assert "Waiting for process 12 of node7, which has 1 of these trials in the same folder." in shown
    assert len(list(Store(tmp_path / "out"))) == len(engine.jobs)
