"""Rankings at equal seconds or FLOP, on scores whose costs are written down here."""

from __future__ import annotations

import numpy as np
import pytest

from gan_bench.bench.planning.options import EQUAL
from gan_bench.bench.results.rows import best_rows
from gan_bench.reports import equal, tables
from gan_bench.reports.equal import within
from gan_bench.reports.frames import tidy
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
    assert (rows["best_mean"] == rows["final_mean"]).all()  # scores get better with every point here
    assert set(rows["limit"]) == {"at 10 seconds of training"}


def test_the_best_point_is_that_of_validation_within_the_limit(results):
    """Of gan's four points validation prefers the second; of wgan's first two the first, of all the last."""
    trials, scores = speeds(*results, {"gan": 10.0, "wgan": 20.0})
    primary = trials["primary"].iloc[0]
    place = (scores["kimg"] / scores["kimg"].max() * 4).round()
    validation = (scores["metric"] == primary) & (scores["split"] == "validation")
    for variant, values in (
        ("gan", {1: 5.0, 2: 1.0, 3: 2.0, 4: 3.0}),
        ("wgan", {1: 1.0, 2: 2.0, 3: 9.0, 4: 0.5}),
    ):
        mine = validation & (scores["variant"] == variant)
        scores.loc[mine, "value"] = place[mine].map(values)
    rows = leaderboard(trials, scores, equal="seconds").set_index("variant")
    tested = scores[(scores["metric"] == primary) & (scores["split"] == "test") & (scores["when"] == "curve")]
    points = tested.groupby(["variant", "kimg"])["value"].mean()
    assert rows.at["gan", "best_mean"] == pytest.approx(points["gan"].iloc[1])
    assert rows.at["wgan", "best_mean"] == pytest.approx(points["wgan"].iloc[0])
    assert rows.at["wgan", "final_mean"] == pytest.approx(points["wgan"].iloc[1])
    assert (rows["best_count"] == SEEDS).all()


def test_the_choice_is_that_of_the_recorder(results):
    """Within a limit that holds every point, the best point is the one that records name."""
    trials, scores = speeds(*results, {"gan": 10.0, "wgan": 10.0})
    board = next(iter(tidy(trials, scores, equal="seconds").boards()))[1]
    found = within(board.scores, board.trials, equal.Limit("seconds", 1e9))
    for trial, rows in scores.groupby("trial"):
        plain = rows.assign(value=rows["value"].astype(float)).to_dict("records")
        expected = {row["metric"]: row["value"] for row in best_rows(plain, (trials["primary"].iloc[0],))}
        best = found[(found["trial"] == trial) & (found["when"] == "best")]
        assert dict(zip(best["metric"], best["value"], strict=True)) == expected


def test_without_validation_scores_there_is_no_best_point(results):
    trials, scores = speeds(*results, {"gan": 10.0, "wgan": 25.0})
    rows = leaderboard(trials, scores[scores["split"] == "test"], equal="seconds")
    assert rows["final_count"].any()
    assert not rows["best_count"].any()


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
