"""Tables that are too wide, as several tables of some of their columns each."""

from __future__ import annotations

import itertools
import textwrap
from dataclasses import replace

from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.table import Table, chosen

GAP = 3
"""Width of the space between two columns, in characters."""
NARROWEST = 10
"""Characters to which a heading is broken in a column of shorter cells."""


def parts(table: Table, widest: int) -> list[Table]:
    """Return the table, or tables of some of its columns that are `widest` characters wide at most.

    Each has the first column, and all notes of the table and of its own columns: parts may be read apart.
    Tables with a column of running text stay whole.

    Args:
        table: the table.
        widest: characters of a row, with `GAP` between columns.
    """
    widths = [_width(table, place) + GAP for place in range(len(table.columns))]
    groups = _groups(widths, widest + GAP)
    if len(groups) == 1 or any(column.long for column in table.columns):
        return [table]
    narrower = (_groups(widths, limit) for limit in range(widest + GAP, 0, -1))
    *_, even = itertools.takewhile(lambda these: len(these) == len(groups), narrower)
    return [
        _part(table, [0, *group], f" (part {number} of {len(even)})")
        for number, group in enumerate(even, start=1)
    ]


def _part(table: Table, positions: list[int], words: str) -> Table:
    part = chosen(table, positions)
    return replace(
        part,
        title=f"{table.title}{words}",
        caption=table.caption and f"{table.caption}{words}",
        apart=[line for line in part.apart if any(line[1:])],
    )


def _groups(widths: list[int], limit: int) -> list[list[int]]:
    """Return the places of the columns after the first in groups that fit into `limit` beside the first."""
    groups, used = list[list[int]]([[]]), widths[0]
    for place, width in enumerate(widths[1:], start=1):
        if groups[-1] and used + width > limit:
            groups.append([])
            used = widths[0]
        groups[-1].append(place)
        used += width
    return groups


def _width(table: Table, place: int) -> int:
    """Return the characters of a column's longest line, of its heading or of a cell."""
    lines = broken(table.columns[place].title, room(table, place))
    return max(_longest(table, place), *map(len, lines))


def room(table: Table, place: int) -> int:
    """Return the characters to which a column's heading is broken: its longest cell's, or `NARROWEST`."""
    return max(NARROWEST, _longest(table, place))


def _longest(table: Table, place: int) -> int:
    return max((len(line[place]) for line in (*table.cells, *table.apart)), default=0)


def broken(heading: str, characters: int) -> list[str]:
    """Return the lines of a heading; an arrow stays with the word before it."""
    kept = heading
    for arrow in ARROWS.values():
        kept = kept.replace(f" {arrow}", f"\N{NO-BREAK SPACE}{arrow}")
    return textwrap.wrap(kept, characters, break_long_words=False) or [""]
