"""An interrupted run continues its packs from their snapshots, to the bits of an undisturbed run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.unfinished import Unfinished, sweep
from gan_bench.bench.running import snapshots
from gan_bench.bench.running.snapshots import PackSnapshots
from tests.bench.conftest import Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")
TIMES = ("seconds", "compile_seconds", "created", "sha256", "files", "provenance")


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps a snapshot at every reading of the losses."""
    monkeypatch.setattr(PackSnapshots, "due", lambda self, seconds: True)


def stop_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupts the run behind a number of snapshots."""
    keep, kept = PackSnapshots.keep, []

    def counted(self: PackSnapshots, take: Callable) -> None:
        keep(self, take)
        kept.append(take)
        if len(kept) == count:
            raise KeyboardInterrupt

    monkeypatch.setattr(PackSnapshots, "keep", counted)


def untimed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: untimed(item) for name, item in value.items() if name not in TIMES}
    return [untimed(item) for item in value] if isinstance(value, list) else value


def contents(root: Path) -> dict[str, Any]:
    """Everything that is stored of trials, without times."""
    found: dict[str, Any] = {}
    for path in sorted((root / "trials").rglob("*")):
        name = str(path.relative_to(root))
        if path.suffix == ".json":
            found[name] = untimed(json.loads(path.read_text()))
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


@pytest.mark.parametrize("count", [3, 7])
def test_a_run_that_was_interrupted_ends_as_an_undisturbed_one(
    session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, often: None, count: int
) -> None:
    """Behind 3 of 10 iterations nothing is measured yet; behind 7, the first of two points is."""
    options: dict[str, Any] = {"variants": ("nsgan",), "seeds": (0, 1)}
    session(out=tmp_path / "whole", **options)
    with monkeypatch.context() as patch:
        stop_after(count, patch)
        assert session(out=tmp_path / "cut", **options)[0] == 130
    (kept,) = (tmp_path / "cut" / "unfinished").iterdir()
    assert not list(Store(tmp_path / "cut"))
    assert session(out=tmp_path / "cut", **options)[0] == 0
    assert not kept.exists()
    cut = Store(tmp_path / "cut")
    assert [cut.read(key).provenance["continued_at"] for key in cut] == [count] * 2  # type: ignore[union-attr]
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


@pytest.mark.parametrize("what", ["snapshot.json", "3.safetensors"])
def test_a_damaged_snapshot_is_not_used(
    session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, often: None, what: str
) -> None:
    options: dict[str, Any] = {"variants": ("nsgan",), "seeds": (0,)}
    with monkeypatch.context() as patch:
        stop_after(3, patch)
        session(**options)
    (path,) = (tmp_path / "out" / "unfinished").glob(f"*/{what}")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    status, shown = session(**options)
    store = Store(tmp_path / "out")
    assert status == 0
    assert [store.read(key).provenance["continued_at"] for key in store] == [None]  # type: ignore[union-attr]
    assert "1 trial started again, because its snapshot cannot be used" in shown or what == "snapshot.json"


def test_fresh_begins_anew(
    session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, often: None
) -> None:
    with monkeypatch.context() as patch:
        stop_after(3, patch)
        session(variants=("nsgan",), seeds=(0,))
    session(variants=("nsgan",), seeds=(0,), fresh=True)
    store = Store(tmp_path / "out")
    assert [store.read(key).provenance["continued_at"] for key in store] == [None]  # type: ignore[union-attr]


def test_short_trainings_keep_none_and_long_ones_spend_two_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.5, 0.0, 3.0])
    monkeypatch.setattr(snapshots.time, "perf_counter", lambda: next(clock))
    made = PackSnapshots.__new__(PackSnapshots)
    made._last, made._interval, made.trouble = 0.0, snapshots.LEAST, ""
    made._trial, made.continued_from = type("Trial", (), {"kimg": 1.0})(), None  # type: ignore[assignment]
    made._measuring = type("None", (), {"state": lambda self: ({}, {})})()  # type: ignore[assignment]
    made.place = type("Place", (), {"write": lambda self, *_: None})()  # type: ignore[assignment]
    assert not made.due(59.0)
    assert made.due(60.0)
    for seconds, after in ((60.0, 60.0), (120.0, 150.0)):
        made.keep(lambda seconds=seconds: snapshots.Snapshot({}, {"seconds": seconds}))  # type: ignore[misc]
        assert not made.due(seconds + after - 1)
        assert made.due(seconds + after)


def unfinished(root: Path, **identity: Any) -> Unfinished:
    return Unfinished(root, "pack", ("a", "b"), identity)


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    place = unfinished(tmp_path, way="batched")
    assert place.read() is None
    for value in (1.0, 2.0):
        place.write({"x": torch.tensor([value, torch.nan])}, {"mean": float("nan"), "rows": [1e-300, value]})
    tensors, facts = place.read() or ({}, {})
    assert tensors["x"].tolist()[0] == 2.0
    assert repr(facts) == "{'mean': nan, 'rows': [1e-300, 2.0]}"
    assert len(list(place.folder.iterdir())) == 2, "the one before was not removed"
    assert unfinished(tmp_path, way="streams").read() is None, "of another way"


def test_a_process_killed_while_writing_leaves_the_snapshot_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = unfinished(tmp_path)
    place.write({"x": torch.ones(1)}, {})

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("gan_bench.bench.results.unfinished.write", killed)
        with pytest.raises(KeyboardInterrupt):
            place.write({"x": torch.zeros(1)}, {})
    assert (place.read() or ({},))[0]["x"].tolist() == [1.0]


def test_swept_are_snapshots_of_trained_packs_and_damaged_ones(tmp_path: Path) -> None:
    place = unfinished(tmp_path)
    place.write({"x": torch.ones(1)}, {})
    sweep(tmp_path, lambda key: key == "a")
    assert place.read() is not None

    def damaged(key: str) -> bool:
        raise UsageError("the record of a trial is damaged")

    sweep(tmp_path, damaged)
    assert place.read() is not None, "that trial is to be trained again"
    sweep(tmp_path, lambda key: True)
    assert not place.folder.exists()
    place.write({"x": torch.ones(1)}, {})
    (place.folder / "snapshot.json").write_text("{}")
    with pytest.raises(UsageError, match="damaged"):
        place.read()
    sweep(tmp_path, lambda key: False)
    assert not place.folder.exists()
