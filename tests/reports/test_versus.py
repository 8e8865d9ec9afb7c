"""Two reports on one page."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from gan_bench.reports import versus
from gan_bench.reports.frames import tidy
from tests.reports.html_pages import Page, said

FEW = {"gan": 2014, "wgan": 2017}


def side(make, name, folder=None, **options):
    options = {"variants": FEW, "kind": "planar", "dataset": "ring", "lost": False, "ema": False} | options
    results = make(folder, **options)
    results.scores = results.scores[results.scores["metric"] == "modes"]
    return versus.Side(name, tidy(results.trials, results.scores, metrics=results.metrics))


def test_every_shared_entry_has_both_scores_the_change_and_its_p_value(make, tmp_path):
    before, after = side(make, "before", seeds=8), side(make, "after", seeds=8)
    worse = after.frames.scores["variant"] == "wgan"
    after.frames.scores.loc[worse, "value"] -= 5.0
    page = versus.write(before, after, tmp_path)
    text = said(Page(page.read_text(encoding="utf-8")))
    wanted = "when == 'final' and variant == 'wgan'"
    finals = [one.frames.finals.query(wanted)["value"] for one in (before, after)]
    expected = min(1, 2 * stats.mannwhitneyu(*finals).pvalue)
    assert f"{expected:.2g}" in text
    assert "1 entry worse in the second" in text
    assert "0 entries better in the second" in text
    assert "wgan" in text
    assert "0.00 (0.00 to 0.00)" in text  # no seed of the second beats one of the first
    (numbers,) = (tmp_path / "plots").glob("*versus*.csv")
    assert pd.read_csv(numbers).groupby(["label", "side"]).size().tolist() == [8, 8, 8, 8]


def test_lost_seeds_count_as_worst(make, tmp_path):
    before, after = side(make, "before", seeds=8), side(make, "after", seeds=8)
    lost = after.frames.trials["variant"] == "gan"
    after.frames.trials.loc[lost, "status"] = "diverged"
    after.frames.scores.loc[after.frames.scores["variant"] == "gan", "status"] = "diverged"
    text = said(Page(versus.write(before, after, tmp_path).read_text(encoding="utf-8")))
    assert "1 entry worse in the second" in text
    assert "(0 of 8)" in text or "–" in text


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_spread_is_explained_where_one_is_shown(seeds, make, tmp_path):
    sides = [side(make, name, seeds=seeds) for name in ("before", "after")]
    text = said(Page(versus.write(*sides, tmp_path).read_text(encoding="utf-8")))
    assert ("standard deviation over the finished seeds" in text) == (seeds > 1)


def test_scores_without_a_better_direction_are_not_compared(make, tmp_path):
    sides = [side(make, name, seeds=2) for name in ("before", "after")]
    for one in sides:
        one.frames.scores["direction"] = ""
    text = said(Page(versus.write(*sides, tmp_path).read_text(encoding="utf-8")))
    assert "Not compared: before has another version of" in text


def test_what_one_side_lacks_and_what_differs_is_listed(make, tmp_path):
    before = side(make, "before", seeds=2)
    after = side(make, "after", seeds=2, variants={"gan": 2014})
    after.frames.trials["machine"] = "another machine"
    text = said(Page(versus.write(before, after, tmp_path).read_text(encoding="utf-8")))
    assert "after has no wgan" in text
    assert "another machine" in text


def test_reports_with_nothing_in_common_are_refused(make, tmp_path):
    with pytest.raises(ValueError, match=r"nothing to compare: one has .*ring.*, and other has .*grid"):
        versus.write(side(make, "one", seeds=1), side(make, "other", seeds=1, dataset="grid"), tmp_path)
    assert not list(tmp_path.iterdir())
