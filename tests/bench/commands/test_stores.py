"""`verify`, `merge` and `clean`: what they say, what they change, and their exit status."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gan_bench.bench.commands import app as cli
from gan_bench.bench.common import keys
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.reference_row import ReferenceRow
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.unfinished import ENDS, Unfinished

Bench = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments)])
        status = cli.main()
        out, err = capsys.readouterr()
        return status, out, err

    return run


def evaluation(trial: Trial, samples: int = 100) -> Evaluation:
    protocol = {"metrics": {}, "samples": samples}
    key = keys.evaluation_key(trial.key, protocol)
    return Evaluation(key, protocol, "modes", [], 0.5, f"2026-01-01T00:00:{samples % 60:02d}+00:00")


def filled(root: Path, *trials: Trial, status: str = "finished", loss: float = 0.5) -> Store:
    store = Store(root)
    for trial in trials:
        record = Record(trial, status, history={"iteration": [1], "loss": [loss]})  # type: ignore[arg-type]
        store.add(record, evaluation(trial))
        store.add_plan("tiny", [Pack((trial,))])
    return store


def test_a_whole_store_is_verified(bench: Bench, trials: list[Trial], tmp_path: Path) -> None:
    filled(tmp_path / "a", *trials[:2])
    status, out, err = bench("verify", tmp_path / "a")
    assert (status, err) == (0, "")
    assert "Trials: 2, evaluations: 2, reference rows: 0, plans: 2." in out


def test_damage_is_one_line_each_and_exit_status_1(bench: Bench, trials: list[Trial], tmp_path: Path) -> None:
    store = filled(tmp_path / "a", *trials[:2])
    path = store.folder(trials[0].key) / "record.json"
    path.write_text(path.read_text().replace('"loss"', '"1oss"'))
    before = {p: p.read_bytes() for p in store.root.rglob("*") if p.is_file()}
    status, out, _ = bench("verify", store.root)
    assert status == 1
    assert out.count(str(path)) == 1
    assert "Trials: 1" in out
    assert before == {p: p.read_bytes() for p in store.root.rglob("*") if p.is_file()}


def test_stores_are_merged(bench: Bench, trials: list[Trial], tmp_path: Path) -> None:
    first, second = filled(tmp_path / "a", *trials[:2]), filled(tmp_path / "b", *trials[1:3])
    second.add_evaluation(trials[1].key, evaluation(trials[1], 200))
    status, out, err = bench("merge", first.root, second.root, "-o", tmp_path / "c")
    assert (status, err) == (0, "")
    assert "Trials copied: 3, there before: 1. Evaluations: 1." in out
    merged = Store(tmp_path / "c")
    assert sorted(merged) == sorted(trial.key for trial in trials[:3])
    assert len(merged.evaluations(trials[1].key)) == 2
    assert len(merged.planned()) == 3
    assert merged.look_through(deep=True) == {}
    assert len(first.evaluations(trials[1].key)) == 1, "the sources do not change"
    again = bench("merge", tmp_path / "b", "-o", tmp_path / "c")[1]
    assert "Trials copied: 0, there before: 2. Evaluations: 0." in again


@pytest.mark.parametrize("name", ["references", "plans", "index", "unfinished", "ends"])
def test_a_file_where_a_folder_of_the_store_belongs_is_named(
    bench: Bench, trials: list[Trial], tmp_path: Path, name: str
) -> None:
    filled(tmp_path / "a", trials[0])
    kept_end(tmp_path / "a", "pack", 1.0)
    store = filled(tmp_path / "b", trials[1])
    shutil.rmtree(store.root / name, ignore_errors=True)
    (store.root / name).write_text("")
    why = f"{store.root / name}: a file where a folder belongs"
    status, out, err = bench("verify", store.root)
    assert (status, why in out + err) == (1, True)
    status, out, err = bench("merge", tmp_path / "a", "-o", store.root)
    assert (status, len(err.splitlines()) <= 1) == (2 if name in ("plans", "ends") else 1, True)
    assert store.set_aside() is None
    store.look_through()
    assert store.set_aside() is not None
    assert bench("merge", tmp_path / "a", "-o", store.root)[0] == 0
    assert bench("verify", store.root)[0] == 0


def kept_end(root: Path, pack: str, kimg: float) -> Unfinished:
    """The end of a pack's training, as `Snapshots` keeps it."""
    place = Unfinished(root, pack, ("course",), {"way": "batched"}, ENDS)
    place.write({"x": torch.tensor([kimg])}, {"kimg": kimg}, {"kimg": kimg, "points": [kimg]})
    return place


def test_kept_ends_are_merged_and_the_longest_stays(
    bench: Bench, trials: list[Trial], tmp_path: Path
) -> None:
    for name, trial in zip("ab", trials, strict=False):
        filled(tmp_path / name, trial)
    for name, pack, kimg in (("a", "both", 2.0), ("b", "both", 1.0), ("b", "one", 3.0)):
        kept_end(tmp_path / name, pack, kimg)
    damaged = kept_end(tmp_path / "b", "damaged", 4.0)
    (tensors,) = damaged.folder.glob("*.safetensors")
    tensors.write_bytes(tensors.read_bytes()[:-1])
    for order in ("ab", "ba"):
        status, out, _ = bench("merge", *(tmp_path / name for name in order), "-o", tmp_path / order)
        assert status == 1
        assert f"Left out: {tensors}: damaged" in out
        assert f"{tensors}: damaged" in bench("verify", tmp_path / "b")[1]
        found = {
            pack: Unfinished(tmp_path / order, pack, ("course",), {"way": "batched"}, ENDS).read()
            for pack in ("both", "one", "damaged")
        }
        assert found.pop("damaged") is None
        assert {pack: read and read[0]["x"].tolist() for pack, read in found.items()} == {
            "both": [2.0],
            "one": [3.0],
        }
        assert bench("merge", tmp_path / "a", "-o", tmp_path / order)[0] == 0
        assert len(list((tmp_path / order / "ends").glob("*/*"))) == 4


def reference_row(root: Path) -> ReferenceRow:
    row = ReferenceRow("f" * 20, "noise", "noise", "draws", "hash", None, {}, [], 0.5, "2026")
    Store(root).add_reference(row)
    return row


@pytest.mark.parametrize("about", [{}, {"kimg": "2", "points": []}, {"kimg": 2.0}])
def test_a_kept_end_that_does_not_say_its_length_is_left_out(
    bench: Bench, trials: list[Trial], tmp_path: Path, about: dict
) -> None:
    filled(tmp_path / "a", trials[0])
    place = Unfinished(tmp_path / "a", "pack", ("course",), {"way": "batched"}, ENDS)
    place.write({"x": torch.zeros(1)}, {}, about)
    status, out, err = bench("merge", tmp_path / "a", "-o", tmp_path / "b")
    assert (status, err) == (1, "")
    assert f"Left out: {place.folder / 'snapshot.json'}: damaged (about." in out
    assert bench("merge", tmp_path / "b", "-o", tmp_path / "a")[0] == 0


def test_a_whole_plan_and_a_whole_end_replace_damaged_ones_of_the_destination(
    bench: Bench, trials: list[Trial], tmp_path: Path
) -> None:
    for name in "ab":
        filled(tmp_path / name, trials[0])
        end = kept_end(tmp_path / name, "pack", 1.0)
    (tensors,) = end.folder.glob("*.safetensors")
    tensors.write_bytes(tensors.read_bytes()[:-1])
    (plan,) = (tmp_path / "b" / "plans").glob("*.json")
    plan.write_text("{")
    row = reference_row(tmp_path / "a")
    damaged = tmp_path / "b" / "references" / f"{row.key}.json"
    damaged.parent.mkdir()
    damaged.write_text("[]")
    status, out, _ = bench("merge", tmp_path / "a", "-o", tmp_path / "b")
    assert status == 0
    assert f"Replaced: {plan}: damaged" in out
    assert f"Replaced: {damaged}: damaged" in out
    assert "Left out" not in out
    assert [found.name for found in Store(tmp_path / "b").references()] == [row.name]
    assert next((tmp_path / "b" / "set-aside").rglob(damaged.name)).read_text() == "[]"
    assert plan.read_bytes() == (tmp_path / "a" / "plans" / plan.name).read_bytes()
    read = end.read()
    assert read is not None
    assert read[0]["x"].tolist() == [1.0]
    assert bench("verify", tmp_path / "b")[0] == 0


def test_a_failed_trial_gives_way_and_another_training_does_not(
    bench: Bench, trials: list[Trial], tmp_path: Path
) -> None:
    filled(tmp_path / "a", trials[0], status="failed")
    filled(tmp_path / "a", trials[1], loss=1.0)
    other = filled(tmp_path / "b", *trials[:2])
    out = bench("merge", tmp_path / "b", "-o", tmp_path / "a")[1]
    merged = Store(tmp_path / "a")
    statuses = [record.status for t in trials[:2] if (record := merged.read(t.key)) is not None]
    assert statuses == ["finished", "finished"]
    kept = merged.read(trials[1].key)
    assert kept is not None
    assert kept.history["loss"] == [1.0]
    assert f"{other.folder(trials[1].key)}: another training" in out


def test_damaged_trials_are_not_merged(bench: Bench, trials: list[Trial], tmp_path: Path) -> None:
    store = filled(tmp_path / "a", *trials[:2])
    path = store.folder(trials[0].key) / "record.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "status": "diverged"}))
    status, out, _ = bench("merge", tmp_path / "a", "-o", tmp_path / "c")
    assert status == 1
    assert f"Left out: {path}" in out
    assert list(Store(tmp_path / "c")) == [trials[1].key]


@pytest.mark.parametrize("command", [("verify",), ("clean",), ("merge", "-o", "c")])
def test_what_is_no_folder_of_results_is_refused(
    bench: Bench, command: tuple[str, ...], tmp_path: Path
) -> None:
    name, *rest = command
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "missing", tmp_path / "file"):
        status, _, err = bench(name, path, *(tmp_path / r if r == "c" else r for r in rest))
        assert status == 2
        assert str(path) in err
    assert not (tmp_path / "c").exists()


def test_cleaning_lists_first_and_removes_on_demand(
    bench: Bench, trials: list[Trial], tmp_path: Path
) -> None:
    store = filled(tmp_path / "a", *trials[:2])
    store.archive([trials[0].key])
    folder = next((store.root / "archive").iterdir())
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    status, out, _ = bench("clean", store.root)
    assert status == 0
    assert f"{size / 1e6:9.1f} MB in 2 files: {folder}" in out
    assert folder.exists()
    status, out, _ = bench("clean", store.root, "--yes")
    assert (status, folder.exists(), (store.root / "archive").exists()) == (0, False, False)
    assert list(store) == [trials[1].key]
    assert "nothing was set aside" in bench("clean", store.root)[1]
    shutil.rmtree(store.root)


def test_a_folder_that_is_no_folder_of_results_is_not_found_to_be_fine(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("no results")
    status, out, err = bench("verify", tmp_path / "notes")
    assert (status, out) == (2, "")
    assert "notes: not a folder of results (it has no folder trials)" in err
