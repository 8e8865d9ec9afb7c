"""The LaTeX table for a paper."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gan_bench.reports import paper_table, rankings
from gan_bench.reports.frames import tidy
from gan_bench.reports.latex import HEAD, latex
from gan_bench.reports.paper_table import paper_tables
from gan_bench.reports.summary import board_rows

FEW = {"gan": 2014, "lsgan": 2016, "wgan-gp": 2017}


def frames_of(make, **options):
    results = make(None, **{"variants": FEW, "kind": "planar", "dataset": "ring", "lost": False} | options)
    return tidy(results.trials, results.scores, metrics=results.metrics)


def source(frames, columns=()):
    return latex(paper_tables(frames, columns)).removeprefix(HEAD)


def rows_of(text):
    """Return the cells of every row by variant."""
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0]
    lines = [line.strip().removesuffix(r"\\").split(" & ") for line in body.strip().splitlines()]
    return {line[0].strip().removeprefix("{}"): [cell.strip() for cell in line[1:]] for line in lines}


def test_it_has_the_chosen_columns_and_rules_of_booktabs(make):
    frames = frames_of(make)
    text = source(frames, ["high_quality", "final", "finished", "rank"])
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 1
    assert r"\begin{tabular}{lrrrr}" in text
    head = text.split("\\toprule\n")[1].splitlines()[0].removesuffix(r"\\")
    assert [cell.strip() for cell in head.split("&")] == [
        "Variant", r"\shortstack[r]{High{-}quality \\ samples $\uparrow$}",
        r"\shortstack[r]{Modes \\ captured $\uparrow$}", "Finished", "Rank",
    ]  # fmt: skip
    board = board_rows(frames)
    rows = rows_of(text)
    assert list(rows) == [label.replace("-", "{-}") for label in board["label"]]
    assert [cells[2:] for cells in rows.values()] == [["5 of 5", str(rank)] for rank in board["rank"]]


def test_the_best_and_what_the_test_does_not_tell_from_it_are_bold(make):
    frames = frames_of(make)
    # Seeds of gan and lsgan are interleaved, wgan-gp's are worse than all: only the first two are tied.
    values = {"gan": [8, 6, 4, 2, 0.5], "lsgan": [7, 5, 3, 1, 0.4], "wgan-gp": [-1, -2, -3, -4, -5]}
    chosen = (frames.scores["metric"] == "sliced_wasserstein") & (frames.scores["when"] != "curve")
    for label, scores in values.items():
        own = chosen & (frames.scores["label"] == label)
        frames.scores.loc[own, "value"] = frames.scores.loc[own, "seed"].map(dict(enumerate(scores)))
    frames.scores.loc[chosen, "direction"] = "max"
    rows = rows_of(source(frames, ["sliced_wasserstein"]))
    assert {label: cells[0].startswith(r"\textbf{") for label, cells in rows.items()} == {
        "gan": True, "lsgan": True, "wgan{-}gp": False,
    }  # fmt: skip


def test_few_seeds_are_not_tested_and_the_caption_says_so(make):
    frames = frames_of(make, seeds=2)
    text = source(frames, ["modes"])
    rows = rows_of(text)
    means = frames.finals.query("metric == 'modes' and when == 'final' and weights == 'raw'")
    best = means.groupby("label")["value"].mean().idxmax().replace("-", "{-}")
    assert [label for label, cells in rows.items() if "textbf" in cells[0]] == [best]
    assert "differences were not tested" in text


def test_every_entry_with_the_best_mean_is_bold(make):
    frames = frames_of(make, seeds=2)
    frames.scores["value"] = 7.0
    assert all("textbf" in cells[0] for cells in rows_of(source(frames, ["modes"])).values())


def test_a_column_named_twice_is_shown_once(make):
    frames = frames_of(make, seeds=1)
    (table,) = paper_tables(frames, ["final", "modes", "rank", "rank", "modes"])
    assert [column.title for column in table.columns] == ["Variant", "Modes captured ↑", "Rank"]


def test_an_unknown_column_is_refused_with_the_nearest(make):
    with pytest.raises(ValueError, match=r"no column 'mode'; did you mean 'modes'\?"):
        source(frames_of(make, seeds=1), ["mode"])


def test_any_name_is_set_as_text(hostile):
    text = source(tidy(hostile.trials, hostile.scores))
    assert text.isascii()
    for row in rows_of(text):
        assert not re.search(r"(?<!\\)[#&%_]", row)


def test_a_single_entry_has_no_bold_score(make):
    (table,) = paper_tables(frames_of(make, variants={"gan": 2014}))
    assert not table.bold
    assert not any("Bold" in note for note in table.notes)


def test_entries_that_lost_seeds_are_named(make):
    whole = " ".join(paper_tables(frames_of(make))[0].notes)
    assert "Seeds of each entry: 5; all finished." in whole
    results = make(None)
    notes = " ".join(paper_tables(tidy(results.trials, results.scores))[0].notes)
    assert "Seeds of each entry: 5; finished: wgan 3 of 5, began 4 of 5." in notes


def test_few_seeds_beside_many_are_named_where_others_are_tested(make):
    frames = frames_of(make)
    trials = frames.trials
    few = trials[(trials["label"] != "gan") | (trials["seed"] < 2)]
    scores = frames.scores[frames.scores["trial"].isin(few["trial"])]
    (table,) = paper_tables(replace(frames, trials=few, scores=scores))
    assert "Fewer than 5 seeds, so not compared: gan." in table.notes
    assert "Seeds of each entry: 2 to 5; all finished." in table.notes


def test_the_reason_why_many_entries_are_not_tested_is_their_number(make, monkeypatch):
    for module in (paper_table, rankings):
        monkeypatch.setattr(module, "MOST_ENTRIES", 2)
    (table,) = paper_tables(frames_of(make))
    assert "Bold: the best mean; with more than 2 entries differences were not tested." in table.notes
