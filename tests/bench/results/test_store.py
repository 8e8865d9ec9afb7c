from __future__ import annotations

import json
import math
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import leftovers
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.reference_row import ReferenceRow
from gan_bench.bench.results.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "results")


def evaluation(key: str = "e1", created: str = "2026-01-01T00:00:00+00:00") -> Evaluation:
    row = {"metric": "modes", "value": math.nan, "reason": "none"}
    return Evaluation(key, {"metrics": {}}, "modes", [row], 0.5, created)


def test_a_record_comes_back_as_it_was(store: Store, trial: Trial) -> None:
    record = Record(
        trial,
        "finished",
        outcome={"seconds": 1.5, "parameters": {"critic": 3}},
        history={"iteration": [1, 2], "loss": [0.5, math.nan]},
        provenance={"pack": {"size": 1}},
    )
    weights = {"generator/0.weight": torch.randn(3, 2)}
    assert store.add(record, evaluation(), {"final": np.arange(6.0).reshape(3, 2)}, weights)
    assert list(store) == [trial.key]
    again = store.read(trial.key)
    assert again is not None
    assert set(again.files or {}) == {"samples.npz", "checkpoint.safetensors"}
    history = {"iteration": [1, 2], "loss": [0.5, None]}
    assert again == replace(record, history=history, files=again.files)
    assert [e.key for e in store.evaluations(trial.key)] == ["e1"]
    assert store.evaluations(trial.key)[0].rows[0]["value"] is None
    loaded = store.weights(trial.key)
    assert loaded is not None
    assert torch.equal(loaded["generator/0.weight"], weights["generator/0.weight"])
    with np.load(store.folder(trial.key) / "samples.npz", allow_pickle=False) as samples:
        assert samples["final"].shape == (3, 2)


def test_json_is_strict(store: Store, trial: Trial) -> None:
    store.add(Record(trial, "finished", outcome={"x": math.inf}))
    text = (store.folder(trial.key) / "record.json").read_text()
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name))["outcome"] == {"x": None}


def test_what_is_there_stays(store: Store, trial: Trial) -> None:
    assert store.add(Record(trial, "finished", outcome={"seconds": 1}))
    assert not store.add(Record(trial, "finished", outcome={"seconds": 2}))
    record = store.read(trial.key)
    assert record is not None
    assert record.outcome == {"seconds": 1}
    assert [p.name for p in store.trials.iterdir()] == [trial.key]


def test_a_failed_record_gives_way_and_is_archived(store: Store, trial: Trial) -> None:
    store.add(Record(trial, "failed", "no"))
    assert store.add(Record(trial, "diverged"))
    record = store.read(trial.key)
    assert record is not None
    assert record.status == "diverged"
    assert len(list((store.root / "archive").glob(f"*/trials/{trial.key}/record.json"))) == 1


@pytest.mark.parametrize("stage", ["fsync", "rename"])
def test_a_failure_while_writing_leaves_nothing(
    store: Store, trial: Trial, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, stage, full)
        with pytest.raises(OSError, match="No space left"):
            store.add(Record(trial, "finished"))
    assert list(store) == []
    assert list(store.trials.iterdir()) == []


def test_the_record_is_synced_before_it_gets_its_name(
    store: Store, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), fsync(fd))[1])
    monkeypatch.setattr(os, "rename", lambda a, b: (calls.append("rename"), rename(a, b))[1])
    store.add(Record(trial, "finished"), evaluation(), {"final": np.zeros(2)}, {"w": torch.zeros(1)})
    assert calls.count("rename") == 1
    assert calls[: calls.index("rename")].count("fsync") >= 5


def test_leftovers_of_dead_processes_are_swept(store: Store, trial: Trial) -> None:
    store.add(Record(trial, "finished"))
    with leftovers.aside(store.trials, "0" * 20) as mine:
        dead = Path(str(mine).replace(f"-{os.getpid()}-", "-999999999-"))
        dead.mkdir()
        (dead / "record.json").write_text("{")
        store.sweep()
        assert mine.exists()
        assert not dead.exists()
    assert list(store) == [trial.key]


def test_unfinished_folders_are_no_records(store: Store) -> None:
    with leftovers.aside(store.trials, "0" * 20) as folder:
        (folder / "record.json").write_text("{}")
        assert list(store) == []


def test_damage_is_named(store: Store, trial: Trial) -> None:
    store.add(Record(trial, "finished"))
    path = store.folder(trial.key) / "record.json"
    for text in ('{"schema": 1', "[]", '{"schema": 1}', '{"schema": 99}'):
        path.write_text(text)
        with pytest.raises(UsageError, match=r"record\.json"):
            store.read(trial.key)


def test_plans_keep_packs(store: Store, trials: list[Trial]) -> None:
    packs = [Pack(tuple(trials[:2]), way="compiled"), Pack((trials[2],))]
    store.add_plan("tiny", packs[:1], title="Tiny")
    store.add_plan("tiny", packs[1:])
    store.add_plan("tiny", [])
    assert store.planned() == packs
    assert len(list((store.root / "plans").iterdir())) == 2


def test_the_newest_plan_of_a_suite_says_what_was_published(store: Store, trials: list[Trial]) -> None:
    packs = [Pack((trial,)) for trial in trials[:3]]
    store.add_plan("tiny", packs[:1], published=[{"value": 1.0}])
    store.add_plan("other", packs[1:2])
    assert store.paper_numbers() == [{"value": 1.0}]
    time.sleep(1.1)  # plans are dated to the second
    store.add_plan("tiny", packs[2:], published=[{"value": 2.0}])
    assert store.paper_numbers() == [{"value": 2.0}]


def test_stores_merge_by_copying(store: Store, trials: list[Trial], tmp_path: Path) -> None:
    other = Store(tmp_path / "other")
    for each, trial in ((store, trials[0]), (other, trials[1])):
        each.add(Record(trial, "finished"))
        each.add_plan("tiny", [Pack((trial,))])
    shutil.copytree(other.root, store.root, dirs_exist_ok=True)
    assert sorted(store) == sorted(t.key for t in trials[:2])
    assert {pack.trials[0].seed for pack in store.planned()} == {0, 1}


def test_archive_moves_records_and_plans(store: Store, trials: list[Trial]) -> None:
    for trial in trials[:2]:
        store.add(Record(trial, "finished"))
        store.add_plan(f"suite{trial.seed}", [Pack((trial,))])
    folder = store.archive([trials[0].key], plans_of={"suite0"})
    assert folder is not None
    assert list(store) == [trials[1].key]
    assert [pack.trials for pack in store.planned()] == [(trials[1],)]
    assert list(Store(folder)) == [trials[0].key]
    assert store.archive([trials[0].key]) is None


def test_an_evaluation_is_added_beside_the_first(store: Store, trial: Trial) -> None:
    store.add(Record(trial, "finished"), evaluation("new", "2026-02-01"))
    store.add_evaluation(trial.key, evaluation("old", "2026-01-01"))
    assert [e.key for e in store.evaluations(trial.key)] == ["old", "new"]
    assert store.has_evaluation(trial.key, "old")
    assert not store.has_evaluation(trial.key, "other")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write results to"):
        Store(tmp_path / "file" / "results").check_writable()
    with pytest.raises(UsageError, match="cannot write results to"):
        Store(Path("/proc/nothing")).check_writable()


def test_reading_makes_no_folder(store: Store) -> None:
    assert list(store) == []
    assert store.planned() == []
    assert store.read("x") is None
    assert not store.root.exists()


def test_the_commands_and_titles_of_plans_are_kept_each_once(store: Store, trials: list[Trial]) -> None:
    assert store.titles() == []
    for trial, name in zip(trials, ["one", "two", "one"], strict=True):
        store.add_plan("tiny", [Pack((trial,))], command=f"run {name}", title=f"Suite {name}")
    assert store.commands() == ["run one", "run two"]
    assert store.titles() == ["Suite one", "Suite two"]


@pytest.mark.parametrize("link", [False, True])
def test_a_row_written_in_place_of_a_damaged_one_is_read(store: Store, tmp_path: Path, link: bool) -> None:
    row = ReferenceRow("f" * 20, "noise", "noise", "draws", "hash", None, {}, [], 0.5, "2026")
    store.add_reference(row)
    path, elsewhere = store.root / "references" / f"{row.key}.json", tmp_path / "elsewhere"
    path.unlink()
    if link:
        path.symlink_to(elsewhere)
    else:
        path.write_text("{")
    assert [*store.look_through()] == [path]
    assert not store.has_reference(row.key)
    store.add_reference(row)
    assert store.references() == [row]
    assert store.has_reference(row.key)
    assert store.look_through() == {}
    assert not elsewhere.exists()
    (why,) = (store.root / "set-aside").rglob("why.txt")
    assert path.name in why.read_text()


def test_what_a_container_of_the_same_host_is_writing_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have the name of its host, and the number of its process need not be known here."""
    read = os.readlink
    monkeypatch.setattr(os, "getpid", lambda: 2**22 + 1)  # above the numbers that the kernel gives out
    with monkeypatch.context() as there:
        there.setattr(
            os, "readlink", lambda path, **more: "pid:[1]" if "/ns/pid" in str(path) else read(path)
        )
        with leftovers.aside(store.trials, "0" * 20) as theirs:
            there.undo()
            with leftovers.aside(store.trials, "1" * 20) as mine:
                leftovers.sweep(store.trials)
                assert (theirs.exists(), mine.exists()) == (True, False)
