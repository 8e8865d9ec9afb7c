from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gan_bench.reports.frames import ENTRY, curves, tidy
from gan_bench.reports.pages.headlines import _sure
from gan_bench.reports.pages.overview import _leader, _times, _together
from gan_bench.reports.rankings import best_entries, mean_ranks, seeds_in_order, tied_with_first
from gan_bench.reports.summary import TOO_FEW, leaderboard, metric_rows
from gan_bench.reports.tables import boards


def final_scores(results, variant, metric="fid_lenet28", when="final", weights="raw"):
    scores = results.scores
    chosen = scores[
        (scores["variant"] == variant) & (scores["metric"] == metric) & (scores["split"] == "test")
    ]
    return chosen[(chosen["when"] == when) & (chosen["weights"] == weights)]["value"]


def row(board, variant):
    return board[board["variant"] == variant].iloc[0]


def test_mean_and_std_are_over_finished_seeds_and_say_how_many(results):
    board = leaderboard(results.trials, results.scores)
    wgan = row(board, "wgan")
    values = final_scores(results, "wgan")
    assert len(values) == 3
    assert wgan["final_mean"] == pytest.approx(np.mean(values))
    assert wgan["final_std"] == pytest.approx(stats.tstd(values))  # ddof 1
    assert (wgan["finished"], wgan["seeds"], wgan["diverged"], wgan["failed"]) == (3, 5, 2, 0)
    assert row(board, "began")["failed"] == 1


@pytest.mark.parametrize(
    ("prefix", "when", "weights"),
    [
        ("final", "final", "raw"),
        ("best", "best", "raw"),
        ("final_ema", "final", "ema"),
        ("best_ema", "best", "ema"),
    ],
)
def test_final_best_and_ema_are_kept_apart(results, prefix, when, weights):
    board = leaderboard(results.trials, results.scores)
    expected = final_scores(results, "gan", when=when, weights=weights)
    assert len(expected) == 5
    assert row(board, "gan")[f"{prefix}_mean"] == pytest.approx(expected.mean())


def test_ranks_agree_with_scipy_where_lost_trials_share_the_last_place(results):
    board = leaderboard(results.trials, results.scores)
    values = {
        v: [*final_scores(results, v), *[np.inf] * (5 - len(final_scores(results, v)))]
        for v in board["variant"]
    }
    ranks = stats.rankdata(np.concatenate(list(values.values()))).reshape(-1, 5).mean(axis=1)
    expected = dict(zip(values, ranks, strict=True))
    assert board.set_index("variant")["mean_rank"].to_dict() == pytest.approx(expected)
    assert board["rank"].tolist() == list(range(1, 9))


def test_a_variant_that_always_diverges_is_ranked_last_and_stays_in_the_table(make):
    results = make(None, variants={"good": 2014, "bad": 2015})
    bad = results.trials["variant"] == "bad"
    results.trials.loc[bad, "status"] = "diverged"
    board = leaderboard(results.trials, results.scores)
    assert board["variant"].tolist() == ["good", "bad"]
    assert board["rank"].tolist() == [1, 2]
    assert np.isnan(row(board, "bad")["final_mean"])
    assert row(board, "bad")["finished"] == 0


def test_higher_is_better_turns_the_order_round(make):
    results = make(None, kind="planar", dataset="ring", lost=False)
    board = leaderboard(results.trials, results.scores)
    assert board["final_mean"].is_monotonic_decreasing


def test_fewer_than_five_seeds_get_no_rank(make, join):
    results = make(None, seeds=4, lost=False)
    board = leaderboard(results.trials, results.scores)
    assert board["rank"].isna().all()
    assert set(board["note"]) == {TOO_FEW}
    more = make(None, variants={"other": 2019}, lost=False)
    both = leaderboard(*(lambda r: (r.trials, r.scores))(join(results, more)))
    assert row(both, "other")["rank"] == 1
    assert both["rank"].notna().sum() == 1


def test_budgets_stand_ins_and_architectures_are_never_mixed(make, join):
    parts = [
        make(None, seeds=1, lost=False, architectures=("mlp", "dcgan")),
        make(None, seeds=1, lost=False, kimg=6.0),
        make(None, seeds=1, lost=False, dataset="digits", stand_in_for="mnist", suite="mnist"),
    ]
    results = join(*parts)
    board = leaderboard(results.trials, results.scores)
    assert len(board) == 4 * 8
    assert len(list(tidy(results.trials, results.scores).boards())) == 4


def test_settings_of_a_sweep_are_entries_of_their_own(make):
    results = make(None, variants={"gan": 2014}, settings=3, lost=False)
    board = leaderboard(results.trials, results.scores)
    assert sorted(board["setting"]) == ["lr=0.0001", "lr=0.0002", f"lr={3 * 1e-4!r}"]
    assert (board["seeds"] == 5).all()


def test_ties_are_broken_by_the_second_primary_metric(make):
    results = make(None, kind="planar", dataset="ring", variants={"low": 2014, "high": 2015}, lost=False)
    results.trials["primary"] = "modes,high_quality"
    modes = results.scores["metric"] == "modes"
    results.scores.loc[modes, "value"] = 8.0
    quality = results.scores["metric"] == "high_quality"
    results.scores.loc[quality, "value"] = np.where(
        results.scores.loc[quality, "variant"] == "high", 0.9, 0.1
    )
    board = leaderboard(results.trials, results.scores)
    assert board["variant"].tolist() == ["high", "low"]
    assert board["primary"].unique().tolist() == ["modes"]


def test_the_metric_that_breaks_ties_is_named(make):
    results = make(None, kind="planar", dataset="ring", lost=False)
    alone = leaderboard(results.trials, results.scores, results.metrics)
    assert "equal scores" not in " ".join(boards(alone)[0].notes)
    results.trials["primary"] = "modes,high_quality"
    (table,) = boards(leaderboard(results.trials, results.scores, results.metrics))
    assert any("seeds with equal scores by High-quality samples" in note for note in table.notes)


def test_validation_scores_stay_out_of_tables_and_curves(results):
    frames = tidy(results.trials, results.scores, results.history)
    assert set(frames.finals["split"]) == {"test"}
    assert set(curves(frames)["split"]) == {"test"}


def test_a_curve_without_a_row_for_the_end_is_read_at_its_last_point(results):
    expected = leaderboard(results.trials, results.scores)
    renamed = results.scores.copy()
    renamed.loc[renamed["when"] == "final", "when"] = "curve"
    pd.testing.assert_frame_equal(leaderboard(results.trials, renamed), expected)


def test_undefined_scores_are_no_numbers_and_give_their_reason(results):
    kid = results.scores["metric"] == "kid_lenet28"
    results.scores.loc[kid, ["value", "reason"]] = [None, "no extractor for this dataset"]
    rows = metric_rows(tidy(results.trials, results.scores))
    kid_rows = rows[rows["metric"] == "kid_lenet28"]
    assert len(kid_rows) == 16  # raw and EMA
    assert kid_rows["mean"].isna().all()
    assert kid_rows["mean_rank"].isna().all()
    assert set(kid_rows["reason"]) == {"no extractor for this dataset"}


def test_versions_of_a_metric_are_never_averaged(results):
    results.scores.loc[results.scores["seed"] == 0, "version"] = 2
    rows = metric_rows(tidy(results.trials, results.scores))
    assert {"fid_lenet28 v1", "fid_lenet28 v2"} <= set(rows["metric"])


def test_without_scores_nothing_is_ranked(results):
    board = leaderboard(results.trials, results.scores.iloc[:0])
    assert len(board) == 8
    assert board["rank"].isna().all()
    assert leaderboard(results.trials.iloc[:0], results.scores.iloc[:0]).empty


@pytest.mark.parametrize("name", ["trials", "scores", "history"])
def test_a_missing_and_an_unknown_column_are_named(results, name):
    whole = vars(results)
    for frame, problem in (
        (whole[name].drop(columns="trial"), "lacks trial"),
        (whole[name].assign(extra=1), "has unknown extra"),
    ):
        with pytest.raises(ValueError, match=f"the {name} frame {problem}"):
            tidy(**{**whole, name: frame})


def test_mean_ranks_without_a_direction():
    trials = pd.DataFrame({"trial": ["a"], "variant": ["gan"], "profile": [""], "setting": [""]})
    assert mean_ranks(trials[["trial", *ENTRY]], [None]).isna().all()


def test_time_of_all_trials_counts_a_pack_once(make):
    """A pack's seconds are in the record of each of its trials."""
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=5, lost=False)
    trials = results.trials.assign(train_seconds=160.0, compile_seconds=7.0, eval_seconds=3.0, pack_size=5)
    trials["pack"] = trials["variant"]
    told = _times(tidy(trials, results.scores))
    assert told[:3] == ["training 5.3 min", "compiling 14 s", "evaluation 30 s"]  # 2 packs, 10 evaluations
    assert told[3] == "sum over all workers in 2 packs of up to 5 trials"
    assert (
        _times(tidy(trials.assign(pack=trials["trial"]), results.scores))[0] == "training 26.7 min"
    )  # each trial a pack


def test_a_trial_of_two_suites_counts_once(make, join):
    both = join(make(None, seeds=2, suite="one"), make(None, seeds=2, suite="two"))
    alone = make(None, seeds=2, suite="one")
    assert _times(tidy(both.trials, both.scores)) == _times(tidy(alone.trials, alone.scores))


def test_budgets_that_were_rounded_up_state_what_was_trained(make):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=2, kimg=1.0)
    results.trials["images"] = results.trials["variant"].map({"gan": 1024, "wgan": 1280})
    rows = leaderboard(results.trials, results.scores)
    (table,) = boards(rows)
    assert "1 kimg (1.024 to 1.28 trained)" in table.title
    place = [column.title for column in table.columns].index("Trained (kimg)")
    assert {line[0] if line[0] in ("gan", "wgan") else line[1]: line[place] for line in table.cells} == {
        "gan": "1.024",
        "wgan": "1.28",
    }
    assert (
        "The budget of 1 kimg is rounded up to whole iterations: training used 1.024 to 1.28 kimg."
        in table.notes
    )
    exact = make(None, variants={"gan": 2014}, seeds=2, kimg=1.0)
    (table,) = boards(leaderboard(exact.trials, exact.scores))
    assert "trained" not in table.title
    assert "Trained (kimg)" not in [column.title for column in table.columns]


def test_seeds_of_a_variant_are_in_the_order_of_their_scores_without_lost_ones(make):
    results = make(None, kind="planar", dataset="ring", seeds=5)
    frames = tidy(results.trials, results.scores)
    ((_, board),) = frames.boards()
    for variant, seeds in (("gan", 5), ("wgan", 3)):  # of wgan two seeds diverged
        finals = board.finals.query("metric == 'modes' and when == 'final' and weights == 'raw'")
        own = finals[finals["variant"] == variant].sort_values("value", ascending=False)
        order = seeds_in_order(board, variant)
        assert len(order) == seeds
        assert order == list(own["trial"])
    assert seeds_in_order(board, "none") == []


def test_a_metric_of_some_games_is_ranked_among_those_that_have_it(make):
    """A finished entry without a row is no loser: its game lacks the ability that the metric asks for."""
    results = make(None, variants={"gan": 2014, "acgan": 2016, "cgan": 2014}, lost=False, ema=False)
    lacking = (results.scores["metric"] == "kid_lenet28") & (results.scores["variant"] == "gan")
    frames = tidy(results.trials, results.scores[~lacking])
    rows = metric_rows(frames).query("metric == 'kid_lenet28' and when == 'final'").set_index("variant")
    both = [final_scores(results, name, "kid_lenet28") for name in ("acgan", "cgan")]
    expected = stats.rankdata(np.concatenate(both)).reshape(2, 5).mean(1)
    assert rows.loc[["acgan", "cgan"], "mean_rank"].tolist() == pytest.approx(expected)
    assert np.isnan(rows.loc["gan", "mean_rank"])
    assert not rows.loc["gan", "best"]
    alone = frames.scores.query("metric == 'kid_lenet28' and variant == 'cgan' and when == 'final'")
    assert best_entries(frames.trials, alone, "min") == (frozenset(), True)  # without a competitor


def test_an_entry_without_a_score_is_never_best(make):
    results = make(None, variants={"gan": 2014, "lsgan": 2016}, lost=False, ema=False)
    results.trials.loc[results.trials["seed"] > 0, "status"] = "diverged"  # but one seed of either
    results.trials.loc[results.trials["variant"] == "lsgan", "status"] = "diverged"
    frames = tidy(results.trials, results.scores)
    scores = frames.finals.query("metric == 'fid_lenet28' and when == 'final' and weights == 'raw'")
    assert best_entries(frames.trials, scores, "min") == (frozenset({"gan"}), True)


def test_what_was_not_tested_is_not_called_a_lead(make):
    results = make(None, lost=False)
    rows = leaderboard(results.trials, results.scores)
    tied, compared = tied_with_first(rows)
    assert (0 < tied < compared, compared) == (True, len(rows) - 1)
    assert _sure(rows).value == f"{tied} of {compared}"
    untested = rows.assign(tied="")  # as with more than 40 entries
    assert tied_with_first(untested) is None
    assert "not tested" in _sure(untested).says
    assert _leader(untested) == f"{rows['label'].iloc[0]} (differences not tested)"
    (table,) = boards(untested)
    assert not table.bold


def test_a_single_entry_has_no_bold_score(make):
    results = make(None, variants={"gan": 2014}, lost=False)
    (table,) = boards(leaderboard(results.trials, results.scores))
    assert not table.bold


def test_versions_of_software_are_listed_once():
    texts = ["torch 2.1, numpy 2.0, revision abc", "POT 0.9, torch 2.1, numpy 2.0, revision def"]
    assert _together(texts) == ["torch 2.1, numpy 2.0, revision abc or def, POT 0.9 (some trials)"]
    assert _together([]) == []
