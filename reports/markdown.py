"""Tables as Markdown. Whatever came from data is escaped: names may hold any character."""

from __future__ import annotations

from collections.abc import Iterable

from gan_bench.reports.table import Table

_CHARACTERS = {char: "\\" + char for char in "\\`*_{}[]()#+!|~$"} | {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    "\n": " ",
}


def escape(text: str) -> str:
    """Return text that Markdown and the HTML within it show as it is."""
    return "".join(_CHARACTERS.get(char, char) for char in text)


def markdown(tables: Iterable[Table]) -> str:
    """Return pipe tables, each under a heading, with its notes as a list."""
    parts = []
    for table in tables:
        lines = [f"## {escape(table.title)}", ""]
        lines.append("| " + " | ".join(escape(column.title) for column in table.columns) + " |")
        lines.append("|" + "|".join(" ---: " if column.right else " :--- " for column in table.columns) + "|")
        lines += ["| " + " | ".join(map(escape, cells)) + " |" for cells in table.cells]
        if table.apart:  # Markdown has no rule inside a table: an empty row
            lines.append("|" + " |" * len(table.columns))
        lines += ["| " + " | ".join(map(escape, cells)) + " |" for cells in table.apart]
        lines += ["", *(f"- {escape(note)}" for note in table.notes), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts)
