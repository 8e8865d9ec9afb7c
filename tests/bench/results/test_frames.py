"""Frames of what runs have stored: protocols, labels, rates and the words of metrics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.metrics import info
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.bench.conftest import FakeEngine, Start, scores

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def test_frames_show_each_dataset_under_one_protocol(
    session: Start, engine: FakeEngine, suite_file: Path, no_report: list[Any], tmp_path: Path
) -> None:
    session()
    store = Store(tmp_path / "out")
    suite_file.write_text(suite_file.read_text().replace("samples = 100", "samples = 120"))
    session(variants=("lsgan",))  # half of the trials: the other protocol still has more
    found = scores(store)
    assert set(found["variant"]) == {"nsgan", "lsgan"}
    session()
    found = frames.load(store)
    assert found.trials["primary"].unique().tolist() == ["modes,high_quality"]
    final = found.scores[found.scores["when"] == "final"]
    assert len(final.drop_duplicates(["trial", "metric", "weights", "split"])) == len(final)
    assert set(found.scores["when"]) == {"final"}  # the curves were measured with other counts
    suite_file.write_text(suite_file.read_text().replace("samples = 120", "samples = 100"))
    session()  # back to the first protocol: nothing to do, and its curves are there again
    found = frames.load(store, None, no_report[-1].evaluations)
    assert set(found.scores["when"]) == {"curve", "final", "best"}


def test_frames_of_chosen_trials_carry_their_labels(
    session: Start, engine: FakeEngine, no_report: list[Any], tmp_path: Path
) -> None:
    session()
    chosen = [replace(trial, suite="other") for trial in no_report[0].trials[:2]]
    found = frames.load(Store(tmp_path / "out"), chosen)
    assert found.trials["suite"].tolist() == ["other", "other"]
    assert set(found.scores["trial"]) == {trial.key for trial in chosen}
    assert found.history["name"].unique().tolist() == ["critic_loss"]
    assert found.trials["iterations_per_second"].tolist() == [10.0, 10.0]


def test_seconds_and_rates_are_those_of_a_pack_and_its_trials_share_its_name(
    session: Start, engine: FakeEngine, tmp_path: Path
) -> None:
    engine.diverge = {1}
    session()
    trials = frames.load(Store(tmp_path / "out")).trials
    assert sorted(trials.groupby("pack")["variant"].agg(list)) == [["lsgan"] * 3, ["nsgan"] * 3]
    assert trials["train_seconds"].tolist() == [2.0] * 6
    # Three replicas of 640 images each in 2 s; the lost one is computed to the end as well.
    assert trials["images_per_second"].tolist() == [960.0] * 6
    assert trials["iterations_per_second"].tolist() == [10.0] * 6


def test_frames_describe_every_metric_of_scores_and_of_a_suites_papers(
    session: Start, engine: FakeEngine, suite_file: Path, tmp_path: Path
) -> None:
    number = '[[published]]\nsource = "s"\n[published.values.ring.off_mode]\nnsgan = 1.0\n'
    suite_file.write_text(f"{suite_file.read_text()}\n{number}")
    session()
    store = Store(tmp_path / "out")
    (trial, *_) = store
    (stored,) = store.evaluations(trial)
    protocol = {**stored.protocol, "extractors": {"gone": "0" * 64}}
    gone = [{**stored.rows[0], "metric": name} for name in ("fid_gone", "a_plug_ins")]
    store.add_evaluation(trial, replace(stored, key="other", protocol=protocol, rows=[*stored.rows, *gone]))
    found = frames.load(store, None, {trial: "other"})
    metrics = found.metrics.set_index("metric")
    assert set(metrics.index) == set(found.scores["metric"])
    assert list(metrics.loc["modes"]) == [info("modes").title, "count", info("modes").meaning]
    assert metrics.at["fid_gone", "title"] == "FID (gone)"  # its extractor is known from the store
    assert list(metrics.loc["a_plug_ins"]) == ["a_plug_ins", "", ""]
    assert list(metrics.index[:2]) == ["fid_gone", "modes"]
    assert metrics.index[-1] == "a_plug_ins"
