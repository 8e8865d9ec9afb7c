"""Tables of text cells, shown in the terminal, in files and on pages alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Column:
    """A column's heading, side, and the place in which it gives way on a narrow terminal (0: never)."""

    title: str
    right: bool = True
    gives_way: int = 0
    long: bool = False  # running text, to be broken into lines
    short: str = ""  # heading where there is little room
    note: str = ""  # what must be said wherever the column is shown


@dataclass(frozen=True)
class Table:
    """Cells of text under a title, with the values to sort by and notes below."""

    title: str
    columns: list[Column]
    cells: list[list[str]]
    keys: list[list[float | str]] = field(
        default_factory=list
    )  # what each cell sorts by; NaN sorts last either way
    remarks: list[str] = field(default_factory=list)
    caption: str = ""  # the title on a page that names the board already
    subtitle: str = ""  # what the scores are, for headings without room to say it
    apart: list[list[str]] = field(default_factory=list)  # reference rows, below a rule and never sorted
    bold: frozenset[tuple[int, int]] = (
        frozenset()
    )  # (line, column) of cells that are the best, or tied with it
    name: str = ""  # short, for references in a text

    @property
    def notes(self) -> list[str]:
        """Return the notes of the whole table."""
        return self.notes_on(range(len(self.columns)))

    def notes_on(self, shown: Iterable[int]) -> list[str]:
        """Return the notes of the table when only the columns `shown` are visible."""
        return list(dict.fromkeys([*self.remarks, *(note for i in shown if (note := self.columns[i].note))]))


def compact(table: Table, needless: Iterable[str] = ()) -> Table:
    """Return the table without columns that are empty, and without those called `needless`."""
    names = set(needless)
    positions = [
        place
        for place, column in enumerate(table.columns)
        if column.title not in names and any(line[place] for line in (*table.cells, *table.apart))
    ]
    return chosen(table, positions)


def chosen(table: Table, positions: Sequence[int]) -> Table:
    """Return the table with the columns at these positions."""
    return replace(
        table,
        columns=[table.columns[place] for place in positions],
        cells=[[line[place] for place in positions] for line in table.cells],
        keys=[[line[place] for place in positions] for line in table.keys],
        apart=[[line[place] for place in positions] for line in table.apart],
        bold=frozenset((line, positions.index(place)) for line, place in table.bold if place in positions),
    )
