"""Cells of CSV files are text or numbers for a spreadsheet program, never formulas."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.reports.spreadsheets import FORMULA, csv_bytes, without_formulas

ATTACKS = ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']


@pytest.mark.parametrize("text", ATTACKS)
def test_a_formula_becomes_text(text: str) -> None:
    frame = pd.DataFrame({text: [text, "nsgan+gp"], "n": [1, 2]})
    again = pd.read_csv(io.BytesIO(csv_bytes(frame)))
    assert list(again.columns) == [f"'{text}", "n"]
    assert again.iloc[0, 0] == f"'{text}"
    assert again.iloc[1, 0] == "nsgan+gp"


@pytest.mark.parametrize("value", ["-0.5", "+3", "-1e-9", "plain", "nsgan+r1", "", None, 3.5])
def test_numbers_and_other_texts_stay(value: object) -> None:
    assert without_formulas(pd.DataFrame({"a": [value, "x"]}))["a"][0] == value or value is None


@given(st.lists(st.text(), min_size=1))
def test_no_cell_begins_like_a_formula(texts: list[str]) -> None:
    for cell in without_formulas(pd.DataFrame({"a": texts}))["a"]:
        try:
            float(cell)
        except ValueError:
            assert not cell.startswith(FORMULA)
