from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import leases
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.away import Away, Check
from gan_bench.bench.running.executors import check_address
from gan_bench.bench.running.places import Place
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.task import RunContext, Task
from gan_bench.datasets import load
from tests.bench.conftest import FakeEngine

Files = dict[str, bytes]


@pytest.fixture
def real(trial: Trial) -> Trial:
    return replace(trial, content_hash=load("ring").content_hash)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, as another machine has one."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def files(store: Store, key: str) -> Files:
    folder = store.folder(key)
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def there(away: Away) -> list[Any]:
    return list(away.receive(away.parcel()(Place(), lambda *_: None)))  # type: ignore[arg-type]


def test_records_come_home_and_nothing_stays_there(
    engine: FakeEngine, real: Trial, tmp_path: Path, elsewhere: Path
) -> None:
    trials = (real, replace(real, seed=1))
    out = tmp_path / "out"
    results = there(Away(Task("train", Pack(trials)), RunContext(out)))
    assert [(result.status, result.parcel) for result in results] == [("finished", b"")] * 2
    store = Store(out)
    assert sorted(store) == sorted(trial.key for trial in trials)
    assert store.look_through(deep=True) == {}
    assert set(files(store, real.key)) == {
        "record.json", "samples.npz", "checkpoint.safetensors",
        f"evaluations/{store.evaluations(real.key)[0].key}.json",
    }  # fmt: skip
    assert list(elsewhere.iterdir()) == []


def test_a_failed_trial_comes_home_and_gives_way_to_a_finished_one(
    engine: FakeEngine, real: Trial, tmp_path: Path, elsewhere: Path
) -> None:
    away = Away(Task("train", Pack((real,))), RunContext(tmp_path / "out"))
    engine.fail[0] = RuntimeError("a bug")
    (result,) = there(away)
    assert (result.status, result.error) == ("failed", "RuntimeError: a bug")
    assert Store(tmp_path / "out").read(real.key).status == "failed"  # type: ignore[union-attr]
    engine.fail.clear()
    (result,) = there(away)
    assert result.status == "finished"
    assert Store(tmp_path / "out").read(real.key).status == "finished"  # type: ignore[union-attr]


def test_a_checkpoint_is_sent_and_its_new_evaluation_comes_home(
    engine: FakeEngine, real: Trial, tmp_path: Path, elsewhere: Path
) -> None:
    context = RunContext(tmp_path / "out")
    there(Away(Task("train", Pack((real,))), context))
    store = Store(tmp_path / "out")
    before = files(store, real.key)
    more = replace(real, final_samples=50)
    (result,) = there(Away(Task("evaluate", Pack((more,))), context))
    assert result.status == "finished"
    after = files(store, real.key)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 1
    assert store.look_through(deep=True) == {}


def test_what_was_damaged_on_its_way_is_not_kept(
    engine: FakeEngine, real: Trial, tmp_path: Path, elsewhere: Path
) -> None:
    away = Away(Task("train", Pack((real,))), RunContext(tmp_path / "out"))
    results = away.parcel()(Place(), lambda *_: None)
    parcel = results[0].parcel.replace(b'"seed": 0', b'"seed": 7').replace(b'"seed":0', b'"seed":7')
    assert parcel != results[0].parcel
    (result,) = away.receive([replace(results[0], parcel=parcel)])
    assert result.status == "failed"
    assert "damaged on its way" in (result.error or "")
    assert list(Store(tmp_path / "out")) == []


def test_the_lease_is_held_at_home(engine: FakeEngine, real: Trial, tmp_path: Path) -> None:
    away = Away(Task("train", pack := Pack((real,))), RunContext(tmp_path / "out"))
    with contextlib.ExitStack() as held:
        assert away.claim(held) == []
        assert leases.held(tmp_path / "out", pack.id)
        with contextlib.ExitStack() as second:
            assert [result.status for result in away.claim(second)] == ["elsewhere"]
    assert not leases.held(tmp_path / "out", pack.id)


def changed(**facts: Any) -> Callable[[Check], Check]:
    return lambda check: replace(check, **facts)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda check: check, None),
        (lambda c: replace(c, here=({**c.here[0], "numpy": "0.1"}, c.here[1])), "numpy .* there, 0.1 here"),
        (lambda c: replace(c, here=({**c.here[0], "new": "1"}, c.here[1])), "new is missing there, 1 here"),
        (lambda c: replace(c, here=(c.here[0], "other")), "the code of gan-bench is another there"),
        (changed(data=(("ring", "abc"),)), "dataset ring has other content there"),
        (changed(data=(("mnist", "abc"),)), "mnist"),
        (changed(plugins=(("broken.py", b"1 / 0"),)), "ZeroDivisionError"),
        (lambda c: replace(c, context=replace(c.context, inception="/gone.pt")), "/gone.pt is not there"),
    ],
)
def test_a_machine_that_is_not_like_this_one_says_why(
    change: Any, complaint: str | None, real: Trial, tmp_path: Path, elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("BENCH_DATA", raising=False)
    context = RunContext(tmp_path / "out", data_roots=(tmp_path,))
    check = Away(Task("train", Pack((real,))), context).check()
    assert isinstance(check, Check)
    problems = change(check)()
    if complaint is None:
        assert problems == []
    else:
        (problem,) = problems
        assert re.search(complaint, problem)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("ray://head:10001", "expected HOST:PORT"),
        ("head", "expected HOST:PORT"),
        ("head:0", "expected HOST:PORT"),
        ("127.0.0.1:1", "nothing answers there"),
    ],
)
def test_an_address_without_a_cluster(address: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        check_address(address)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"ray_address": "auto"}, "--ray-address changes nothing without --executor ray"),
        ({"slurm": ("a=1",), "executor": "workers"}, "--slurm changes nothing without --executor slurm"),
        ({"executor": "inline", "jobs": 2}, "--executor inline does one task at a time"),
        ({"executor": "rays"}, "unknown executor 'rays'; did you mean 'ray'"),
    ],
)
def test_options_of_executors_that_contradict(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Request("ring", "run", **options)
