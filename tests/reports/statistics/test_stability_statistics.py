from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.reports.statistics.stability import (
    distance,
    expected_best,
    forgiveness,
    survived,
    tuning_curve,
)

COSTS = st.lists(st.floats(0.01, 100), min_size=1, max_size=6)


@given(COSTS)
def test_the_expected_best_is_that_of_all_subsets(costs: list[float]) -> None:
    tried = np.arange(1, len(costs) + 1)
    expected = [np.mean([min(part) for part in itertools.combinations(costs, n)]) for n in tried]
    np.testing.assert_allclose(expected_best(np.array(costs), tried), expected, rtol=1e-9)


def test_a_tuning_curve_falls_from_the_mean_to_the_best_and_counts_lost_settings_as_worst() -> None:
    cost = [1.0, 2.0, np.nan, 4.0, 9.0, 3.0]
    curve = tuning_curve(pd.DataFrame({"variant": list("aaaabb"), "cost": cost}), "variant")
    first = curve[curve["variant"] == "a"].set_index("tried")
    assert first.loc[1, "expected"] == pytest.approx((1 + 2 + 9 + 4) / 4)
    assert first.loc[4, "expected"] == 1.0
    assert first["expected"].is_monotonic_decreasing
    assert (first["low"] <= first["expected"]).all()
    assert (first["expected"] <= first["high"]).all()
    assert first.loc[4, "high"] > 1.0  # another choice of four settings might have missed the best
    assert tuning_curve(pd.DataFrame({"variant": ["a"], "cost": [np.nan]}), "variant").empty


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([2.0, 2.0], 1.0),
        ([1.0, 10.0], 0.5),
        ([1.0, 10.0**0.5], 0.75),
        ([1.0, 1000.0, np.nan, np.inf], 0.25),
        ([np.nan, np.nan], 0.0),
        ([0.0, 1.0], 0.5),
    ],
)
def test_forgiveness(costs: list[float], expected: float) -> None:
    assert forgiveness(np.array(costs)) == pytest.approx(expected)


@given(COSTS)
def test_forgiveness_is_the_area_under_the_profile(costs: list[float]) -> None:
    values = np.array(costs)
    factors = np.geomspace(1, 10, 4001)
    shares = (values[None] <= factors[:, None] * values.min() * (1 + 1e-12)).mean(1)
    area = np.trapezoid(shares, np.log10(factors))
    assert forgiveness(values) == pytest.approx(area, abs=2e-3)


def test_survival_asks_for_a_finite_score_modes_and_nearness_to_the_own_best() -> None:
    frame = pd.DataFrame(
        {
            "variant": list("aaaab"),
            "cost": [1.0, 3.0, 3.1, np.nan, 90.0],
            "modes": [8.0, 3.0, 8.0, np.nan, 4.0],
        }
    )
    assert survived(frame, "variant").tolist() == [True, False, False, False, True]
    without = frame.assign(modes=np.nan)
    assert survived(without, "variant").tolist() == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("values", "ranking", "expected"),
    [
        ({"fid_train_lenet28": 1, "fid_train": 1, "fid_lenet28": 2}, None, "fid_lenet28"),
        ({"fid_train": 1}, None, None),
        ({"fid_lenet28": 2, "fid": 3}, None, "fid"),
        ({"fid_inceptions": 1, "fid_lenet28": 2}, "fid_lenet28", "fid_lenet28"),
        ({"fid_lenet28": 2, "fid_aaa": 3}, "mode_count", "fid_aaa"),
        ({"fid": 1, "w1": -0.5, "sliced_wasserstein": 2}, None, "sliced_wasserstein"),
        ({"w1": -0.5, "fid": 1}, None, "fid"),
        ({"fidelity": 1}, "fidelity", "fidelity"),
        ({}, "fid", None),
    ],
)
def test_the_cost_is_a_distance_to_the_truth_in_whatever_order_it_was_measured(values, ranking, expected):
    rows = [{"metric": name, "direction": "min", "value": float(value)} for name, value in values.items()]
    scores = pd.DataFrame(rows, columns=["metric", "direction", "value"])
    assert distance(scores, ranking) == expected
    assert distance(scores[::-1], ranking) == expected


@pytest.mark.parametrize("count", [1, 4, 5, 64, 200, 1000])
def test_a_tuning_curve_has_the_expected_best_of_five_tries_where_there_are_as_many(count):
    frame = pd.DataFrame({"variant": "a", "cost": np.arange(1.0, count + 1)})
    tried = set(tuning_curve(frame, "variant")["tried"])
    assert {1, count, min(5, count)} <= tried
    assert max(tried) == count
