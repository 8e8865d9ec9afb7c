"""Runs into one store: what is kept elsewhere is not trained, whatever else a request asks for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import current
from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.planned import PlannedRun
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.rounds import fill, rest
from tests.bench.conftest import TINY, FakeEngine

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")
LABELLED = "cgan"
"""A variant that cannot be trained on `quadratic`, which has no labels."""


@pytest.fixture
def request_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    """All variants, here two, on two datasets, of which one refuses one of them."""
    monkeypatch.setattr(catalogue, "variant_names", lambda: ["nsgan", LABELLED])
    path = tmp_path / "two.toml"
    path.write_text(TINY.replace('["ring"]', '["quadratic", "ring"]').replace('"paper"', '"default"'))
    return Request(
        str(path), "again", variants=("all",), seeds=(0,), out=tmp_path / "out", jobs=1, executor="inline"
    )


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO())


@pytest.fixture
def trials(request_: Request, console: Console) -> list[Trial]:
    found = PlannedRun.of(request_, console).trials
    assert [(trial.variant, trial.dataset) for trial in found] == [
        ("nsgan", "quadratic"),
        ("nsgan", "ring"),
        (LABELLED, "ring"),
    ]
    return found


def test_only_what_is_not_kept_is_trained(
    request_: Request, trials: list[Trial], console: Console, engine: FakeEngine
) -> None:
    keys = [trial.key for trial in trials]
    assert rest([request_], keys, console) == []
    lacking, kept = trials[1].key, {keys[0], keys[2]}
    assert (requests := rest([request_], kept, console)) == [request_]
    assert fill(requests, console, kept=kept) == 0
    assert [*Store(request_.out or Path())] == [lacking]


def test_a_trial_is_current_though_other_data_of_its_suite_refuse_its_variant(
    request_: Request, trials: list[Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = current.load_suite
    monkeypatch.setattr(current, "load_suite", lambda _: load(request_.suite))
    plans = current.Plans([(Record(trial, "finished"), None) for trial in trials])
    assert [plans.have(trial) for trial in trials] == [True] * 3
