"""Of a file of results, those trials are kept that today's version would train the same."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_bench.bench.results import current, shipped
from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store
from tests.bench.conftest import FakeEngine, Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators", "engine")


@pytest.fixture
def trials(
    remembered: Callable[..., Path], suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[current.Measured, ...]:
    """Trials of a file, of a suite of the package."""
    shutil.copytree(remembered(), tmp_path / "others")
    load = current.load_suite
    monkeypatch.setattr(current, "shipped", lambda: {"tiny": suite_file})
    monkeypatch.setattr(current, "load_suite", lambda _: load(str(suite_file)))
    return shipped.export(Store(tmp_path / "others"), tmp_path / "theirs.parquet").trials


def with_trial(record: Record, **fields: object) -> Record:
    return dataclasses.replace(record, trial=dataclasses.replace(record.trial, **fields))


def test_what_would_be_trained_the_same_is_kept_in_its_order(trials: tuple[current.Measured, ...]) -> None:
    assert len(trials) == 6
    assert current.current(trials) == trials


@pytest.mark.parametrize(
    "fields",
    [
        {"hyperparameters": {"lr": 0.5}},
        {"versions": {"variant": 99, "engine": 1}},
        {"suite": "another"},
        {"budget": "no-such-budget"},
        {"variant": "no-such-variant"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_is_stale_or_cannot_be_planned_is_left_out(
    trials: tuple[current.Measured, ...], fields: dict[str, object]
) -> None:
    (record, evaluation), *others = trials
    assert current.current([(with_trial(record, **fields), evaluation), *others]) == tuple(others)


def test_an_extended_file_holds_the_trials_of_both_and_the_newer_of_each(
    trials: tuple[current.Measured, ...], engine: FakeEngine, session: Start, tmp_path: Path
) -> None:
    engine.diverge = {2}
    session(out=tmp_path / "newer", variants=("nsgan",), seeds=(2, 3))
    store, path = Store(tmp_path / "newer"), tmp_path / "both.parquet"
    shipped.export(store, path, trials)
    found = {record.trial.key: record for record, _ in shipped.read(str(path)).trials}
    assert found.keys() == {*store, *(record.trial.key for record, _ in trials)}
    assert len(found) == 6 + 1  # seed 2 is in both
    ended = {(found[key].trial.variant, found[key].trial.seed): found[key].status for key in found}
    assert {cell for cell, status in ended.items() if status == "diverged"} == {("nsgan", 2)}
