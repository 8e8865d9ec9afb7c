from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_bench.reports.statistics import improvement, performance_profile, probability_of_improvement

SCORES = st.lists(st.integers(0, 9), min_size=1, max_size=12)


@given(SCORES, SCORES)
def test_probability_of_improvement_is_scipys_u(mine, theirs):
    found = probability_of_improvement(np.array(mine, float), np.array(theirs, float))
    statistic = stats.mannwhitneyu(theirs, mine).statistic  # pairs where theirs is larger, ties half
    assert found == pytest.approx(statistic / len(mine) / len(theirs))


def test_pairs_mirror_each_other_and_lost_runs_lose():
    frame = pd.DataFrame({"variant": list("aaabbb"), "value": [1.0, 2.0, np.nan, 3.0, np.nan, np.nan]})
    pairs = improvement(frame, "variant", "min").set_index(["better", "worse"])
    # a's 1 and 2 beat all three of b; a's lost run loses to 3 and ties with two lost ones
    assert pairs.loc[("a", "b"), "probability"] == pytest.approx((3 + 3 + 0.5 + 0.5) / 9)
    assert pairs.loc[("b", "a"), "probability"] == pytest.approx(1 - 7 / 9)
    assert pairs.loc[("b", "a"), "low"] == pytest.approx(1 - pairs.loc[("a", "b"), "high"])


def test_strata_are_compared_within_and_averaged():
    frame = pd.DataFrame(
        {"variant": list("abab"), "task": ["x", "x", "y", "y"], "value": [1.0, 2.0, 50.0, 40.0]}
    )
    pairs = improvement(frame, "variant", "min", strata=["task"]).set_index(["better", "worse"])
    assert pairs.loc[("a", "b"), "probability"] == 0.5
    apart = frame.assign(task=["x", "y", "x", "y"])[:2]
    assert improvement(apart, "variant", "min", strata=["task"]).empty


def test_the_interval_of_a_clear_winner_excludes_chance():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(1, 0.1, 10), rng.normal(2, 0.1, 10), rng.normal(1, 0.1, 10)])
    frame = pd.DataFrame({"variant": np.repeat(["a", "b", "c"], 10), "value": values})
    pairs = improvement(frame, "variant", "max").set_index(["better", "worse"])
    assert pairs.loc[("b", "a"), ["probability", "low"]].tolist() == [1.0, 1.0]
    assert pairs.loc[("a", "c"), "low"] < 0.5 < pairs.loc[("a", "c"), "high"]


@pytest.mark.parametrize("direction", ["min", "max"])
def test_a_profile_is_the_empirical_distribution_of_all_runs(direction):
    frame = pd.DataFrame({"variant": list("aaaab"), "value": [1.0, 2.0, 2.0, np.nan, 3.0]})
    found = performance_profile(frame, "variant", direction)
    for _, row in found.iterrows():
        runs = frame[frame["variant"] == row["variant"]]["value"]
        good = runs <= row["threshold"] if direction == "min" else runs >= row["threshold"]
        assert row["share"] == pytest.approx(good.sum() / len(runs))  # lost runs are in the denominator
        assert 0 <= row["low"] <= row["share"] <= row["high"] <= 1
    first = found[found["variant"] == "a"]["share"]
    assert first.is_monotonic_increasing
    assert first.iloc[-1] == 0.75


def test_a_profile_of_many_runs_is_thinned_and_ends_at_the_worst():
    frame = pd.DataFrame({"variant": "a", "value": np.arange(500.0)})
    found = performance_profile(frame, "variant", "min")
    assert len(found) <= 60
    assert found.iloc[-1][["threshold", "share"]].tolist() == [499.0, 1.0]


def test_a_profile_without_any_finished_run_is_empty():
    frame = pd.DataFrame({"variant": ["a"], "value": [np.nan]})
    assert performance_profile(frame, "variant", "min").empty
