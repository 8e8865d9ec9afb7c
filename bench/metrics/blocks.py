"""Blocks of rows of bounded memory, for quantities of all pairs of rows."""

from __future__ import annotations

from collections.abc import Iterator

MOST = 2**27
"""Largest number of bytes of the values of a block."""


def blocks(rows: int, row: int) -> Iterator[slice]:
    """Yield slices that cover rows in order; one empty slice where there is no row.

    Args:
        rows: number of rows.
        row: bytes of the values of one row; a block has one row at least.
    """
    step = max(1, MOST // max(1, row))
    for start in range(0, max(1, rows), step):
        yield slice(start, min(start + step, rows))
