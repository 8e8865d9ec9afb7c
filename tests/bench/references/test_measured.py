"""Reference rows in a store: measured once, shown beside boards, in no statistic."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare import frame_of
from gan_bench.bench.planning.evaluators import new_evaluator, protocol_of
from gan_bench.bench.references import Ask, info, names, register
from gan_bench.bench.references.planning import Wanted
from gan_bench.bench.references.registry import REFERENCES
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.bench.conftest import TINY
from tests.bench.conftest import Start as Session
from tests.bench.references.planned import planned

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


@pytest.fixture
def done(session: Session, engine: Any, tmp_path: Path) -> Store:
    assert session()[0] == 0
    return Store(tmp_path / "out")


def test_a_run_measures_them_once(done: Store, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(row.name for row in done.references()) == ["noise", "real", "untrained"]
    monkeypatch.setattr(Wanted, "measure", None)  # not called again
    assert session()[0] == 0


def test_they_are_measured_as_trials_are(done: Store) -> None:
    (evaluation, *_) = done.evaluations(next(iter(done)))
    final = {(row["metric"], row["split"]) for row in evaluation.rows if row["when"] == "final"}
    for row in done.references():
        assert row.protocol == evaluation.protocol
        assert {(one["metric"], one["split"]) for one in row.rows} == final
        assert {one["samples"] for one in row.rows} == {100}
        draws = {one["draw"] for one in row.rows}
        assert draws == set(range(info(row.name).draws))
        assert bool(row.network) == (row.name == "untrained")


def test_a_score_begins_to_mean_something_between_them(done: Store) -> None:
    found = frames.load(done).references
    found = found[(found["split"] == "test") & (found["metric"] == "high_quality")]
    means = found.groupby("reference")["value"].mean()
    assert means["real"] > 0.95
    assert means["noise"] < 0.1
    assert means["untrained"] < 0.1


def test_they_stand_beside_the_boards_and_in_no_statistic(done: Store, tmp_path: Path) -> None:
    with_rows, judged = frames.load(done), frame_of(done)
    board = ["suite", "dataset", "stand_in_for", "architecture", "kimg"]
    assert len(with_rows.references[board].drop_duplicates()) == 1
    for path in (tmp_path / "out" / "references").iterdir():
        path.unlink()
    (tmp_path / "out" / "references").rmdir()  # as a store of an earlier version
    without = frames.load(done)
    assert without.references.empty
    for name in ("trials", "scores", "history"):
        pd.testing.assert_frame_equal(getattr(with_rows, name), getattr(without, name))
    pd.testing.assert_frame_equal(judged, frame_of(done))


def test_rows_of_another_protocol_are_not_shown(done: Store, session: Session, suite_file: Path) -> None:
    suite_file.write_text(TINY.replace("samples = 100", "samples = 120"))
    assert session()[0] == 0
    assert len(done.references()) == 6
    shown = frames.load(done).references
    assert set(shown["samples"]) == {120}


def test_of_two_measured_the_newest_is_shown_and_a_run_shows_its_own(done: Store) -> None:
    old = next(row for row in done.references() if row.name == "noise")
    rows = [{**row, "value": 7.0} for row in old.rows]
    done.add_reference(dataclasses.replace(old, key="f" * 20, rows=rows, created="9999"))
    shown = frames.load(done).references
    assert (shown.loc[shown["reference"] == "noise", "value"] == 7).all()
    mine = frames.load(done, None, None, [old.key]).references
    assert set(mine["reference"]) == {"noise"}
    assert not (mine["value"] == 7).any()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"schema": 1, "key": "another"}'])
def test_a_damaged_file_is_named_set_aside_and_measured_again(
    content: str, done: Store, session: Session, tmp_path: Path
) -> None:
    path = next((tmp_path / "out" / "references").iterdir())
    path.write_text(content)
    with pytest.raises(UsageError, match=path.name):
        done.references()
    done.look_through()
    assert len(done.references()) == 2  # a report is made of the others
    assert session()[0] == 0
    assert len(Store(tmp_path / "out").references()) == 3
    assert next((tmp_path / "out" / "set-aside").rglob(path.name)).read_text() == content


def test_the_key_holds_what_the_rows_depend_on(tmp_path: Path) -> None:
    _, (trial, *_) = planned(TINY, tmp_path)
    protocol = protocol_of(new_evaluator(datasets.load("ring"), 100, 100, (), (), None, "cpu"))
    wide = dataclasses.replace(trial, network={**trial.network, "hidden": [16]})
    fitting = [name for name in names() if {*info(name).per} <= {*trial.hyperparameters}]
    assert {"pca", "prior", "untrained"} <= {*fitting}
    for name in fitting:
        row = Wanted(info(name), trial)
        key = row.key(protocol)
        assert key == Wanted(info(name), dataclasses.replace(trial, seed=9)).key(protocol)
        assert key != row.key({**protocol, "sampling": "another"})
        assert key != Wanted(info(name), dataclasses.replace(trial, content_hash="another")).key(protocol)
        newer = dataclasses.replace(info(name), version=99)
        assert key != Wanted(newer, trial).key(protocol)
        assert (key != Wanted(info(name), wide).key(protocol)) == info(name).of_networks


def test_a_plug_ins_function_is_a_row(session: Session, engine: Any, tmp_path: Path) -> None:
    with REFERENCES.restored():

        @register("origin", title="the origin", meaning="every sample at 0", kinds=("planar",))
        def origin(ask: Ask) -> torch.Tensor:
            return torch.zeros(ask.count, *ask.dataset.shape)

        assert session()[0] == 0
        with pytest.raises(UsageError, match="is registered already, by"):
            register("origin", title="another", meaning="another")(origin)
    found = frames.load(Store(tmp_path / "out")).references
    values = found[(found["reference"] == "origin") & (found["split"] == "test")]
    assert values.set_index("metric")["value"]["modes"] == 0
    assert values.set_index("metric")["value"]["off_mode"] == 1
