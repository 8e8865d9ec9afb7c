"""Tables as LaTeX by pandas' Styler. Whatever came from data is escaped: names may hold any character."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

import pandas as pd
from pandas.io.formats.style import Styler
from pandas.io.formats.style_render import CSSDict

from gan_bench.reports.labels import FileNames
from gan_bench.reports.parts import broken, parts, room
from gan_bench.reports.table import Column, Table

HEAD = (
    "% Where they are loaded, booktabs draws the rules, and graphicx shrinks tables wider than a line.\n"
    + "".join(f"\\providecommand{{\\{rule}}}{{\\hline}}\n" for rule in ("toprule", "midrule", "bottomrule"))
    + "\\providecommand{\\resizebox}[3]{#3}\n"
)
LONG = "p{0.3\\linewidth}"
"""The column of running text."""
SMALL: CSSDict = {"selector": "footnotesize", "props": [("", "")]}
"""The size of letters, as the Styler takes a command of LaTeX."""
WIDEST = 130
"""Characters in a row of a table, the space between columns included; wider tables are split by columns."""
FITTED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"

_CHARACTERS = {char: "\\" + char for char in "&%$#_{}"}
_CHARACTERS |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_CHARACTERS |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
_CHARACTERS |= {"·": r"\textperiodcentered{}", "±": r"$\pm$", "×": r"$\times$", "…": r"\ldots{}"}
_CHARACTERS |= {"↓": r"$\downarrow$", "↑": r"$\uparrow$", "→": r"$\to$", "–": "--", "−": "$-$", "\n": " "}
_CHARACTERS |= {"-": "{-}", "'": "{'}", "`": "{`}", '"': "{''}"}  # braces keep them from joining up


def escape(text: str) -> str:
    """Return ASCII source that LaTeX sets as `text`; letters beyond Latin are given by code point."""
    parts = []
    for char in text:
        if char in _CHARACTERS:
            parts.append(_CHARACTERS[char])
        elif char.isascii():
            parts.append(char if char.isprintable() else " ")
        else:
            plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
            parts.append("".join(_CHARACTERS.get(c, c) for c in plain) or f"[U+{ord(char):04X}]")
    return "".join(parts)


def latex(tables: Iterable[Table]) -> str:
    r"""Return a `table` for each, for `\input`; they compile with and without booktabs and graphicx.

    A table of more columns than a page has room for becomes several, each with the first column. Captions
    hold title and notes, the list of tables the title alone. Labels are `tab:` and the
    table's name, with a counter behind the second of two equal ones.
    """
    names = FileNames()
    return HEAD + "\n".join(_floating(part, names) for table in tables for part in parts(table, WIDEST))


def tabular(table: Table) -> str:
    """Return the `tabular` alone, which compiles with and without booktabs and graphicx."""
    return HEAD + _fitted(_styler(table).to_latex(hrules=True, column_format=_sides(table.columns)))


def _heading(table: Table, place: int) -> str:
    column = table.columns[place]
    lines = [escape(line) for line in broken(column.title, room(table, place))]
    if len(lines) == 1 or column.long:  # a column of running text breaks its own lines
        return " ".join(lines)
    side = "r" if column.right else "l"
    return rf"\shortstack[{side}]{{" + r" \\ ".join(lines) + "}"


def _floating(table: Table, names: FileNames) -> str:
    title = escape(table.title)
    caption = " ".join([f"{title}.", *map(escape, table.notes)])
    small = _styler(table).set_table_styles([SMALL])
    return _fitted(small.to_latex(
        hrules=True, column_format=_sides(table.columns), position="htbp", position_float="centering",
        caption=(caption, title), label=f"tab:{names([table.name or table.title])}",
    ))  # fmt: skip


def _fitted(source: str) -> str:
    """Return the source with its `tabular` no wider than a line where graphicx is loaded."""
    begin, end = r"\begin{tabular}", "\\end{tabular}\n"
    return source.replace(begin, f"{FITTED}\n{begin}", 1).replace(end, f"{end.rstrip()}}}\n", 1)


def _sides(columns: Iterable[Column]) -> str:
    return "".join(LONG if column.long else "r" if column.right else "l" for column in columns)


def _styler(table: Table) -> Styler:
    """Return the escaped cells with the best in bold; reference rows stand below a rule."""
    content = pd.DataFrame(list(_lines(table)), columns=range(len(table.columns)))
    headings = [_heading(table, place) for place in range(len(table.columns))]

    bold = content.map(lambda _: "")
    for line, place in table.bold:
        bold.iloc[line, place] = "textbf:--rwrap"
    styler = content.style.hide(axis="index").apply(lambda _: bold, axis=None)
    return styler.format_index(headings.__getitem__, axis="columns")  # two columns may have one heading


def _lines(table: Table) -> Iterator[list[str]]:
    for place, line in enumerate([*table.cells, *table.apart]):
        first, *others = map(escape, line)
        rule = "\\midrule " if place == len(table.cells) else ""
        # A row that begins with a bracket would be read as an argument of the line break before it.
        yield [f"{rule}{{}}{first}", *others]
