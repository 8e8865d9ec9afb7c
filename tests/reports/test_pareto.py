from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.reports.frames import tidy
from gan_bench.reports.pareto import front, front_tables, medians

POINTS = st.lists(
    st.tuples(st.integers(0, 9).map(float), st.integers(0, 9).map(float)), min_size=1, max_size=30
)


@given(POINTS, st.sampled_from(["min", "max"]))
def test_the_front_is_what_nothing_dominates(points, direction):
    frame = pd.DataFrame(points, columns=["seconds", "value"])
    found = front(frame, "seconds", direction)
    sign = 1 if direction == "min" else -1
    expected = {
        (x, y)
        for x, y in points
        if not any((a, sign * b) != (x, sign * y) and a <= x and sign * b <= sign * y for a, b in points)
    }
    assert [*zip(found["seconds"], found["value"], strict=True)] == sorted(expected)


def test_medians_count_lost_seeds_as_worst_and_front_leaves_out_what_is_not_finite(make):
    results = make(None, variants={"gan": 2014, "x": 1, "y": 2, "wgan-gp": 2017}, seeds=3)
    frames = tidy(results.trials, results.scores, results.history)  # of wgan-gp two of three diverge half-way
    ((_, board),) = frames.boards()
    found = medians(board, "fid_lenet28", ["gan", "wgan-gp"])
    counts = found.groupby("label").size()
    assert (counts["gan"], counts["wgan-gp"]) == (4, 2)
    mine = board.scores[(board.scores["label"] == "gan") & (board.scores["metric"] == "fid_lenet28")]
    mine = mine[(mine["weights"] == "raw") & (mine["split"] == "test") & (mine["measured_at"] == 96)]
    last = found[(found["label"] == "gan") & (found["measured_at"] == 96)]
    assert last["value"].item() == pytest.approx(mine.drop_duplicates("trial")["value"].median())
    endless = found.assign(seconds=np.inf)
    assert front(endless, "seconds", "min").empty


def test_a_metric_without_direction_has_no_front():
    points = pd.DataFrame({"label": ["a"], "value": [1.0], "kimg": [1.0], "direction": ["target"]})
    assert front_tables(points, "mean", "title", packed=False) == []
