"""The gate's rates of false and missed alarms, by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_bench.bench.compare.evidence import (
    ALPHA,
    MIN_SEEDS,
    change_of_survival,
    holm,
    interval_of_shares,
    interval_of_worsening,
    p_fewer_survive,
    p_fewer_survive_paired,
    p_worse,
    p_worse_together,
    worsening,
)
from gan_bench.bench.compare.quality import RELATIVE
from gan_bench.bench.planning.suite import load_suite

SEEDS, SPREAD = 12, 0.15
RANKING = {"ring": 2, "grid": 2}
"""Metrics that tables rank by, where these are several: modes and high_quality."""
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def drawn(*shape: int, stream: int, law: str = "normal") -> np.ndarray:
    """Costs with mean 1 and standard deviation `SPREAD`."""
    noise = np.random.default_rng(stream).normal(size=shape)
    if law == "normal":
        return 1 + SPREAD * noise
    width = np.sqrt(np.log1p(SPREAD**2))
    return np.exp(width * noise - width**2 / 2)


def gated(suite: str) -> tuple[int, int]:
    """Seeds, and tests (cells times ranking metrics) of a suite's budget `gate`."""
    seeds, tests = set(), 0
    for part in load_suite(suite).parts:
        budget = part.budgets["gate"]
        networks = budget.architectures or list(part.architectures)
        seeds.add(len(budget.seeds or part.seeds))
        tests += len(part.variants) * len(networks) * sum(RANKING.get(name, 1) for name in part.datasets)
    (number,) = seeds
    return number, tests


def alarms(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return True for cells [simulations, variants] with a regression in the quality tier."""
    _, relative = worsening(before, after)
    return holm(p_worse(before, after), ALPHA["cells"]) & (relative > RELATIVE)


@pytest.mark.parametrize("law", ["normal", "log-normal"])
@pytest.mark.parametrize(("suite", "tests"), [("mnist", 8), ("gaussian1d", 8), ("ring", 16), ("toy", 48)])
def test_the_gate_budget_finds_40_percent_worse_and_rarely_raises_a_false_alarm(
    suite: str, tests: int, law: str
) -> None:
    """At the suite's own number of seeds, cells and ranking metrics, and a seed variation of 15 %."""
    seeds, count = gated(suite)
    assert (seeds >= 10, count) == (True, tests)
    runs = 1_000
    before, after = (drawn(runs, count, seeds, stream=s, law=law) for s in (1, 2))
    false = int(alarms(before, after).any(1).sum())
    assert stats.binomtest(false, runs, 0.05, alternative="less").pvalue < 0.05  # below 5 %, surely
    after[:, 0] *= 1.4
    hits = int(alarms(before, after)[:, 0].sum())
    assert stats.binomtest(hits, runs, 0.8, alternative="greater").pvalue < 0.05  # above 80 %, surely
    assert sum(ALPHA.values()) <= 0.05


def test_the_interval_of_the_change_covers_it() -> None:
    runs = 300
    before, after = (drawn(runs, SEEDS, stream=s) for s in (5, 6))
    ends = np.array([interval_of_worsening(*sides) for sides in zip(before, 1.4 * after, strict=True)])
    covered = int(((ends[:, 0] <= 0.4) & (ends[:, 1] >= 0.4)).sum())
    # The percentile bootstrap of medians of twelve keeps about 93 % (Efron & Tibshirani 1993, chapter 13).
    assert stats.binomtest(covered, runs, 0.9, alternative="less").pvalue > 0.01


def test_suites_with_few_seeds_rarely_raise_a_false_alarm_and_find_a_common_worsening() -> None:
    runs, found = 400, {1.0: 0, 1.2: 0}
    for factor in found:
        rng = np.random.default_rng(5)
        for _ in range(runs if factor == 1.0 else 60):
            pairs = [
                (1 + SPREAD * rng.normal(size=5), factor * (1 + SPREAD * rng.normal(size=5)))
                for _ in range(8)
            ]
            found[factor] += p_worse_together(pairs, ALPHA["suites"])[1] > 0.5
    assert found[1.0] / runs <= 0.025
    assert found[1.2] / 60 > 0.9


def test_a_single_cell_of_few_seeds_cannot_alarm_below_its_level() -> None:
    assert p_worse_together([(np.arange(3.0), np.arange(3.0) + 10)], 0.005)[1] < 0.5
    assert MIN_SEEDS == 8


@pytest.mark.parametrize("ties", [False, True])
def test_p_values_are_scipys(ties: bool) -> None:
    rng = np.random.default_rng(6)
    before, after = rng.normal(size=(5, 9)), rng.normal(size=(5, 12)) + 0.5
    if ties:
        before, after = before.round(), after.round()
    method = "asymptotic" if ties else "exact"
    expected = [
        stats.mannwhitneyu(new, old, alternative="greater", method=method).pvalue
        for old, new in zip(before, after, strict=True)
    ]
    np.testing.assert_allclose(p_worse(before, after), expected)


def test_lost_runs_are_worse_than_any_number() -> None:
    fine, lost = np.arange(8.0), np.array([0.5, 1.5, 2.5, 3.5, *[np.inf] * 4])
    assert p_worse(fine, lost) == pytest.approx(p_worse(fine, np.where(np.isinf(lost), 99, lost)))
    assert p_worse(np.full(8, np.inf), np.full(8, np.inf)) == 1.0


def test_the_share_that_got_worse_is_mann_whitneys_and_its_bound_the_normal_one() -> None:
    before, after = np.array([1.0, 2, 3, 4]), np.array([2.5, 3.5, 4.5, 5.5, 6.5])
    share, low = p_worse_together([(before, after)], 0.05)
    assert share == pytest.approx(stats.mannwhitneyu(after, before).statistic / 20)
    deviation = np.sqrt((4 + 5 + 1) / (12 * 4 * 5))  # of U / (n m), Lehmann 1975, section 1.3
    assert low == pytest.approx(share - stats.norm.ppf(0.95) * deviation)


def by_hand(p_values: list[float], alpha: float) -> list[bool]:
    """Holm's procedure step by step."""
    rejected = [False] * len(p_values)
    for step, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[index] > alpha / (len(p_values) - step):
            break
        rejected[index] = True
    return rejected


@given(P_VALUES, st.floats(0.01, 0.5))
def test_holm_is_holms_procedure(p_values: list[float], alpha: float) -> None:
    assert sum(holm(np.array(p_values), alpha)) == sum(by_hand(p_values, alpha))


def test_holm_along_the_last_axis_and_of_nothing() -> None:
    np.testing.assert_array_equal(
        holm(np.array([[0.01, 0.04, 0.03], [0.06, 0.001, 0.02]]), 0.05),
        [[True, False, False], [False, True, True]],
    )
    assert holm(np.array([]), 0.05).shape == (0,)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], (1.0, 0.5)),
        ([-8.0, -8.0, -8.0], [-6.0, -6.0, -6.0], (2.0, 0.25)),  # modes captured, as costs
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], (0.0, 0.0)),
        ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], (1.0, np.inf)),
        ([1.0, 1.0], [1.0, np.inf], (np.inf, np.inf)),
        ([np.inf, np.inf], [np.inf, np.inf], (0.0, 0.0)),
        ([np.inf, np.inf], [1.0, 1.0], (-np.inf, -np.inf)),
    ],
)
def test_worsening_of_the_median(
    before: list[float], after: list[float], expected: tuple[float, float]
) -> None:
    found = worsening(np.array(before), np.array(after))
    assert tuple(map(float, found)) == expected


def test_the_interval_of_a_change_of_shares_is_newcombes() -> None:
    # Newcombe 1998 (Statistics in Medicine 17), table II, example a, method 10: 56/70 against 48/80.
    assert interval_of_shares((48, 80), (56, 70)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_paired_survival_is_mcnemars() -> None:
    # Of the settings that changed, half would be lost by chance: a fair coin with 9 tails of 10.
    assert p_fewer_survive_paired(9, 1) == pytest.approx(11 / 1024)
    assert p_fewer_survive_paired(1, 9) == pytest.approx(1 - 1 / 1024)
    assert p_fewer_survive_paired(0, 0) == 1.0


@pytest.mark.parametrize(("lost", "gained"), [(9, 1), (5, 5), (12, 0)])
def test_the_interval_of_paired_survival_excludes_0_where_the_two_sided_test_rejects(
    lost: int, gained: int
) -> None:
    change, low, high = change_of_survival(lost, gained, 64)
    assert change == (gained - lost) / 64
    assert low <= change <= high
    assert (high < 0) == (stats.binomtest(lost, lost + gained).pvalue < 0.05)
    assert change_of_survival(0, 0, 64) == (0, 0, 0)


def test_survival_is_fishers_tea() -> None:
    # The lady tasting tea: 3 of 4 right on either side, one-sided p = 17/70.
    assert p_fewer_survive((3, 4), (1, 4)) == pytest.approx(17 / 70)
    assert p_fewer_survive((0, 4), (4, 4)) == 1.0
