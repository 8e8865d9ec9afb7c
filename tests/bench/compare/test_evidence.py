"""The gate's promises by simulation: rarely a false alarm, rarely a worsening missed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.compare.evidence import (
    ALPHA,
    MIN_SEEDS,
    holm,
    p_fewer_survive,
    p_worse,
    p_worse_together,
    worsening,
)
from bench.compare.quality import RELATIVE

VARIANTS, SEEDS, SPREAD = 35, 10, 0.15
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def drawn(*shape: int, stream: int, factor: float = 1.0) -> np.ndarray:
    return factor * (1 + SPREAD * np.random.default_rng(stream).normal(size=shape))


def alarms(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Which cells [simulations, variants] the quality tier would call worse."""
    _, relative = worsening(before, after)
    return holm(p_worse(before, after), ALPHA["cells"]) & (relative > RELATIVE)


def test_false_alarms_over_35_variants_are_rarer_than_5_percent() -> None:
    runs = 1_000
    before, after = (drawn(runs, VARIANTS, SEEDS, stream=s) for s in (1, 2))
    rate = alarms(before, after).any(1).mean()
    assert rate < 0.04  # the cells' own share of 5 % is 3 %
    assert sum(ALPHA.values()) <= 0.05


@pytest.mark.parametrize(("factor", "least", "most"), [(1.5, 0.92, 0.97), (1.3, 0.48, 0.58)])
def test_power_at_ten_seeds(factor: float, least: float, most: float) -> None:
    # One of 35 variants got worse, its spread with it. By half: found in 94 %. By 30 %: in 52 %.
    runs = 2_000
    before, after = (drawn(runs, VARIANTS, SEEDS, stream=s) for s in (3, 4))
    after[:, 0] *= factor
    power = alarms(before, after)[:, 0].mean()
    assert least < power <= most


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


def test_survival_is_fishers_tea() -> None:
    # The lady tasting tea: 3 of 4 right on either side, one-sided p = 17/70.
    assert p_fewer_survive((3, 4), (1, 4)) == pytest.approx(17 / 70)
    assert p_fewer_survive((0, 4), (4, 4)) == 1.0
