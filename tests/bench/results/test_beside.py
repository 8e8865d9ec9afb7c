"""A file of results holds its trials, and none stands on a board where it would be unfair or stale."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare import compare_paths
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.results import beside, current, frames, shipped
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.shipped import Shipped
from gan_bench.bench.results.store import Store
from gan_bench.reports.summary import leaderboard
from gan_bench.reports.tables import boards
from tests.bench.conftest import FakeEngine, Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")
Change = Callable[[Record, Evaluation], tuple[Record, Evaluation]]


@pytest.fixture
def file(
    remembered: Callable[..., Path], engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    suite_file: Path,
) -> Path:  # fmt: skip
    """A file of the suite's two variants, three seeds each; the suite is one of the package."""
    shutil.copytree(remembered(diverge=(2,)), tmp_path / "others")
    path = tmp_path / "theirs.parquet"
    shipped.export(Store(tmp_path / "others"), path)
    monkeypatch.setattr(beside, "suites", lambda: {"tiny": suite_file})
    monkeypatch.setattr(current, "load_suite", lambda _: load_suite(str(suite_file)))
    return path


@pytest.fixture
def own(session: Start, file: Path, tmp_path: Path) -> Store:
    """A store with one of the two variants."""
    session(variants=("nsgan",), seeds=(0, 1))
    return Store(tmp_path / "out")


def put(own: Store, found: Shipped) -> tuple[frames.Frames, list[str]]:
    said: list[str] = []
    return frames.load(own, beside=[found], notice=said.append), said


def changed(found: Shipped, change: Change) -> Shipped:
    trials = tuple(
        change(record, evaluation) for record, evaluation in found.trials if evaluation is not None
    )
    return dataclasses.replace(found, trials=trials)


def of_trial(**fields: Any) -> Change:
    def change(record: Record, evaluation: Evaluation) -> tuple[Record, Evaluation]:
        return dataclasses.replace(record, trial=dataclasses.replace(record.trial, **fields)), evaluation

    return change


def test_a_file_holds_what_the_store_holds_of_the_end(file: Path, tmp_path: Path) -> None:
    found, store = shipped.read(str(file)), Store(tmp_path / "others")
    assert {record.trial.key for record, _ in found.trials} == set(store)
    for record, evaluation in found.trials:
        stored, measured = store.read(record.trial.key), store.evaluations(record.trial.key)
        assert stored is not None
        assert (record.trial, record.status, record.outcome) == (stored.trial, stored.status, stored.outcome)
        ends = [
            r for r in (measured[0].rows if measured else []) if r["when"] != "curve" and r["split"] == "test"
        ]
        restored = [dict(row) for row in (evaluation.rows if evaluation else [])]
        assert json.dumps(restored, sort_keys=True) == json.dumps(ends, sort_keys=True)  # 1.0 is not 1
    plain = pd.read_parquet(file)  # a reader needs no more than pandas
    final = plain[
        (plain["metric"] == "high_quality") & (plain["when"] == "final") & (plain["weights"] == "raw")
    ]
    assert len(final) == 4
    assert {*plain.loc[plain["metric"].isna(), "status"]} <= {"diverged"}
    assert found.facts["hours"] == pytest.approx(sum(2.0 for _ in range(2)) / 3600, abs=0.01)


def test_whole_numbers_of_a_file_that_pandas_wrote_come_back_as_such(file: Path, tmp_path: Path) -> None:
    table = pq.read_table(file)
    written = pa.Table.from_pandas(table.to_pandas(), preserve_index=False)  # with missing cells, as floats
    assert written.schema.field("version").type == pa.float64()
    facts = {**json.loads(table.schema.metadata[shipped.FACTS]), "digest": shipped.digest(written)}
    pq.write_table(
        written.replace_schema_metadata({shipped.FACTS: json.dumps(facts)}), tmp_path / "x.parquet"
    )
    for path in (file, tmp_path / "x.parquet"):
        rows = [row for _, found in shipped.read(str(path)).trials if found for row in found.rows]
        assert {type(row["version"]) for row in rows} == {int}


def test_other_variants_stand_on_the_same_board_and_are_marked(own: Store, file: Path) -> None:
    found, said = put(own, shipped.read(str(file)))
    assert said == []
    assert found.trials.dropna(subset="origin").groupby("variant")["origin"].first().to_dict() == {
        "lsgan": "theirs"
    }
    assert len(found.trials) == 2 + 3
    rows = leaderboard(found.trials, found.scores, found.metrics)
    assert {*rows["label"]} == {"nsgan", "lsgan (theirs)"}
    assert rows.set_index("variant").at["lsgan", "diverged"] == 1
    (table,) = boards(rows)
    assert any(note.startswith("(theirs): trials from a file of results") for note in table.notes)
    alone = frames.load(own)
    assert alone.trials["origin"].isna().all()


STALE: dict[str, tuple[Change, str]] = {
    "data": (of_trial(content_hash="other"), "other data"),
    "networks": (of_trial(network={"family": "mlp", "hidden": [9]}), "other networks"),
    "budget": (of_trial(kimg=0.64), "other budget"),
    "dtype": (of_trial(dtype="float64"), "other dtype"),
    "settings": (of_trial(hyperparameters={"lr": 0.5}), beside.STALE),
    "variant": (of_trial(versions={"variant": 99, "engine": catalogue.engine_version()}), beside.STALE),
    "engine": (of_trial(versions={"variant": 1, "engine": 0}), "other numerics of the engine"),
}


@pytest.mark.parametrize("what", STALE)
def test_no_stale_trial_is_shown_and_the_reason_is(own: Store, file: Path, what: str) -> None:
    change, reason = STALE[what]
    found, said = put(own, changed(shipped.read(str(file)), change))
    assert {*found.trials["variant"]} == {"nsgan"}
    assert {*found.scores["variant"]} == {"nsgan"}
    assert any("lsgan" in text and text.endswith(reason) for text in said), said


def test_a_newer_version_of_a_variant_makes_its_trials_stale(
    own: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round: the program has changed, and the file is as it was."""
    facts = catalogue.variant

    def newer(name: str) -> Any:
        return dataclasses.replace(facts(name), version=facts(name).version + 1)

    monkeypatch.setattr(catalogue, "variant", newer)
    found, said = put(own, shipped.read(str(file)))
    assert {*found.trials["variant"]} == {"nsgan"}
    assert said == [f"theirs: lsgan of suite tiny left out: {beside.STALE}"]


def test_another_version_of_a_metric_leaves_its_scores_out(own: Store, file: Path) -> None:
    def raised(name: str) -> Change:
        def change(record: Record, evaluation: Evaluation) -> tuple[Record, Evaluation]:
            metrics = dict(evaluation.protocol["metrics"])
            metrics[name] = {**metrics[name], "version": 99}
            return record, dataclasses.replace(
                evaluation, protocol={**evaluation.protocol, "metrics": metrics}
            )

        return change

    found, said = put(own, changed(shipped.read(str(file)), raised("reverse_kl")))  # not one that ranks
    assert said == []
    measured = found.scores[found.scores["variant"] == "lsgan"]["metric"]
    assert "modes" in {*measured}
    assert "reverse_kl" not in {*measured}
    found, said = put(own, changed(shipped.read(str(file)), raised("modes")))
    assert {*found.trials["variant"]} == {"nsgan"}
    assert said[0].endswith("another protocol or version of the metrics that rank")


def test_suites_of_other_files_and_other_suites_are_said(
    own: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, said = put(own, changed(shipped.read(str(file)), of_trial(suite="grand")))
    assert {*found.trials["variant"]} == {"nsgan"}
    assert said == ["theirs: no results for the data and networks of suite tiny"]
    monkeypatch.setattr(beside, "suites", dict)
    found, said = put(own, shipped.read(str(file)))
    assert {*found.trials["variant"]} == {"nsgan"}
    assert said == [f"theirs: lsgan of suite tiny left out: {beside.FOREIGN}"]


def test_a_file_of_results_is_a_baseline(own: Store, file: Path, tmp_path: Path) -> None:
    """Only the candidate's variants count: a user who trains one need not train all others."""
    found = compare_paths(file, own.root)
    assert found.cells == 1
    assert found.exit_code() == 0
    assert not found.of("missing")


def test_a_damaged_file_is_refused(file: Path, tmp_path: Path) -> None:
    frame = pq.read_table(file)
    values = frame["value"].to_pandas() + 0.01
    pq.write_table(
        frame.set_column(frame.column_names.index("value"), "value", pa.array(values)), tmp_path / "x.parquet"
    )
    with pytest.raises(UsageError, match="changed after it was written"):
        shipped.read(str(tmp_path / "x.parquet"))
    (tmp_path / "damaged.parquet").write_bytes(file.read_bytes()[:-100])
    with pytest.raises(UsageError, match="cannot be read as a file of results"):
        shipped.read(str(tmp_path / "damaged.parquet"))
    with pytest.raises(UsageError, match="no such file"):
        shipped.read(str(tmp_path / "none.parquet"))
    with pytest.raises(UsageError, match="a folder; expected reference or a file that `reference -o"):
        shipped.read(str(tmp_path))
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(UsageError, match="not a file of results"):
        shipped.read(str(tmp_path / "other.parquet"))


def test_the_package_comes_with_a_small_file_of_results() -> None:
    found = shipped.read(shipped.REFERENCE)
    assert shipped.path_of(shipped.REFERENCE).stat().st_size < 1_000_000
    assert found.name == "reference"
    assert found.facts["hours"] > 0
    rows = shipped.contents(found)
    assert (rows["finished"] > 0).all()
    assert len(rows) == rows[["suite", "budget", "dataset", "variant"]].drop_duplicates().shape[0]
    records = pq.read_table(shipped.path_of(shipped.REFERENCE))["record"]
    assert len(records) - records.null_count == len(found.trials), (
        "a record stands once, not beside every score"
    )
