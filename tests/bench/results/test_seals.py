"""Files of a store are those that were written there for their trial, or they are left out and named."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.seals import check_seal, sealed
from gan_bench.bench.results import leftovers
from gan_bench.bench.results.damage import problem
from gan_bench.bench.results.merging import merge
from gan_bench.bench.results.store import Store
from tests.bench.conftest import FakeEngine, Start


@pytest.fixture
def results(trained: Path) -> Path:
    return trained


def folders(results: Path) -> list[Path]:
    return sorted((results / "trials").iterdir())


def flip(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(at * (len(content) - 1))] ^= 1
    path.write_bytes(content)


def edit(path: Path, change: Callable[[dict], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
tables = st.dictionaries(
    st.text(), st.recursive(scalars, lambda inner: st.lists(inner, max_size=3)), max_size=4
)


@given(tables)
def test_a_seal_survives_the_file_and_is_not_part_of_itself(content: dict) -> None:
    content = {"schema": 3, **content}
    text = sealed(content)
    again = json.loads(text)
    check_seal(text, again)
    assert again.pop("sha256") == hashlib.sha256(text[: text.rindex(b", ")]).hexdigest()
    assert again == {name: value for name, value in content.items() if name != "sha256"}
    with pytest.raises(ValueError, match="checksum"):
        check_seal(text + b" ", json.loads(text))


def of_content(content: dict) -> str:
    """The checksum of the second layout, of small tables: numbers as JSON writes them, keys sorted."""
    rest = {name: value for name, value in content.items() if name != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(re.sub(r"(?<=[0-9])\.0(?=[,}\]])", "", text).encode()).hexdigest()


@pytest.mark.parametrize("at", [0.0, 0.02, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("name", ["samples.npz", "checkpoint.safetensors"])
def test_one_flipped_bit_of_an_array_is_found(results: Path, name: str, at: float) -> None:
    folder = folders(results)[0]
    flip(folder / name, at)
    assert str(problem(folder, deep=True)).startswith(str(folder / name))
    if name == "checkpoint.safetensors":  # its weights are read only where they are used
        with pytest.raises(UsageError, match="damaged"):
            Store(results).weights(folder.name)


@pytest.mark.parametrize("name", ["samples.npz", "checkpoint.safetensors"])
def test_the_file_of_another_trial_is_found(results: Path, name: str) -> None:
    first, second, *_ = folders(results)
    shutil.copy(second / name, first / name)
    assert problem(second, deep=True) is None
    assert str(problem(first, deep=True)).startswith(str(first / name))


def test_a_file_that_the_record_does_not_name_is_foreign(results: Path) -> None:
    folder = folders(results)[0]
    content = json.loads((folder / "record.json").read_text())
    del content["files"]["samples.npz"]
    (folder / "record.json").write_bytes(sealed(content))
    assert f"{folder / 'samples.npz'}: the record of the trial does not name this file" == problem(folder)


CHANGES: dict[str, Callable[[dict], None]] = {
    "the seed": lambda record: record["spec"].update(seed=record["spec"]["seed"] + 1),
    "the status": lambda record: record.update(status="diverged"),
    "the seconds": lambda record: record["outcome"].update(seconds=1e-9),
    "a loss": lambda record: record["history"].update({"loss": [0.0] * len(record["history"]["iteration"])}),
    "the pack": lambda record: record["provenance"].update(pack={"size": 99}),
    "a checksum": lambda record: record["files"]["samples.npz"].update(sha256="0" * 64),
    "its seal": lambda record: record.pop("sha256"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_an_edited_record_is_found(results: Path, what: str) -> None:
    folder = folders(results)[0]
    edit(folder / "record.json", CHANGES[what])
    assert str(problem(folder)).startswith(str(folder / "record.json"))


def test_an_edited_score_plan_and_reference_row_are_found(results: Path) -> None:
    folder = folders(results)[0]
    (evaluation,) = (folder / "evaluations").iterdir()
    edit(evaluation, lambda content: content["rows"][0].update(value=0.0))
    (plan,) = (results / "plans").iterdir()
    edit(plan, lambda content: content.update(command="python -m bench run --suite other"))
    store = Store(results)
    assert {folder, plan} <= store.look_through().keys()
    assert folder.name not in list(store)
    assert store.commands() == []


@pytest.mark.parametrize("what", ["trial", "file", "evaluations"])
def test_links_are_left_out(results: Path, what: str, tmp_path: Path) -> None:
    folder = folders(results)[0]
    link = {"trial": folder, "file": folder / "samples.npz", "evaluations": folder / "evaluations"}[what]
    shutil.move(link, tmp_path / "elsewhere")
    link.symlink_to(tmp_path / "elsewhere")
    assert problem(folder) == f"{link}: a symbolic link, which a folder of results must not hold"


@pytest.mark.parametrize("name", ["pipe", "record.json", "evaluations/a.json"])
def test_a_pipe_is_not_waited_for(results: Path, name: str) -> None:
    folder = folders(results)[0]
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert Store(results).look_through()[folder] == f"{folder / name}: neither a file nor a folder"


@pytest.mark.parametrize("name", ["evaluations", "record.json"])
def test_a_file_where_a_folder_belongs_and_the_other_way_are_done_again(
    results: Path, session: Start, name: str
) -> None:
    folder = folders(results)[0]
    path = folder / name
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("")
    else:
        path.unlink()
        path.mkdir()
    status, shown = session()
    assert status == 0
    assert str(path) in shown
    assert problem(folder, deep=True) is None


def test_a_store_of_the_first_layout_is_read(results: Path, session: Start) -> None:
    """It has neither checksums nor a list of files."""
    for path in results.rglob("*.json"):
        content = json.loads(path.read_text())
        for name in ("sha256", "files"):
            content.pop(name, None)
        path.write_text(json.dumps({**content, "schema": 1}))
    assert Store(results).look_through(deep=True) == {}
    assert "Nothing left to do" in session()[1]


def test_a_store_of_the_second_layout_is_read_and_checked(results: Path, session: Start) -> None:
    """Its checksums are of the content, not of the text."""
    for path in results.rglob("*.json"):
        content = {**json.loads(path.read_text()), "schema": 2}
        path.write_text(json.dumps({**content, "sha256": of_content(content)}, indent=1))
    assert Store(results).look_through(deep=True) == {}
    assert "Nothing left to do" in session()[1]
    folder = folders(results)[0]
    edit(folder / "record.json", CHANGES["the seed"])
    assert "the checksum does not fit" in str(problem(folder))


@pytest.mark.parametrize("what", ["trials/*/record.json", "trials/*/evaluations/*.json", "plans/*.json"])
def test_results_of_a_newer_version_stay_where_they_are(
    results: Path, session: Start, engine: FakeEngine, what: str
) -> None:
    """A colleague who shares the folder has a newer version of the program, which keeps them."""
    path = next(results.glob(what))
    path.write_bytes(sealed({**json.loads(path.read_text()), "schema": 4}))
    before = {each: each.read_bytes() for each in results.rglob("*") if each.is_file()}
    engine.jobs.clear()
    for options in ({}, {"fresh": True}, {"dry_run": True}):
        with pytest.raises(UsageError, match=f"{path}: written in layout 4, and this version reads 1 to 3"):
            session(**options)
    with pytest.raises(UsageError, match="layout 4"):
        merge([results], results)
    assert engine.jobs == []
    assert {each: each.read_bytes() for each in results.rglob("*") if each.is_file()} == before


def test_a_file_with_a_checksum_is_not_of_the_first_layout(results: Path) -> None:
    folder = folders(results)[0]
    edit(folder / "record.json", lambda record: record.update(schema=1))
    assert "the checksum does not fit" in str(problem(folder))


def test_a_flipped_checkpoint_that_must_be_measured_again_is_trained_again(
    results: Path, session: Start
) -> None:
    folder = folders(results)[0]
    (evaluation,) = (folder / "evaluations").iterdir()
    evaluation.unlink()
    flip(folder / "checkpoint.safetensors", 1.0)
    status, shown = session()
    assert status == 0
    assert "set aside in" in shown
    assert problem(folder, deep=True) is None


def test_a_run_whose_results_are_removed_says_so(
    session: Start, engine: FakeEngine, no_report: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, calls = Store.add, []

    def then_remove(self: Store, *arguments: object) -> bool:
        done = add(self, *arguments)  # type: ignore[arg-type]
        calls.append(self)
        if len(calls) == 1:
            shutil.rmtree(self.trials)
        return done

    monkeypatch.setattr(Store, "add", then_remove)
    status, shown = session()
    assert len(calls) > 1
    assert status == 1
    assert "no record is left of it" in shown
    monkeypatch.undo()


def test_a_folder_of_a_process_whose_id_returned_does_not_block(tmp_path: Path) -> None:
    trials = tmp_path / "trials"
    with leftovers.aside(trials, "0" * 20) as first, leftovers.aside(trials, "0" * 20) as second:
        assert first != second
        os.utime(first, (0, 0))
        leftovers.sweep(trials)
        assert (first.exists(), second.exists()) == (False, True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_change_of_a_byte_of_any_file_is_found(results: Path, data: st.DataObject) -> None:
    folder = folders(results)[0]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != before[at]))
    path.write_bytes(before[:at] + bytes([byte]) + before[at + 1 :])
    try:
        why = problem(folder, deep=True)
        assert why is not None
    finally:
        path.write_bytes(before)


def test_arrays_are_stored_as_they_were(results: Path) -> None:
    """The checksum is of the file that is read, not of something written before it."""
    for folder in folders(results):
        record = Store(results).read(folder.name)
        assert record is not None
        assert record.files is not None
        assert {path.name for path in folder.iterdir() if path.suffix in (".npz", ".safetensors")} == set(
            record.files
        )
        with np.load(folder / "samples.npz", allow_pickle=False) as arrays:
            assert arrays.files
