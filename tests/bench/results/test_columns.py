"""Rows become columns: the same as cell by cell, whatever cells rows lack."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.results.columns import columns_of

NAMES = ["metric", "value", "split", "flop"]
ROWS = st.lists(st.dictionaries(st.sampled_from([*NAMES, "other"]), st.none() | st.integers()), max_size=5)


@given(ROWS, st.booleans())
def test_columns_hold_the_cells_of_rows(rows: list[dict], alike: bool) -> None:
    rows = [rows[0]] * len(rows) if alike and rows else rows
    found = columns_of(rows, NAMES)
    assert [*found] == NAMES
    for name, column in found.items():
        assert [*column] == [row.get(name) for row in rows]
