"""Sessions where something goes wrong: trials that fail, requests that cannot be met, interruption."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

import gan_bench.bench.engine
import gan_bench.bench.metrics
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.results.store import Store
from tests.bench.conftest import FakeEngine, FakeModel, Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def test_an_exception_becomes_failed_records_and_the_rest_goes_on(
    session: Start, engine: FakeEngine, tmp_path: Path
) -> None:
    engine.fail = {1: RuntimeError("the roof\nis on fire")}
    status, shown = session(pack=1, verbose=True)
    store = Store(tmp_path / "out")
    by_seed = [(r.trial.seed, r.status) for key in store if (r := store.read(key))]
    assert status == 1
    assert sorted(by_seed) == [(s, "failed" if s == 1 else "finished") for s in (0, 0, 1, 1, 2, 2)]
    assert "2 trials failed: RuntimeError: the roof" in shown
    assert "Traceback" in shown
    failed = next(r for key in store if (r := store.read(key)) and r.status == "failed")
    assert failed.error == "RuntimeError: the roof"
    assert failed.traceback is not None
    assert "conftest.py" in failed.traceback

    engine.fail, engine.jobs = {}, []
    status, _ = session()  # tries failed trials again, and only these
    assert status == 0
    assert [job.seeds for job in engine.jobs] == [(1,), (1,)]
    records = [store.read(key) for key in store]
    assert [r.status for r in records if r is not None] == ["finished"] * 6


def test_a_checkpoint_that_cannot_be_measured_again_leaves_the_others(
    session: Start, engine: FakeEngine, suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(model: FakeModel, *given: Any, **options: Any) -> Any:
        if model.seed == 0:
            raise RuntimeError("a bug of the metric")
        return make(model, *given, **options)

    session(variants=("nsgan",))
    suite_file.write_text(suite_file.read_text().replace("samples = 100", "samples = 120"))
    make = FakeModel.make
    monkeypatch.setattr(FakeModel, "make", broken)
    status, shown = session(variants=("nsgan",))
    assert status == 1
    assert "1 trial failed: RuntimeError: a bug of the metric" in shown
    assert "The next run tries failed trials again." in shown
    assert "traceback" not in shown, "the record is that of the training, which did not fail"
    store = Store(tmp_path / "out")
    assert sorted(len(store.evaluations(key)) for key in store) == [1, 2, 2]


@pytest.mark.parametrize("jobs", [-3, 0, 10**6, 10**9])
@pytest.mark.parametrize(
    "more",
    [
        {"executor": "workers"},
        {"executor": None},
        {"executor": "inline"},
    ],
)
def test_a_number_of_jobs_that_no_machine_can_start_is_refused(
    session: Start, tmp_path: Path, jobs: int, more: Any
) -> None:
    with pytest.raises(UsageError, match=f"--jobs {jobs}"):
        session(jobs=jobs, **more)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        {"variants": ("nsgam",)},
        {"budget": "quik"},
        {"changes": ("lr=-1",)},
        {"plugins": (Path("nowhere.py"),)},
        {"device": "cuda:99"},
    ],
)
def test_a_wrong_request_writes_nothing(session: Start, tmp_path: Path, options: Any) -> None:
    with pytest.raises(UsageError):
        session(**options)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_measured_is_found_out_first(
    session: Start, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: Any, **__: Any) -> None:
        raise MetricError("lenet28.safetensors is damaged")

    monkeypatch.setattr(gan_bench.bench.metrics, "Evaluator", damaged)
    with pytest.raises(UsageError, match="is damaged"):
        session()
    assert engine.jobs == []
    assert not (tmp_path / "out").exists()


def test_an_unwritable_folder_is_named(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write results to"):
        session(out=tmp_path / "file" / "out")
    assert engine.jobs == []


def test_interruption_keeps_what_is_finished(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    engine.fail = {2: KeyboardInterrupt()}
    status, shown = session(pack=1, variants=("nsgan",))
    assert status == 130
    assert "Stopped, with 2 of 3 trials finished" in shown
    assert "Resume with:\n  python -m bench run --suite tiny" in shown
    assert [p.name[0] != "." for p in Store(tmp_path / "out").trials.iterdir()] == [True, True]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_interrupt_and_are_given_back(
    session: Start, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = signal.getsignal(number)

    def killed(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), number)
        time.sleep(5)

    monkeypatch.setattr(gan_bench.bench.engine, "train", killed)
    status, shown = session()
    assert status == 130
    assert "Stopped, with 0 of 6 trials finished" in shown
    assert signal.getsignal(number) is before
