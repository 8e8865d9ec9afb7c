"""The table of a comparison has the numbers of its findings, each in the column of its meaning."""

from __future__ import annotations

import math
from dataclasses import replace

from gan_bench.bench.compare.findings import Finding
from gan_bench.bench.compare.table import latex, markdown, table

CELL = "ring · ring · mlp · 64 kimg · nsgan"
FINE = Finding(
    "quality", "fine", CELL, "", {"before": 2.0, "after": 1.0, "change": -0.5, "low": -0.6, "high": 0.1,
                                  "p_value": 0.25}, "fid_lenet28",
)  # fmt: skip
WORSE = Finding("quality", "regression", "ring", "", {"probability": 0.9, "low": 0.7, "relative": 0.4}, "kid")
NOTE = Finding("pairing", "note", CELL, "new")


def test_regressions_come_first_and_only_tests_have_rows() -> None:
    found = table([FINE, NOTE, WORSE])
    assert list(found["measure"]) == ["kid", "fid_lenet28"]
    assert found.loc[1, ["before", "after", "change", "low", "high", "p_value"]].tolist() == [
        2.0, 1.0, -0.5, -0.6, 0.1, 0.25
    ]  # fmt: skip


def test_the_bound_of_a_probability_is_no_end_of_an_interval() -> None:
    row = table([WORSE]).iloc[0]
    assert row["change"] == 0.4
    assert math.isnan(row["low"])


def test_markdown_escapes_names_and_shows_intervals() -> None:
    text = markdown([FINE, WORSE], "Fine: 1 * 2")
    assert text.startswith("## Fine: 1 \\* 2\n")
    assert "| fid\\_lenet28 | 2 | 1 | -50% | -60% to \\+10% | 0.25 | fine |" in text
    assert "| ring | kid | – | – | \\+40% | – | – | regression |" in text
    lost = replace(FINE, numbers={**FINE.numbers, "after": math.inf, "change": math.inf, "high": math.inf})
    assert "| 2 | lost | \\+inf% | -60% to \\+inf% |" in markdown([lost], "")
    assert markdown([NOTE], "Nothing") == "## Nothing\n"


def test_latex_has_the_rows_of_the_table_and_names_what_all_share_once() -> None:
    other = replace(FINE, cell=CELL.replace("nsgan", "wgan_gp"), verdict="regression")
    text = latex([FINE, other], "Regression: 50 % & more")
    head, _, rows = text.partition(r"\begin{tabular}")
    assert r"\caption[Baseline and candidate \textperiodcentered{} ring \textperiodcentered{} ring" in head
    assert "ring" not in rows
    assert r"{}wgan\_gp & fid\_lenet28 & 2 & 1 & {-}50\% & {-}60\% to +10\% & 0.25 & regression \\" in text
    assert r"Regression: 50 \% \& more" in text
    assert r"\label{tab:comparison}" in text
    assert r"\begin{table}" in text


def test_latex_of_one_cell_and_of_a_whole_suite_keep_a_name() -> None:
    assert "{}nsgan & " in latex([FINE], "Fine.")
    both = latex([FINE, WORSE], "Fine.")
    assert "{}ring & kid & -- & -- & +40" in both
    assert both.count("nsgan") >= 1


def test_latex_where_nothing_was_tested_is_a_comment() -> None:
    assert latex([NOTE], "Not comparable: 0 %") == "% Not comparable: 0 \\%\n"
