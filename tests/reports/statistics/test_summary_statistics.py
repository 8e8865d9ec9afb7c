from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from gan_bench.reports.statistics import (
    costs,
    interquartile_mean,
    interval,
    lost_as_worst,
    quartiles,
    resampled,
    summarise,
)
from gan_bench.reports.statistics.summary import percentiles


@given(
    hnp.arrays(float, hnp.array_shapes(max_dims=2, min_side=1, max_side=20), elements=st.floats(-1e6, 1e6))
)
def test_interquartile_mean_is_scipys_trimmed_mean(values):
    expected = stats.trim_mean(values, 0.25, axis=-1)
    np.testing.assert_allclose(interquartile_mean(values), expected, rtol=1e-9, atol=1e-6)


def test_costs_turn_what_is_lost_into_the_worst():
    values = [1.0, np.nan, np.inf, -np.inf]
    np.testing.assert_array_equal(costs(np.array(values), "min"), [1, np.inf, np.inf, np.inf])
    np.testing.assert_array_equal(costs(np.array(values), "max"), [-1, np.inf, np.inf, np.inf])
    np.testing.assert_array_equal(lost_as_worst(np.array(values), "max"), [1, -np.inf, -np.inf, -np.inf])
    with pytest.raises(ValueError, match="have no worst"):
        costs(np.array(values), "target")


def test_moments_are_over_finished_seeds_and_the_interquartile_mean_over_all():
    values = [4.0, 1.0, 2.0, 3.0, np.nan, 9.0, 5.0, 8.0]
    frame = pd.DataFrame({"variant": "gan", "value": values})
    row = summarise(frame, ["variant"], "min").iloc[0]
    finite = np.array([4.0, 1.0, 2.0, 3.0, 9.0, 5.0, 8.0])
    assert (row["count"], row["seeds"]) == (7, 8)
    assert row["mean"] == pytest.approx(finite.mean())
    assert row["std"] == pytest.approx(stats.tstd(finite))
    assert row["sem"] == pytest.approx(stats.sem(finite))
    assert row["median"] == 4.0
    assert row["iqm"] == pytest.approx((3 + 4 + 5 + 8) / 4)  # of 1 2 3 4 5 8 9 lost, two from either end
    higher = summarise(frame, ["variant"], "max").iloc[0]
    assert higher["iqm"] == pytest.approx((5 + 4 + 3 + 2) / 4)  # of 9 8 5 4 3 2 1 lost
    assert higher["iqm_low"] <= higher["iqm"] <= higher["iqm_high"]


def test_an_interquartile_mean_that_most_seeds_never_reached_is_infinitely_bad():
    frame = pd.DataFrame({"variant": "gan", "value": [1.0, 2.0, np.nan, np.nan, np.nan]})
    assert summarise(frame, ["variant"], "min").iloc[0][["iqm", "iqm_high"]].tolist() == [np.inf, np.inf]
    worst = summarise(frame, ["variant"], "max").iloc[0]
    assert (worst["iqm"], worst["iqm_low"]) == (-np.inf, -np.inf)


def test_without_a_direction_there_is_no_interquartile_mean():
    frame = pd.DataFrame({"variant": "gan", "value": [1.0, 2.0]})
    row = summarise(frame, ["variant"], "target").iloc[0]
    assert row["mean"] == 1.5
    assert np.isnan(row["iqm"])


def test_one_seed_has_a_mean_and_no_spread():
    row = summarise(pd.DataFrame({"variant": ["gan"], "value": [3.0]}), ["variant"], "min").iloc[0]
    assert (row["mean"], row["iqm"], row["iqm_low"], row["iqm_high"]) == (3.0, 3.0, 3.0, 3.0)
    assert np.isnan(row["std"])
    assert np.isnan(row["sem"])


def test_the_bootstrap_interval_agrees_with_scipys():
    values = np.random.default_rng(3).lognormal(size=40)
    low, high = percentiles(resampled([values], 20_000).mean(-1))
    expected = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, random_state=np.random.default_rng(4)
    ).confidence_interval
    assert low == pytest.approx(expected.low, rel=0.02)
    assert high == pytest.approx(expected.high, rel=0.02)


def test_resamples_stay_within_their_stratum_and_repeat():
    drawn = resampled([np.array([1.0, 2.0]), np.array([10.0, 20.0, 30.0])], 500)
    assert drawn.shape == (500, 5)
    assert set(drawn[:, :2].ravel()) == {1.0, 2.0}
    assert set(drawn[:, 2:].ravel()) == {10.0, 20.0, 30.0}
    np.testing.assert_array_equal(drawn, resampled([np.array([1.0, 2.0]), np.array([10.0, 20.0, 30.0])], 500))


def test_strata_narrow_the_interval_where_tasks_differ():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"variant": "gan", "task": np.repeat(["easy", "hard"], 10)})
    frame["value"] = np.repeat([1.0, 5.0], 10) + rng.normal(0, 0.1, 20)
    within = summarise(frame, ["variant"], "min", strata=["task"]).iloc[0]
    pooled = summarise(frame, ["variant"], "min").iloc[0]
    assert within["iqm"] == pooled["iqm"]
    assert within["iqm_high"] - within["iqm_low"] < 0.2 * (pooled["iqm_high"] - pooled["iqm_low"])


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    # Middle half of the standard normal: mean 0. With 10 seeds the percentile bootstrap is a little narrow.
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(200):
        low, high = interval([rng.normal(size=10)])
        hits += low <= 0 <= high
    assert 0.86 <= hits / 200 <= 0.99


def test_quartiles_count_lost_seeds_as_worst():
    values = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, np.nan, 4.0]])
    low, middle, high = quartiles(values, 5, "min")
    np.testing.assert_allclose(middle, [3.0, 4.0])
    np.testing.assert_allclose(low, [2.0, 2.0])
    np.testing.assert_allclose(high, [4.0, np.nan])
    np.testing.assert_allclose(quartiles(values, 5, "max")[1], [2.0, 1.0])
    np.testing.assert_allclose(quartiles(values, 5, "")[1], [2.5, 2.0])
    complete = np.random.default_rng(0).normal(size=(3, 6))
    np.testing.assert_allclose(
        quartiles(complete, 6, "max"), np.quantile(complete, [0.25, 0.5, 0.75], axis=1)
    )
