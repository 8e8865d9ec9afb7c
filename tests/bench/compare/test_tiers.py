from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare import compare, parse_fail_on, parse_tolerances
from gan_bench.bench.compare.findings import TIERS
from gan_bench.bench.compare.gate import FAIL_ON, Comparison
from gan_bench.bench.compare.show import NOTHING, show

Make = Callable[..., pd.DataFrame]


def verdicts(found: Comparison) -> list[tuple[str, str]]:
    """Return the findings, except tests without a regression."""
    return [(finding.tier, finding.verdict) for finding in found.findings if finding.verdict != "fine"]


def said(found: Comparison, verdict: str) -> str:
    """The only text of this verdict."""
    (text,) = (finding.text for finding in found.findings if finding.verdict == verdict)
    return text


def cell(frame: pd.DataFrame, variant: str) -> pd.Series:
    return frame["variant"] == variant


def test_the_same_results_are_fine(make: Make) -> None:
    found = compare(make(), make())
    assert (verdicts(found), found.cells, found.exit_code()) == ([], 3, 0)
    assert found.outcome() == "fine"


def test_another_draw_of_the_same_is_fine_and_a_real_worsening_is_found(make: Make) -> None:
    assert compare(make(stream=1), make(stream=2)).exit_code() == 0
    found = compare(make(stream=1), make(stream=2, worse={1: 1.8}))
    assert verdicts(found) == [("quality", "regression")]
    (worse,) = found.of("regression")
    assert "v01" in worse.cell
    assert worse.numbers["change"] == pytest.approx(0.8, abs=0.2)
    assert found.exit_code() == 1


def test_an_improvement_is_no_regression(make: Make) -> None:
    assert compare(make(stream=1), make(stream=2, worse={1: 0.4})).exit_code() == 0


def test_a_worsening_within_the_tolerance_is_fine_however_certain(make: Make) -> None:
    before, after = make(spread=0.001), make(spread=0.001, stream=1, worse={0: 1.08})
    assert compare(before, after).exit_code() == 0
    strict = parse_tolerances(["fid=0.05,0.1"])
    assert compare(before, after, tolerances=strict).exit_code() == 1
    assert compare(before, after, tolerances=parse_tolerances(["fid=0.05,1"])).exit_code() == 0


def test_bounded_metrics_have_an_absolute_tolerance_of_their_range(make: Make) -> None:
    before, after = (
        make(spread=0.001, stream=s, worse=w, high=2000.0) for s, w in ((0, None), (1, {0: 2.0}))
    )
    assert compare(before, after).exit_code() == 0  # 10 units are less than 2 % of 2,000
    after = make(spread=0.001, stream=1, worse={0: 6.0}, high=2000.0)
    assert compare(before, after).exit_code() == 1


def test_only_ranking_metrics_are_judged_unless_others_are_named(make: Make) -> None:
    before, after = make(primary=False), make(primary=False, stream=1, worse={0: 3})
    assert compare(before, after).exit_code() == 0
    assert compare(before, after, ["fid"]).exit_code() == 1


def test_few_seeds_are_judged_by_the_suite_alone(make: Make) -> None:
    before = make(variants=8, seeds=5)
    one = compare(before, make(variants=8, seeds=5, stream=1, worse={3: 5.0}))
    assert verdicts(one) == [("quality", "note")]  # the cause, once
    assert "fid has 5 seeds before and 5 now, too few" in said(one, "note")
    assert len(one.of("note")[0].cells) == 8
    all_of_them = compare(before, make(variants=8, seeds=5, stream=1, worse=dict.fromkeys(range(8), 1.5)))
    assert verdicts(all_of_them) == [("quality", "note"), ("quality", "regression")]
    assert "8 cells with fewer than 8 seeds" in said(all_of_them, "regression")


def test_trials_without_a_score_count_as_worst(make: Make) -> None:
    after = make()
    lost = cell(after, "v00") & (after["what"] == "score") & (after["seed"] < 8)
    found = compare(make(), after[~lost])
    assert verdicts(found) == [("quality", "regression")]
    assert "lost now: +inf%" in said(found, "regression")
    assert "0 lost before, 8 now" in said(found, "regression")
    assert compare(after[~lost], after[~lost]).exit_code() == 0


def test_early_losses_must_be_the_same(make: Make) -> None:
    after = make()
    changed = cell(after, "v02") & (after["what"] == "loss") & (after["seed"] == 4)
    after.loc[changed, "value"] *= 1.001
    found = compare(make(), after)
    assert verdicts(found) == [("exact", "regression")]
    assert "differ in 1 of 10 seeds: critic_loss of seed 4 at iteration 30" in said(found, "regression")
    after.loc[changed, "value"] *= 1 + 1e-6 - 0.001
    assert compare(make(), make()).exit_code() == 0


def test_the_settings_of_a_sweep_share_one_line_of_early_losses(make: Make) -> None:
    before, after = (make(variants=1, seeds=20) for _ in range(2))
    for frame in (before, after):
        frame["hyperparameters"] = '{"lr": ' + frame["seed"].astype(int).astype(str) + "}"
    after.loc[after["what"] == "loss", "value"] += 1
    (finding,) = compare(before, after).of("regression")
    assert len(finding.cells) == 20
    assert finding.cell == "toy · ring · mlp · 96 kimg · v00 · (20 cells)"
    assert finding.text.endswith("(the first of 20 cells)")


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("versions", "versions differ: v1 before, other now"),
        ("torch", "torch differs: 2 before, other now"),
        ("processor", "processor differs: cpu before, other now"),
        ("pack", "seeds were packed differently"),
    ],
)
def test_losses_that_are_known_to_differ_are_said_once_to_be_left_out(
    make: Make, column: str, why: str
) -> None:
    after = make(**{column: "other"})
    after.loc[after["what"] == "loss", "value"] += 1
    found = compare(make(), after)
    assert verdicts(found) == [("exact", "note")]
    assert said(found, "note") == f"early losses not compared: {why}"
    assert len(found.of("note")[0].cells) == 3
    assert found.exit_code() == 0


def test_other_seeds_have_no_early_losses_to_compare(make: Make) -> None:
    after = make(stream=1)
    after["seed"] += 10
    found = compare(make(), after)
    assert said(found, "note") == "early losses not compared: no seed in common"
    assert found.exit_code() == 0


def test_a_newly_diverging_cell_is_a_regression(make: Make) -> None:
    after = make()
    after.loc[cell(after, "v01") & (after["seed"] == 3), "status"] = "diverged"
    found = compare(make(), after)
    assert verdicts(found) == [("stability", "regression")]
    assert "newly diverging: 1 of 10 seeds" in said(found, "regression")
    assert compare(after, after).exit_code() == 0
    assert compare(after, make()).exit_code() == 0


@pytest.mark.parametrize(("column", "value"), [("seed", 99.0), ("pack", "p2")])
def test_a_run_that_diverges_with_other_bits_may_be_chance(make: Make, column: str, value: object) -> None:
    def diverged(lost: int) -> pd.DataFrame:
        after = make()
        rows = cell(after, "v01") & (after["seed"] < lost)
        after.loc[rows, "status"] = "diverged"
        after.loc[rows if column == "seed" else after.index, column] = value
        return after

    assert compare(make(), diverged(1)).exit_code() == 0
    found = compare(make(), diverged(7))
    assert found.exit_code() == 1
    assert "10 of 10 runs survived, 3 of 10 now: -70% of the runs" in said(found, "regression")


@pytest.mark.parametrize("column", ["content", "device", "protocol"])
def test_unlike_cells_are_listed_as_not_comparable(make: Make, column: str) -> None:
    after = make(worse={0: 9.0})
    after.loc[cell(after, "v00"), column] = "another"
    found = compare(make(), after)
    assert verdicts(found) == [("pairing", "incomparable")]
    assert "another now" in said(found, "incomparable")
    assert (found.cells, found.exit_code()) == (2, 3)


@pytest.mark.parametrize(("column", "value"), [("version", 2.0), ("measured", "other")])
def test_a_metric_measured_otherwise_is_not_comparable(make: Make, column: str, value: object) -> None:
    after = make(worse={0: 9.0})
    after[column] = value
    found = compare(make(), after)
    assert verdicts(found) == [("quality", "incomparable")]
    assert len(found.of("incomparable")[0].cells) == 3
    assert found.exit_code() == 3


def test_missing_cells_and_metrics_are_listed_and_new_ones_noted(make: Make) -> None:
    frame = make()
    missing = compare(frame, frame[~cell(frame, "v01")])
    assert verdicts(missing) == [("pairing", "missing")]
    assert missing.exit_code() == 3
    new = compare(frame[~cell(frame, "v01")], frame)
    assert verdicts(new) == [("pairing", "note")]
    assert new.exit_code() == 0
    unmeasured = compare(frame, frame[frame["what"] != "score"])
    assert verdicts(unmeasured) == [("quality", "missing")]


def test_failed_trials_have_their_own_exit_status(make: Make) -> None:
    after = make()
    failed = cell(after, "v00") & (after["seed"] == 0)
    after.loc[failed, "status"] = "failed"
    found = compare(make(), after[~(failed & (after["what"] == "score"))])
    assert verdicts(found) == [("pairing", "failed")]
    assert found.exit_code() == 4
    assert found.exit_code(parse_fail_on("quality")) == 0
    assert found.outcome(parse_fail_on("quality")) == "failed trials, not in --fail-on"
    worse = make(worse={1: 3.0})
    worse.loc[failed, "status"] = "failed"
    assert compare(make(), worse).exit_code() == 1


def test_nothing_in_common_is_never_fine(make: Make) -> None:
    found = compare(make(), make(suite="another"))
    assert found.cells == 0
    assert found.exit_code(parse_fail_on("quality")) == 3


@pytest.mark.parametrize("kept", [["trial"], ["trial", "bound"], ["bound"], []])
def test_a_baseline_without_judgeable_rows_is_never_fine(make: Make, kept: list[str]) -> None:
    before = make()
    before = before[before["what"].isin(kept)]
    found = compare(before, make())
    assert found.exit_code() == 3
    assert show(found, "text", FAIL_ON).splitlines()[-1].endswith(NOTHING)
    # Who asks only that runs survive has an answer where runs are.
    assert compare(before, make()).exit_code(["stability"]) == (0 if "trial" in kept else 3)


def test_values_that_are_undefined_or_of_failed_trials_are_nothing_to_judge(make: Make) -> None:
    before, after = make(), make()
    scores = before["what"] == "score"
    undefined = before.assign(value=before["value"].mask(scores))[before["what"] != "loss"]
    assert compare(undefined, after).exit_code() == 3
    failed = before[before["what"] == "trial"].assign(status="failed")
    assert compare(failed, after).exit_code(["stability"]) == 3
    unranked = before[before["what"] != "loss"].assign(primary=False)
    assert compare(unranked, after).exit_code() == 3
    assert compare(unranked, after, ["fid"]).exit_code() == 0


def test_each_tier_that_is_asked_for_needs_something_to_judge(make: Make) -> None:
    found = compare(make(), make())
    assert {tier: found.exit_code([tier]) for tier in TIERS} == {
        "exact": 0, "quality": 0, "stability": 0, "speed": 3,
    }  # fmt: skip


def test_what_may_fail_a_build() -> None:
    assert parse_fail_on("") == FAIL_ON
    assert parse_fail_on("speed, exact") == ("speed", "exact")
    with pytest.raises(UsageError, match=r"unknown word 'qualty' in --fail-on; did you mean 'quality'\?"):
        parse_fail_on("qualty")


@pytest.mark.parametrize(
    "text", ["fid", "fid=1", "fid=a,b", "fid=-1,0", "fid=1,2,3", "fid=1e,2", "fid=0,1e999"]
)
def test_tolerances_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="expected METRIC=RELATIVE,ABSOLUTE"):
        parse_tolerances([text])


def test_the_whole_gate_rarely_raises_a_false_alarm_over_35_variants(make: Make) -> None:
    baseline = make(variants=35, stream=1)
    others = [make(variants=35, stream=s) for s in range(2, 6)]
    assert sum(compare(baseline, other).exit_code() != 0 for other in others) <= 1
    for other in others:
        other.loc[cell(other, "v07") & (other["what"] == "score"), "value"] *= 1.5
    assert np.mean([compare(baseline, other).exit_code() == 1 for other in others]) > 0.9
