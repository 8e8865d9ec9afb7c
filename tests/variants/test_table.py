"""README's table of variants is what the register says."""

from pathlib import Path

import pytest

import variants
from variants import table

README = Path(__file__).parents[2] / "README.md"


def test_readme_has_the_table_of_today():
    text = README.read_text("utf-8")
    assert table.inserted(text) == text, "run: python -m variants.table README.md"


def test_a_row_names_the_paper_and_the_parts():
    rows = {row.split("`")[1]: row for row in table.markdown().splitlines()[2:]}
    assert "https://arxiv.org/abs/1802.05957" in rows["sngan"]
    assert "`hinge+sn`" in rows["sngan"]
    assert "minimax" in rows["gan"]
    own = [n for n in variants.names() if variants.get(n).__module__.startswith("variants.")]
    assert list(rows) == own
    columns = rows["gan"].count("|")
    assert all(row.replace(r"\|", "").count("|") == columns for row in rows.values())


def test_a_document_without_the_marks_is_an_error():
    with pytest.raises(ValueError, match="no place for the table"):
        table.inserted("# Nothing here")
