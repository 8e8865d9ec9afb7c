"""Rankings at equal seconds or FLOP, on scores whose costs are written down here."""

from __future__ import annotations

import numpy as np
import pytest

from gan_bench.bench.planning.options import EQUAL
from gan_bench.reports import equal, tables
from gan_bench.reports.summary import leaderboard

SEEDS = 5


def speeds(trials, scores, seconds, pack_size=1):
    """Give every variant its seconds of training, spent evenly over the points."""
    trials = trials.assign(train_seconds=trials["variant"].map(seconds) * pack_size, pack_size=pack_size)
    share = scores["kimg"] / scores["kimg"].max()
    return trials, scores.assign(seconds=scores["variant"].map(seconds) * pack_size * share)


@pytest.fixture
def results(make):
    found = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=SEEDS, lost=False, ema=False)
    curve = found.scores.copy()
    # The last point is one of the curve, too, as the recorder writes it.
    ends = curve[(curve["when"] == "final") & curve["metric"].eq("fid_lenet28")].assign(when="curve")
    return found.trials, curve.merge(ends, how="outer")


def test_the_options_are_those_of_the_reports():
    assert tuple(equal.COSTS) == EQUAL


@pytest.mark.parametrize("pack_size", [1, 5])
def test_slower_entries_are_read_where_the_fastest_ends(results, pack_size):
    """Gan needs 10 s, wgan 25 s for four points: 10 s are wgan's first point (6.25 s), not its second."""
    trials, scores = speeds(*results, {"gan": 10.0, "wgan": 25.0}, pack_size)
    primary = trials["primary"].iloc[0]
    rows = leaderboard(trials, scores, equal="seconds").set_index("variant")
    curve = scores[(scores["metric"] == primary) & (scores["split"] == "test") & (scores["when"] == "curve")]
    points = curve.groupby(["variant", "kimg"])["value"].mean()
    assert rows.at["gan", "final_mean"] == pytest.approx(points["gan"].iloc[-1])
    assert rows.at["wgan", "final_mean"] == pytest.approx(points["wgan"].iloc[0])
    assert not rows["best_count"].any()
    assert set(rows["limit"]) == {"at 10 seconds of training"}


def test_at_equal_flop_the_flop_count(results):
    trials, scores = results
    scale = {"gan": 2.0, "wgan": 1.0}
    trials = trials.assign(flop=trials["flop"] * trials["variant"].map(scale))
    scores = scores.assign(flop=scores["flop"] * scores["variant"].map(scale))
    rows = leaderboard(trials, scores, equal="flop").set_index("variant")
    primary = trials["primary"].iloc[0]
    curve = scores[(scores["metric"] == primary) & (scores["split"] == "test") & (scores["when"] == "curve")]
    points = curve.groupby(["variant", "kimg"])["value"].mean()
    assert rows.at["gan", "final_mean"] == pytest.approx(points["gan"].iloc[1])
    assert rows.at["wgan", "final_mean"] == pytest.approx(points["wgan"].iloc[-1])


def test_trials_without_a_point_in_time_have_no_score(results):
    trials, scores = speeds(*results, {"gan": 1.0, "wgan": 25.0})
    rows = leaderboard(trials, scores, equal="seconds").set_index("variant")
    assert rows.at["wgan", "final_count"] == 0
    assert np.isnan(rows.at["wgan", "final_mean"])
    assert rows.at["gan", "mean_rank"] < rows.at["wgan", "mean_rank"]


def test_the_table_states_the_protocol(results):
    trials, scores = speeds(*results, {"gan": 10.0, "wgan": 25.0})
    (table,) = tables.boards(leaderboard(trials, scores, equal="seconds"))
    assert "at 10 seconds of training" in table.subtitle
    assert any("the last evaluation point within it" in note for note in table.notes)
    (usual,) = tables.boards(leaderboard(trials, scores))
    assert "seconds of training" not in " ".join([usual.subtitle, *usual.notes])
