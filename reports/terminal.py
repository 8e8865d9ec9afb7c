"""Leaderboards in a terminal: as many columns as its width allows."""

from __future__ import annotations

import textwrap

import pandas as pd
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from gan_bench.reports import references
from gan_bench.reports.table import Table
from gan_bench.reports.tables import boards


def terminal(rows: pd.DataFrame, measured: pd.DataFrame | None = None, *, width: int = 80) -> RenderableType:
    """Return the leaderboards in `width` columns; details are left out before names and scores.

    `measured` are the reference rows as `bench.results.frames` gives them.
    """
    parts: list[RenderableType] = []
    for table in boards(rows, references.reference_rows(measured)):
        widths = _fitting(table, width)
        parts += [Text(), Text(table.title, style="bold"), Text(table.subtitle)]
        drawn = RichTable(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
        for index, wide in widths.items():
            column = table.columns[index]
            drawn.add_column(
                Text(column.short or column.title), justify="right" if column.right else "left", width=wide
            )
        for place, line in enumerate(table.cells):
            drawn.add_row(
                *(
                    Text(line[index], "bold" if (place, index) in table.bold else "", overflow="fold")
                    for index in widths
                )
            )
        if table.apart:
            drawn.add_row(*(Text("─" * wide, style="dim") for wide in widths.values()))
        for line in table.apart:
            drawn.add_row(*(Text(line[index], overflow="fold") for index in widths))
        notes = (_wrapped(f"- {note}", width) for note in table.notes_on(widths))
        parts += [drawn, *(Text(note, style="dim") for note in notes)]
    return Group(*parts) if parts else Text("No trials to show.")


def _wrapped(note: str, width: int) -> str:
    """Return a line of a list, broken at `width` with later lines below the text of the first."""
    return textwrap.fill(note, width, subsequent_indent="  ", break_on_hyphens=False)


def _fitting(table: Table, width: int) -> dict[int, int]:
    """Return index and width of the columns that fit, without empty ones and those that give way first.

    Columns of one priority vanish together, so that none is left without its counterpart. A long name is
    broken into lines; it gets what room is left.
    """
    widths = {}
    for index, column in enumerate(table.columns):
        longest = max((cell_len(line[index]) for line in (*table.cells, *table.apart)), default=0)
        if longest:
            words = max(cell_len(word) for word in (column.short or column.title).split())
            widths[index] = max(words, min(longest, 24) if column.title == "Variant" else longest)
    names = [index for index in widths if table.columns[index].title == "Variant"]
    while sum(widths.values()) + len(widths) > width:
        loose = [index for index in widths if table.columns[index].gives_way]
        if not loose:
            break
        least = min(table.columns[index].gives_way for index in loose)
        widths = {index: wide for index, wide in widths.items() if table.columns[index].gives_way != least}
    for index in names:
        longest = max(cell_len(line[index]) for line in (*table.cells, *table.apart))
        spare = width - sum(widths.values()) - len(widths)
        widths[index] = max(8, min(longest, widths[index] + spare))
    return widths
