"""The index of a store saves time and changes nothing: with and without it all is the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.provenance import code
from gan_bench.bench.results import frames, index
from gan_bench.bench.results.frames import Frames
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.whole import texts
from tests.bench.conftest import FakeEngine, Start

SAMPLES, CHECKPOINT = "samples.npz", "checkpoint.safetensors"


@pytest.fixture
def results(
    engine: FakeEngine, no_report: list[Any], session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A store of finished, diverged and failed trials, with its index."""
    monkeypatch.setattr(index, "WORTH", 1)
    engine.diverge.add(1)
    session()
    engine.fail[5] = RuntimeError("a bug")
    session(seeds=(5,))
    root = tmp_path / "out"
    loaded(root).index.save()
    (file,) = (root / "index").iterdir()
    assert file.stat().st_size > 0
    return root


def loaded(root: Path) -> Store:
    store = Store(root)
    store.look_through()
    frames.load(store)
    return store


def known(store: Store) -> int:
    """The number of trials that come from the index."""
    digests = {key: texts(store.folder(key)).digest for key in store}
    return sum(store.index.get(key, digest) is not None for key, digest in digests.items())


def without(root: Path) -> Path:
    """A copy of a store without its index, in the same place of another folder."""
    copy = root.parent / "without" / root.name
    shutil.rmtree(copy.parent, ignore_errors=True)
    shutil.copytree(root, copy, symlinks=True, ignore=shutil.ignore_patterns("index"))
    return copy


def same(one: Frames, other: Frames) -> None:
    for field in fields(Frames):
        mine, theirs = (
            getattr(each, field.name).drop(columns="samples", errors="ignore") for each in (one, other)
        )
        pd.testing.assert_frame_equal(mine, theirs)


def read(root: Path, **options: Any) -> tuple[list[str], Frames]:
    store = Store(root)
    problems = [str(path.relative_to(root)) for path in store.look_through()]
    return problems, frames.load(store, **options)


def assert_same(root: Path, **options: Any) -> list[str]:
    """Compare a store with and without its index; return what is wrong with it."""
    problems, found = read(root, **options)
    assert (problems, found.trials.empty) == (read(without(root), **options)[0], False)
    same(found, read(without(root), **options)[1])
    return problems


def test_reports_read_the_same_from_it(results: Path) -> None:
    assert assert_same(results) == []
    store = Store(results)
    assert known(store) == len(list(store))
    statuses = set(read(results)[1].trials["status"])
    assert statuses == {"finished", "diverged", "failed"}


def test_labels_are_those_of_the_plan_that_asks(results: Path) -> None:
    store = Store(results)
    records = [store.read(key) for key in reversed(list(store))]
    trials = [replace(r.trial, suite="other", profile="new") for r in records[1:] if r]  # in another order
    assert_same(results, trials=trials)
    _, found = read(results, trials=trials)
    assert set(found.scores["suite"]) == {"other"}
    assert list(found.trials["trial"]) == [trial.key for trial in trials]


def test_another_protocol_hides_the_scores_that_it_does_not_have(results: Path) -> None:
    wanted = dict.fromkeys(Store(results), "0" * 20)
    assert_same(results, evaluations_of=wanted)
    assert read(results, evaluations_of=wanted)[1].scores.empty


def finished(root: Path) -> list[Path]:
    return [path.parent for path in sorted(root.glob(f"trials/*/{CHECKPOINT}"))]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    times = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as a disk's own fault leaves it


def evaluation(folder: Path) -> Path:
    (path,) = (folder / "evaluations").iterdir()
    return path


def swap(one: Path, other: Path) -> None:
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)


def link(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(path.with_name("moved"))


DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "a bit of a record": lambda one, _: flip(one / "record.json"),
    "a bit of an evaluation": lambda one, _: flip(evaluation(one)),
    "a bit of samples": lambda one, _: flip(one / SAMPLES),
    "the length of a checkpoint": lambda one, _: (one / CHECKPOINT).write_bytes(b"0"),
    "records swapped": lambda one, other: swap(one / "record.json", other / "record.json"),
    "samples swapped": lambda one, other: swap(one / SAMPLES, other / SAMPLES),
    "another's evaluation": lambda one, other: shutil.copy(evaluation(other), one / "evaluations"),
    "a record removed": lambda one, _: (one / "record.json").unlink(),
    "a link": lambda one, _: link(one / SAMPLES),
    "a link to a folder": lambda one, _: link(one),
}


@pytest.mark.slow
@pytest.mark.sample
def test_no_damage_is_hidden(results: Path, tmp_path: Path) -> None:
    records = map(Store(results).read, Store(results))
    trials = [record.trial for record in records if record is not None]
    for what, damage in DAMAGE.items():
        root = tmp_path / what / "out"
        shutil.copytree(results, root)
        one, other, *_ = finished(root)
        damage(one, other)
        problems = assert_same(root)
        assert any(problem.startswith(f"trials/{one.name}") for problem in problems), what
        assert assert_same(root, trials=trials) == problems, what  # as `run` asks, by its plan


def test_an_evaluation_that_was_removed_or_added_counts(results: Path) -> None:
    one, other, *_ = finished(results)
    evaluation(one).unlink()
    assert assert_same(results) == []
    store = Store(results)
    (found,) = store.evaluations(other.name)
    protocol = {**found.protocol, "another": 1}
    store.add_evaluation(
        other.name, replace(found, protocol=protocol, key=keys.evaluation_key(other.name, protocol))
    )
    assert assert_same(results) == []


def test_a_damaged_or_foreign_index_is_none(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = (results / "index").iterdir()
    content = file.read_bytes()

    def same_and_known() -> int:
        assert_same(results)
        return known(Store(results))

    assert same_and_known() == len(list(Store(results)))
    for place in range(0, len(content), max(1, len(content) // 3)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert same_and_known() == 0
    file.write_bytes(content[: len(content) // 2])
    assert same_and_known() == 0
    file.write_bytes(content)
    monkeypatch.setattr(index, "code", lambda: "other code")
    assert same_and_known() == 0
    loaded(results).index.save()
    assert len(list((results / "index").iterdir())) == 1
    assert same_and_known() == len(list(Store(results)))
    assert code() != "other code"


def test_few_trials_are_not_worth_a_file(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(results / "index")
    monkeypatch.setattr(index, "WORTH", 500)
    loaded(results).index.save()
    assert not (results / "index").exists()


def test_what_was_not_checked_is_not_kept(results: Path) -> None:
    shutil.rmtree(results / "index")
    store = Store(results)
    assert len(frames.load(store).trials) == len(list(store))  # without looking through
    store.index.save()
    assert not (results / "index").exists()
    one, other, *_ = finished(results)
    shutil.copy(one / "record.json", other / "record.json")  # whole, and of another trial
    with pytest.raises(UsageError, match="the record of another trial"):
        frames.load(Store(results))
