"""The documents' tables of variants and of their paper profiles are what the register says."""

from pathlib import Path

import pytest

from gan_bench import variants
from gan_bench.variants import table

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("document", ["docs/variants.md", "docs/profiles.md"])
def test_documents_have_the_tables_of_today(document):
    text = (ROOT / document).read_text("utf-8")
    assert table.inserted(text) == text, f"run: python -m gan_bench.variants.table {document}"


def test_a_profiles_row_names_source_settings_and_differences():
    rows = {row.split("`")[1]: row for row in table.profiles().splitlines()[2:]}
    assert "(https://github.com/goodfeli/adversarial), mnist.yaml" in rows["gan"]
    assert "lr 0.1 → 0.0607 (exponential)" in rows["gan"]
    assert "no dropout in the critic" in rows["gan"]
    assert {row.replace(r"\|", "").count("|") for row in rows.values()} == {5}


def test_a_row_names_the_paper_and_the_parts():
    rows = {row.split("`")[1]: row for row in table.markdown().splitlines()[2:]}
    assert "https://arxiv.org/abs/1802.05957" in rows["sngan"]
    assert "`hinge+sn`" in rows["sngan"]
    assert "minimax" in rows["gan"]
    own = [n for n in variants.names() if variants.get(n).__module__.startswith("gan_bench.variants.")]
    assert list(rows) == own
    columns = rows["gan"].count("|")
    assert all(row.replace(r"\|", "").count("|") == columns for row in rows.values())


def test_a_document_without_the_marks_is_an_error():
    with pytest.raises(ValueError, match="no place for a table"):
        table.inserted("# Nothing here")
    start, _ = next(iter(table.TABLES))
    with pytest.raises(ValueError, match="no place for the table between"):
        table.inserted(f"{start} and no end")
