from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.cbook import STEP_LOOKUP_MAP
from scipy import stats

from gan_bench.reports import plots, site
from gan_bench.reports.evidence import across, evidence, evidence_tables
from gan_bench.reports.frames import BOARD, tidy
from gan_bench.reports.statistics import TOO_FEW
from gan_bench.reports.summary import board_rows
from gan_bench.reports.tables import boards
from tests.reports.synthetic import board_of


@pytest.fixture
def frames(results):
    return tidy(results.trials, results.scores, results.history)


def finals(frames, variant):
    scores = frames.scores
    final = (scores["metric"] == "fid_lenet28") & (scores["when"] == "final") & (scores["weights"] == "raw")
    mine = final & (scores["variant"] == variant) & (scores["split"] == "test")
    return scores[mine & (scores["status"] == "finished")]["value"].to_numpy()


def test_rows_say_what_scipy_says_and_count_lost_seeds_as_worst(frames):
    rows = evidence(frames).entries.set_index("variant")
    wgan = finals(frames, "wgan")
    assert len(wgan) == 3
    assert rows.loc["wgan", "sem"] == pytest.approx(stats.sem(wgan))
    assert (rows.loc["wgan", "count"], rows.loc["wgan", "seeds"]) == (3, 5)
    everyone = [*np.sort(wgan), np.inf, np.inf]
    assert rows.loc["wgan", "iqm"] == np.inf == stats.trim_mean(everyone, 0.25)
    gan = finals(frames, "gan")
    assert rows.loc["gan", "iqm"] == pytest.approx(stats.trim_mean(gan, 0.25))
    assert rows.loc["gan", "iqm_low"] < rows.loc["gan", "iqm"] < rows.loc["gan", "iqm_high"]


def test_the_worst_variant_is_told_apart_from_the_first_and_the_second_is_not(frames):
    rows = evidence(frames).entries
    board = board_rows(frames)
    assert rows["variant"].tolist() == board["variant"].tolist()
    assert rows["mean_rank"].tolist() == pytest.approx(board["mean_rank"].tolist())
    assert not rows["apart"].iloc[1]
    assert rows["apart"].iloc[-1]
    critical = rows["critical"].iloc[-1]
    assert critical == pytest.approx(
        3.031 * np.sqrt(40 * 41 / 12 * 2 / 5), rel=2e-3
    )  # three share the last rank


def test_pairs_are_mann_whitneys(frames):
    pairs = evidence(frames).pairs.set_index(["better", "worse"])
    one, other = finals(frames, "gan"), finals(frames, "nsgan")
    expected = stats.mannwhitneyu(other, one).statistic / 25
    assert pairs.loc[("gan", "nsgan"), "probability"] == pytest.approx(expected)
    assert len(pairs) == 8 * 7


def test_few_seeds_are_described_and_not_compared(make):
    results = make(None, seeds=4, lost=False)
    found = evidence(tidy(results.trials, results.scores))
    assert set(found.entries["note"]) == {TOO_FEW}
    assert found.entries["mean_rank"].isna().all()
    assert not found.entries["apart"].any()
    assert found.entries["iqm"].notna().all()
    assert found.pairs.empty
    (table,) = next(iter(evidence_tables(found).values()))
    assert {line[-1] for line in table.cells} == {TOO_FEW}
    assert found.entries["median"].is_monotonic_increasing  # of FID, the best first
    assert any(note.startswith("Too few seeds to rank") for note in table.notes)


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_order_is_the_leaderboards_whatever_the_number_of_seeds(make, seeds):
    results = make(None, seeds=seeds, lost=False)
    chosen = (results.scores["variant"] == "gan") & (results.scores["seed"] > 0)
    results.scores.loc[chosen, "value"] *= 3  # one seed the best of all, the others behind
    few = results.trials[(results.trials["variant"] != "nsgan") | (results.trials["seed"] < 2)]
    frames = tidy(few, results.scores[results.scores["trial"].isin(few["trial"])])
    found = evidence(frames)
    rows = board_rows(frames)
    assert found.entries["label"].tolist() == rows["label"].tolist()
    statistics, *_ = next(iter(evidence_tables(found).values()))
    verdicts = {line[0]: line[-1] for line in statistics.cells}
    if seeds < 5:
        assert set(verdicts.values()) == {TOO_FEW}
        return
    first = next(label for label in rows["label"] if label != "nsgan")
    assert [label for label, verdict in verdicts.items() if verdict == "–"] == [first]
    assert verdicts["nsgan"] == TOO_FEW


def test_tables_show_every_entry_and_say_lost(frames):
    statistics, matrix = evidence_tables(evidence(frames))[tuple(next(frames.boards())[0][n] for n in BOARD)]
    lines = {line[0]: line for line in statistics.cells}
    assert len(lines) == 8
    assert lines["wgan"][1] == "3 of 5"
    assert lines["wgan"][5] == "lost"
    assert len(matrix.cells) == 8
    assert [line[i + 1] for i, line in enumerate(matrix.cells)] == ["–"] * 8
    keys = {len(line) for line in [*statistics.keys, *matrix.keys]}
    assert keys == {9}


def test_higher_is_better_keeps_its_sign(make):
    results = make(None, kind="planar", dataset="ring", lost=False)
    rows = evidence(tidy(results.trials, results.scores)).entries
    assert (rows["iqm"] > 0).all()
    assert rows["iqm"].is_monotonic_decreasing
    assert (rows["iqm_low"] <= rows["iqm"]).all()


def test_without_scores_there_is_no_evidence(results):
    found = evidence(tidy(results.trials, results.scores.iloc[:0]))
    assert found.entries.empty
    assert evidence_tables(found) == {}


@pytest.mark.parametrize(("kind", "metric"), [("images", "fid_lenet28"), ("planar", "modes")])
def test_a_profile_ends_at_the_share_of_seeds_that_finished(make, kind, metric):
    results = make(None, kind=kind)
    with plots.rc():
        (plot,) = plots.profiles(board_of(results))
    ends = plot.data.groupby("label")["share"].max()
    assert ends["wgan"] == 0.6
    assert ends["began"] == 0.8
    assert ends["gan"] == 1.0
    assert metric in plot.name.replace("-", "_")
    assert "wgan reaches 60%" in plot.alt


@pytest.mark.parametrize(("kind", "sign"), [("images", 1), ("planar", -1)])
def test_a_profile_is_drawn_as_the_share_of_seeds_at_least_as_good(make, monkeypatch, kind, sign):
    board = board_of(make(None, kind=kind, lost=False))
    drawn = []
    module = importlib.import_module("gan_bench.reports.plots.profiles")
    monkeypatch.setattr(module, "finish", lambda figure, **_: drawn.append(figure))
    with plots.rc():
        list(plots.profiles(board))
    (axes,) = drawn[0].axes
    scores = board.frames.finals.query("metric == @board.primary and when == 'final' and weights == 'raw'")
    for label, line in zip(board.shown, axes.lines, strict=True):
        x, y = STEP_LOOKUP_MAP[line.get_drawstyle()](*line.get_data())
        costs = sign * scores[scores["label"] == label]["value"].to_numpy()
        between = (x[:-1] + x[1:])[x[:-1] != x[1:]] / 2
        shown = y[:-1][x[:-1] != x[1:]]
        assert shown == pytest.approx([(costs <= sign * at).mean() for at in between])


def test_the_page_and_its_files_hold_the_evidence(make, draw_only, tmp_path):
    draw_only()
    results = make(None, variants={"gan": 2014, "lsgan": 2016}, lost=False, points=2, ema=False)
    scores = results.scores[results.scores["metric"] == "fid_lenet28"]
    site.write(tidy(results.trials, scores, results.history[:0]), tmp_path, title="t", command="c")
    page = next(tmp_path.glob("board--*.html")).read_text()
    assert "Statistical evidence" in page
    assert "probability of improvement" in page
    assert len(pd.read_csv(tmp_path / "tables" / "improvement.csv")) == 2
    assert pd.read_csv(tmp_path / "tables" / "evidence.csv")["iqm"].notna().all()


def test_boards_are_the_blocks_of_the_order_across_datasets(make, join):
    names = dict.fromkeys(["a", "b", "c"], 2014)
    boards = [make(None, variants=names, lost=False, dataset=f"d{i}", suite="s", ema=False) for i in range(4)]
    found = evidence(tidy(*(lambda r: (r.trials, r.scores))(join(*boards))))
    table = across(found)
    assert [line[:2] for line in table.cells] == [["a", "1.00"], ["b", "2.00"], ["c", "3.00"]]
    expected = stats.friedmanchisquare([1] * 4, [2] * 4, [3] * 4).pvalue
    assert f"p = {expected:.2g}" in table.notes[1]
    assert "mean ranks: 1.66" in table.notes[1]  # 2.343 sqrt(3 * 4 / (6 * 4))
    assert [line[2] for line in table.cells] == ["–", "not significant", "significant"]
    assert "no difference" not in table.notes[1]
    two = across(evidence(tidy(*(lambda r: (r.trials, r.scores))(join(*boards[:2])))))
    assert two.notes[1].endswith("With so few leaderboards no difference reaches it.")  # 2.34 of at most 2
    assert across(evidence(tidy(boards[0].trials, boards[0].scores))) is None


def test_a_leaderboard_marks_ties_as_the_evidence_tells_entries_apart(frames):
    """Equal mean ranks and statistical ties, by the one test that the evidence states."""
    rows, found = board_rows(frames), evidence(frames).entries
    first, apart = rows["tied"].iloc[0], dict(zip(found["label"], found["apart"], strict=True))
    alike = {
        label: bool(set(signs) & set(first)) for label, signs in zip(rows["label"], rows["tied"], strict=True)
    }
    assert {label: not other for label, other in apart.items()} == alike
    assert not all(alike.values())
    equal = frames.scores.copy()  # lsgan's scores are those of nsgan
    mine, theirs = (
        equal[equal["variant"] == name].sort_values(["seed", "metric", "when", "weights", "measured_at"])
        for name in ("lsgan", "nsgan")
    )
    equal.loc[mine.index, "value"] = theirs["value"].to_numpy()
    rows = board_rows(replace(frames, scores=equal))
    (table,) = boards(rows)
    ranks = {line[2]: line[0] for line in table.cells}
    assert ranks["lsgan"] == ranks["nsgan"] == f"{int(rows.set_index('label').loc['lsgan', 'rank'])}="
    assert sum(rank.endswith("=") for rank in ranks.values()) == 2
    assert any("1=: several entries have the same mean rank" in note for note in table.notes)
    assert any(note.startswith("Tied: the mean ranks of entries that share a letter") for note in table.notes)


def test_neighbouring_tables_answer_one_question_each(frames):
    """A pair's own interval beside a test over all pairs read as a contradiction."""
    statistics, matrix = evidence_tables(evidence(frames))[tuple(next(frames.boards())[0][n] for n in BOARD)]
    assert "significance" in statistics.title
    assert "probability of improvement" in matrix.title
    assert not any("*" in cell for line in matrix.cells for cell in line)
    assert "significance" in statistics.notes[0]
    assert "measures the size of a difference" in matrix.notes[0]
