"""Games of paired translation reach their bounds at the suites' quick budgets, on the test split."""

from __future__ import annotations

import pytest

from gan_bench import datasets
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
KEPT, FID = "label_kept_lenet28_digits", "fid_lenet28_digits"


def row_of(out, name):
    """Return the scores of a reference row, by dataset and metric."""
    rows = frames.load(Store(out)).references
    rows = rows[(rows["split"] == "test") & (rows["when"] == "final") & (rows["reference"] == name)]
    return rows.groupby(["dataset", "metric"])["value"].median()


@pytest.fixture(scope="module")
def outlines(tmp_path_factory):
    """Scores of three seeds of each game on outlines and digits, and those of the nearest pair."""
    out = tmp_path_factory.mktemp("pairs") / "out"
    games = ("pix2pix", "pix2pix-l1", "bicyclegan")
    scores = scores_of("translation-multimodal", out, variants=games)["raw"]
    print(scores[["l1", KEPT, FID, "diversity"]])
    return scores, row_of(out, "nearest-pair")["digit-outlines"]


def test_pix2pix_is_nearer_than_the_nearest_pair_and_more_like_digits_than_l1_alone(outlines):
    scores, nearest = outlines
    found = scores.loc["pix2pix"]
    assert len(found) == 3
    assert found["l1"].max() <= min(0.035, nearest["l1"])
    assert found[KEPT].min() >= 0.95
    assert found[FID].median() < scores.loc["pix2pix-l1"][FID].median()


def test_bicyclegan_is_nearer_than_the_nearest_pair(outlines):
    scores, nearest = outlines
    found = scores.loc["bicyclegan"]
    assert len(found) == 3
    assert found["l1"].max() <= min(0.05, nearest["l1"])


def test_bicyclegan_keeps_the_label(outlines):
    assert outlines[0].loc["bicyclegan"][KEPT].min() >= 0.95


def test_bicyclegan_has_more_outputs_of_an_input_than_dropout_gives(outlines):
    scores, _ = outlines
    assert (scores.loc["bicyclegan"]["diversity"] > scores.loc["pix2pix"]["diversity"]).all()  # seed by seed


@pytest.fixture(scope="module")
def facades(tmp_path_factory):
    """Scores of three seeds of pix2pix by dataset, and those of the nearest pair."""
    if datasets.load("facades").stand_in_for:
        pytest.skip("facades lie in no folder")
    out = tmp_path_factory.mktemp("facades") / "out"
    scores_of("facades", out, variants=("pix2pix",))
    return by_dataset(out), row_of(out, "nearest-pair")


def by_dataset(out):
    """Return the final scores of every trial on test, by dataset and seed."""
    scores = frames.load(Store(out)).scores
    final = scores[(scores["when"] == "final") & (scores["split"] == "test")]
    return final.pivot_table(index=["dataset", "seed"], columns="metric", values="value")


@pytest.mark.parametrize(
    ("data", "also"),
    [
        ("facades", None),
        ("facade-labels", ("iou", "class_accuracy")),
    ],
)
def test_pix2pix_is_nearer_than_the_nearest_pair_on_facades(data, also, facades):
    scores, nearest = facades[0].loc[data], facades[1][data]
    print(data, scores[["l1", *(also or ())]], nearest)
    assert len(scores) == 3
    assert scores["l1"].median() < nearest["l1"]
    if also:
        assert any(scores[metric].median() > nearest[metric] for metric in also)
