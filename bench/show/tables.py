"""Tables and lists of pairs for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

NOTHING = "–"


def table(*columns: str, rows: Iterable[Iterable[Any]], right: tuple[str, ...] = ()) -> Table:
    """Return a table without lines; the columns `right` are aligned to the right."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(str(cell)) for cell in row))
    return made


def pairs(rows: Iterable[tuple[str, str]]) -> Table:
    """Return a list of names and their texts."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, text in rows:
        made.add_row(Text(name, "dim"), Text(text))
    return made


def words(items: Iterable[Any]) -> str:
    """Return items with commas between them, or a dash."""
    return ", ".join(map(str, items)) or NOTHING
