"""Tables by class: shares of counts, over seeds."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import jaccard_score, recall_score

from gan_bench.reports.by_class import by_class
from gan_bench.reports.folder import Folder
from tests.reports.synthetic import board_of

RIGHT, FOUND = np.array([0, 0, 0, 1, 1, 3]), np.array([0, 1, 0, 1, 1, 0])
"""Right and found classes: none is of class 2."""
COUNTS = np.zeros((4, 4), dtype=np.int64)
np.add.at(COUNTS, (RIGHT, FOUND), 1)


@pytest.fixture
def written(make, tmp_path):
    """Give the tables, and the file of their numbers, of two seeds that keep only some arrays."""

    def write(*arrays):
        results = make(tmp_path / "a", variants={"gan": 2014}, seeds=2, lost=False, ema=False, points=1)
        for path, kept in zip(results.trials["samples"], arrays, strict=True):
            np.savez(path, **kept)
        tables = by_class(board_of(results), Folder(tmp_path / "out"))
        return tables, [pd.read_csv(file) for file in (tmp_path / "out").glob("tables/*--by-class.csv")]

    return write


def test_shares_are_those_of_a_library(written):
    kept = {"by_class.final.t.counts": COUNTS, "by_class.ema.t.pixels": COUNTS}
    tables, (numbers,) = written(kept, {})
    assert [table.title.split(":")[0] for table in tables] == [
        "Class kept by class, t", "Pixels right by class, t", "IoU by class, t",
    ]  # fmt: skip
    found = numbers.set_index(["share", "class"])["value"]
    recall = recall_score(RIGHT, FOUND, average=None, labels=range(4), zero_division=np.nan)
    for share in ("Class kept", "Pixels right"):
        np.testing.assert_allclose(found[share], recall)
    np.testing.assert_allclose(
        found["IoU"].dropna(), jaccard_score(RIGHT, FOUND, average=None, labels=[0, 1, 3])
    )
    assert np.isnan(found["IoU"][2])
    assert tables[0].cells == [["gan", "0.667", "1", "–", "0", "0.556", "0"]]


def test_a_row_is_the_mean_over_seeds(written):
    first, second = np.diag([4, 1]), np.array([[1, 3], [1, 0]])
    (table,), _ = written({"by_class.final.t.counts": first}, {"by_class.final.t.counts": second})
    assert table.cells == [["gan", "0.625", "0.500", "0.562", "0.500"]]
    assert table.keys == [["gan", 0.625, 0.5, 0.5625, 0.5]]
    assert "mean over 2 seeds" in table.notes[0]


def test_abilities_with_the_same_counts_have_one_table(written):
    other = COUNTS.T.copy()
    tables, (numbers,) = written(
        {f"by_class.final.{name}.counts": COUNTS for name in ("sample", "translate_back")}
        | {"by_class.final.rebuild.counts": other},
        {},
    )
    assert [table.title.split(":")[0] for table in tables] == [
        "Class kept by class, sample and translate back", "Class kept by class, rebuild",
    ]  # fmt: skip
    assert set(numbers["ability"]) == {"sample", "translate_back", "rebuild"}


def test_without_counts_there_is_no_table(written):
    assert written({}, {}) == ([], [])
