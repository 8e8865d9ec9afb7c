from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_bench.reports.statistics import blocked_differences, letters, pooled_differences, ranks

DEMSAR = {2: 1.960, 3: 2.343, 4: 2.569, 5: 2.728, 6: 2.850, 7: 2.949, 8: 3.031, 9: 3.102, 10: 3.164}
"""Critical values of the two-tailed Nemenyi test at 0.05, Demsar 2006, table 5 (a)."""


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30))
def test_ranks_are_scipys_average_ranks(values):
    np.testing.assert_array_equal(ranks(pd.DataFrame({"a": values})), stats.rankdata(values))


def test_later_criteria_break_ties_and_lost_rows_share_the_last_place():
    table = pd.DataFrame({"first": [1, 1, 2, np.nan, np.inf], "second": [5.0, np.nan, 0, -9, 1]})
    assert ranks(table).tolist() == [1, 2, 3, 4.5, 4.5]


@pytest.mark.parametrize("entries", DEMSAR)
def test_blocked_critical_difference_is_demsars(entries):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(14, entries)))
    found = blocked_differences(table).critical.iloc[0, 1]
    assert found == pytest.approx(DEMSAR[entries] * np.sqrt(entries * (entries + 1) / (6 * 14)), rel=5e-4)


def test_demsars_own_example():
    # Section 3.2.3: four classifiers on 14 datasets with mean ranks 3.143, 2.000, 2.893, 1.964; F = 9.28.
    c45 = [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.000, 0.940, 0.619, 0.972, 0.957]
    m = [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.000, 0.962, 0.666, 0.981, 0.978]
    cf = [0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.000, 0.965, 0.614, 0.9751, 0.946]
    both = [0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.000, 0.962, 0.669, 0.975, 0.970]
    scores = pd.DataFrame({"c45": c45, "c45+m": m, "c45+cf": cf, "c45+m+cf": both})
    found = blocked_differences(-scores)
    assert found.mean_ranks.tolist() == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert found.critical.iloc[0, 1] == pytest.approx(1.25, abs=0.005)
    assert found.p_value < 0.05
    assert not found.apart.loc["c45+m", "c45+cf"]


def test_pooled_test_is_scipys_kruskal_wallis_with_ties():
    rng = np.random.default_rng(1)
    groups = [rng.integers(0, 6, size) + shift for size, shift in ((5, 0), (7, 1), (6, 3))]
    values = pd.DataFrame({"value": np.concatenate(groups)})
    entries = pd.Series(np.repeat(["a", "b", "c"], [5, 7, 6]))
    found = pooled_differences(ranks(values), entries)
    assert found.p_value == pytest.approx(stats.kruskal(*groups).pvalue)
    expected = stats.rankdata(values["value"])
    assert found.mean_ranks["b"] == pytest.approx(expected[5:12].mean())


def test_two_groups_of_the_pooled_test_are_the_normal_rank_sum_test():
    # With two entries Nemenyi's quantile is the normal's, and the variance is that of Wilcoxon's rank sum.
    entries = pd.Series(np.repeat(["a", "b"], [8, 12]))
    found = pooled_differences(pd.Series(np.arange(1.0, 21)), entries)
    deviation = np.sqrt(8 * 12 * 21 / 12) * (1 / 8 + 1 / 12)  # of the difference of mean ranks
    assert found.critical.loc["a", "b"] == pytest.approx(stats.norm.ppf(0.975) * deviation, rel=1e-6)
    assert found.apart.loc["a", "b"]


def test_entries_that_are_all_alike_are_never_told_apart():
    found = pooled_differences(pd.Series([2.0, 2.0, 2.0]), pd.Series(["a", "b", "b"]))
    assert found.p_value == 1.0
    assert not found.apart.to_numpy().any()
    assert (
        blocked_differences(pd.DataFrame({"a": [1.0, 1.0], "b": [1.0, 1.0], "c": [1.0, 1.0]})).p_value == 1.0
    )


def test_pooled_critical_difference_keeps_its_familywise_error():
    rng = np.random.default_rng(11)
    entries = pd.Series(np.repeat(list("abcdefgh"), 5))
    alarms = 0
    for _ in range(150):
        drawn = pooled_differences(pd.Series(rng.permutation(40) + 1.0), entries)
        alarms += drawn.apart.to_numpy().any()
    assert alarms / 150 < 0.09


@given(st.integers(1, 7).flatmap(lambda k: st.lists(st.booleans(), min_size=k * k, max_size=k * k)))
def test_entries_share_a_letter_exactly_where_they_are_not_told_apart(flags):
    k = int(len(flags) ** 0.5)
    upper = np.triu(np.array(flags).reshape(k, k), 1)
    apart = pd.DataFrame(upper | upper.T, index=range(k), columns=range(k))
    signs = letters(apart)
    for i in range(k):
        assert signs[i]
        for j in range(k):
            assert bool(set(signs[i]) & set(signs[j])) == (not apart.loc[i, j])
    groups = {sign: frozenset(i for i in range(k) if sign in signs[i]) for sign in set("".join(signs))}
    assert not any(one < other for one in groups.values() for other in groups.values())  # none says nothing


def test_letters_of_overlapping_groups():
    apart = pd.DataFrame(np.abs(np.subtract.outer(range(4), range(4))) > 1, index=list("wxyz"))
    assert letters(apart).tolist() == ["a", "ab", "bc", "c"]
