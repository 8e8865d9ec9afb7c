"""Survival of a sweep: bounds of the baseline, paired settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_bench.bench.compare import compare, load, save
from gan_bench.bench.compare.evidence import p_fewer_survive
from gan_bench.bench.compare.findings import Finding
from gan_bench.bench.compare.gate import Comparison
from gan_bench.bench.compare.layout import uniform
from gan_bench.bench.compare.survival import bound_rows
from gan_bench.reports.statistics.stability import FACTOR, MODES

Make = Callable[..., pd.DataFrame]
SETTINGS = 32


@pytest.fixture
def sweep(make: Make) -> Callable[..., pd.DataFrame]:
    def build(values: np.ndarray | list[float], modes: float = 8.0, seed: int = 0) -> pd.DataFrame:
        """One seed for each of 32 settings of one variant, with these distances (NaN: lost)."""
        frame = make(variants=1, seeds=SETTINGS, spread=0.0)
        place = frame["seed"].astype(int)
        frame["hyperparameters"] = [f'{{"lr": {number}}}' for number in place]
        frame["seed"] = float(seed)
        scores = frame["what"] == "score"
        frame.loc[scores, "name"] = "sliced_wasserstein"
        frame.loc[scores, "value"] = np.asarray(values, float)[place[scores]]
        counted = frame[scores].assign(name="modes", value=modes, direction="max", high=8.0)
        frame = uniform(pd.concat([frame, counted], ignore_index=True))
        return uniform(pd.concat([frame, *bound_rows(frame)], ignore_index=True))

    return build


def survival(found: Comparison) -> Finding:
    (finding,) = (f for f in found.findings if f.tier == "stability")
    return finding


def test_the_bounds_are_those_of_the_report_for_every_setting(sweep: Callable) -> None:
    frame = sweep(np.linspace(0.2, 2, SETTINGS))
    kept = frame[frame["what"] == "bound"]
    assert kept.groupby("name")["value"].unique().map(list).to_dict() == {
        "sliced_wasserstein": [pytest.approx(FACTOR * 0.2)],
        "modes": [MODES * 8],
    }
    assert kept["hyperparameters"].nunique() == SETTINGS


def test_both_sides_are_judged_by_the_bounds_of_the_baseline(sweep: Callable) -> None:
    before, after = sweep(np.full(SETTINGS, 0.2)), sweep(np.full(SETTINGS, 0.7), seed=1)
    worse = survival(compare(before, after))  # 0.7 is within three times the candidate's own best
    assert worse.verdict == "regression"
    assert (worse.numbers["before"], worse.numbers["after"], worse.numbers["change"]) == (1, 0, -1)
    assert worse.numbers["p_value"] == pytest.approx(0.5**SETTINGS)
    assert f"{SETTINGS} of {SETTINGS} settings survived, 0 now: -100%" in worse.text
    assert survival(compare(after, before)).verdict == "fine"


@pytest.mark.parametrize(("lost", "verdict"), [(6, "fine"), (7, "regression")])
def test_settings_are_paired(sweep: Callable, lost: int, verdict: str) -> None:
    """Half survive, and some of them no longer: 0.5^6 = 0.016 is above the tier's 0.01, 0.5^7 below."""
    before = np.where(np.arange(SETTINGS) < SETTINGS // 2, 0.2, np.nan)
    after = np.where(np.arange(SETTINGS) < lost, np.nan, before)
    found = survival(compare(sweep(before), sweep(after, seed=1)))
    assert (found.verdict, found.numbers["p_value"]) == (verdict, pytest.approx(0.5**lost))
    half = SETTINGS // 2
    assert p_fewer_survive((half, SETTINGS), (half - lost, SETTINGS)) > 0.05  # unpaired, neither is evidence


def test_fewer_modes_are_no_survival(sweep: Callable) -> None:
    same = np.full(SETTINGS, 0.2)
    assert survival(compare(sweep(same), sweep(same, modes=3, seed=1))).verdict == "regression"
    assert survival(compare(sweep(same), sweep(same, modes=4, seed=1))).verdict == "fine"


def test_bounds_outlive_a_change_of_the_reports_rule(
    sweep: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(sweep(np.full(SETTINGS, 0.2)), tmp_path / "b.parquet")
    monkeypatch.setattr("gan_bench.reports.statistics.stability.FACTOR", 100.0)
    found = survival(compare(load(tmp_path / "b.parquet"), sweep(np.full(SETTINGS, 0.7), seed=1)))
    assert found.verdict == "regression"


def test_every_seed_of_a_setting_is_a_pair(sweep: Callable) -> None:
    def twice(lost: int, seed: int) -> pd.DataFrame:
        frames = []
        for number in (seed, seed + 1):
            values = np.full(SETTINGS, 0.2)
            values[:lost] = np.nan
            frame = sweep(values, seed=number)
            frames.append(frame.assign(trial=frame["trial"] + f"-{number}"))
        frame = pd.concat(frames, ignore_index=True)
        return frame[~(frame["what"] == "bound") | ~frame.duplicated(["what", "hyperparameters", "name"])]

    found = survival(compare(twice(0, 0), twice(4, 2)))
    assert (found.verdict, found.numbers["p_value"]) == ("regression", pytest.approx(0.5**8))
    assert f"{2 * SETTINGS} of {2 * SETTINGS} runs of {SETTINGS} settings survived" in found.text


def test_numbers_of_seeds_must_agree(sweep: Callable) -> None:
    before = sweep(np.full(SETTINGS, 0.2))
    again = before[before["what"] != "bound"].assign(seed=1.0, trial=before["trial"] + "again")
    found = survival(compare(before, uniform(pd.concat([before, again], ignore_index=True))))
    assert found.verdict == "incomparable"
    assert "seeds per setting differ: 1 before, 2 now" in found.text


def test_a_distance_measured_otherwise_is_not_comparable(sweep: Callable) -> None:
    same = np.full(SETTINGS, 0.2)
    found = compare(sweep(same), sweep(same, seed=1).assign(version=2.0))
    assert survival(found).verdict == "incomparable"
    assert "sliced_wasserstein: its version differs" in survival(found).text


def test_a_distance_that_is_not_measured_is_missing_and_not_lost(sweep: Callable) -> None:
    same = np.full(SETTINGS, 0.2)
    after = sweep(same, seed=1)
    found = compare(sweep(same), after[after["name"] != "sliced_wasserstein"])
    assert survival(found).verdict == "missing"


def test_a_setting_that_was_lost_before_may_be_gained(sweep: Callable) -> None:
    lost = np.full(SETTINGS, 0.2)
    lost[:9] = np.nan
    before = sweep(lost)
    before = before[~((before["what"] == "score") & before["value"].isna())]
    found = survival(compare(before, sweep(np.full(SETTINGS, 0.2), seed=1)))
    assert (found.verdict, found.numbers["change"]) == ("fine", 9 / SETTINGS)


def test_few_settings_are_no_sweep(make: Make) -> None:
    assert not list(bound_rows(make()))
