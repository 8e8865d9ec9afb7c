"""Power agrees with an independent simulation, and rises with change and seeds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gan_bench.bench.compare import compare
from gan_bench.bench.compare.evidence import ALPHA
from gan_bench.bench.compare.layout import COLUMNS, uniform
from gan_bench.bench.compare.power import Spread, power, power_table, spreads
from tests.bench.conftest import FakeEngine, Run, Start
from tests.documents import table

Make = Callable[..., pd.DataFrame]
RESIDUALS = 0.15 * np.random.default_rng(1).standard_normal(100_000)
SPREAD = Spread("ring", "w1", 1, 1, 1, RESIDUALS, 0.0)


def test_power_of_one_cell_is_that_of_a_test_of_scipy() -> None:
    """The same normal law, drawn and tested one by one; of 2000 draws each, a difference has sigma 0.015."""
    rng = np.random.default_rng(2)
    before, after = (middle + 0.15 * rng.standard_normal((2000, 8)) for middle in (1, 1.2))
    p = stats.mannwhitneyu(after, before, alternative="greater", axis=1).pvalue
    found = (p <= ALPHA["cells"]) & (np.median(after, axis=1) > 1.1 * np.median(before, axis=1))
    assert power(SPREAD, 0.2, 8, 1, rounds=2000) == pytest.approx(np.mean(found), abs=0.04)


def test_unchanged_scores_raise_few_alarms_and_larger_changes_are_found_more_often() -> None:
    assert power(SPREAD, 0.0, 8, 4, rounds=1000) <= ALPHA["cells"]
    by_change = [power(SPREAD, change, 12, 8) for change in (0.1, 0.2, 0.4)]
    assert by_change == sorted(by_change)
    assert by_change[-1] > 0.9
    assert power(SPREAD, 0.2, 20, 8) > power(SPREAD, 0.2, 8, 8)


def test_a_worse_median_within_the_absolute_tolerance_is_not_reported() -> None:
    bounded = Spread("ring", "modes", 1, 1, -1, RESIDUALS / 10, absolute=0.5)
    assert power(bounded, 0.4, 12, 1) == 0
    assert power(bounded, 0.6, 12, 1) == 1


def frame_with(values: list[float], direction: str) -> pd.DataFrame:
    shared = {"suite": "s", "dataset": "d", "variant": "v", "hyperparameters": "{}", "kimg": 1.0}
    rows = []
    for seed, value in enumerate(values):
        trial = {**shared, "trial": str(seed), "seed": seed, "status": "finished"}
        score = {"name": "m", "value": value, "direction": direction, "primary": True, "low": 0.0}
        rows += [{**trial, "what": "trial"}, {**trial, "what": "score", **score, "high": np.inf}]
    return uniform(pd.DataFrame(rows, columns=COLUMNS))


def test_the_spread_is_that_of_the_scores_relative_to_their_median() -> None:
    values = [8.0, 9.0, 10.0, 11.0, 12.0]
    for direction, sign in (("min", 1), ("max", -1)):
        (found,) = spreads(frame_with(values, direction))
        assert found.sign == sign
        assert found.deviation == pytest.approx(np.std(values, ddof=1) / 10)


def test_the_tests_are_those_of_all_cells_and_ranking_metrics(make: Make) -> None:
    """The gate adjusts them together, so a suite that ranks by two metrics finds less than by one."""
    one = make(variants=4, seeds=8)
    other = one[one["what"] == "score"].assign(name="kid")
    table = power_table(pd.concat([one, other], ignore_index=True), seeds=(8,), changes=(0.2,))
    assert table[["metric", "cells", "tests"]].to_numpy().tolist() == [["fid", 4, 8], ["kid", 4, 8]]
    judged = compare(pd.concat([one, other]), pd.concat([one, other])).of("fine")
    assert len([finding for finding in judged if finding.tier == "quality"]) == 8
    (spread,) = spreads(one)
    assert table["+20%"].iloc[0] == power(spread, 0.2, 8, 8) < power(spread, 0.2, 8, 4)


@pytest.mark.usefixtures("no_report", "forget_evaluators")
def test_the_command_shows_a_table(bench: Run, session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    session(seeds=tuple(range(8)))
    status, out, _ = bench("baseline", str(tmp_path / "out"), "--power")
    assert status == 0
    assert out.split()[:6] == ["suite", "metric", "cells", "tests", "spread", "seeds"]
    assert "high_quality" in out
    assert bench("baseline", str(tmp_path / "out"))[0] == 2


def test_a_frame_without_enough_seeds_has_no_power() -> None:
    assert power_table(frame_with([1.0, 2.0], "min")).empty


@pytest.mark.slow
@pytest.mark.parametrize("spread", [5, 8, 15, 30, 50, 70])
def test_the_seeds_that_the_page_recommends_are_the_fewest_that_suffice(spread: int) -> None:
    tried = (8, 12, 20, 30)
    stated = table("docs/gate-ci.md", "Seeds on either side")[f"{spread} %"]
    residuals = spread / 100 * np.random.default_rng(1).standard_normal(100_000)
    assumed = Spread("any", "fid", 8, 8, 1, residuals, 0.0)
    for change, cell in zip((0.2, 0.4, 1.0), stated, strict=True):
        found = [seeds for seeds in tried if power(assumed, change, seeds, 8, rounds=300) >= 0.9]
        assert cell == (str(found[0]) if found else "–"), change
