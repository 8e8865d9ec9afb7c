"""Tables as Markdown and LaTeX text. Whatever came from data is escaped: names may hold any character."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plain:
    """A table of text: title, headings, which columns are set to the right, cells, notes."""

    title: str
    headings: list[str]
    right: list[bool]
    cells: list[list[str]]
    notes: list[str]
    apart: list[list[str]] = field(default_factory=list)  # reference rows, below a rule


_MARKDOWN = {char: "\\" + char for char in "\\`*_{}[]()#+!|~$"} | {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    "\n": " ",
}


def escape_markdown(text: str) -> str:
    """Return text that Markdown and the HTML within it show as it is."""
    return "".join(_MARKDOWN.get(char, char) for char in text)


def markdown(tables: list[Plain]) -> str:
    """Return pipe tables, each under a heading, with its notes as a list."""
    parts = []
    for table in tables:
        lines = [f"## {escape_markdown(table.title)}", ""]
        lines.append("| " + " | ".join(map(escape_markdown, table.headings)) + " |")
        lines.append("|" + "|".join(" ---: " if right else " :--- " for right in table.right) + "|")
        lines += ["| " + " | ".join(map(escape_markdown, cells)) + " |" for cells in table.cells]
        if table.apart:  # Markdown has no rule inside a table: an empty row
            lines.append("|" + " |" * len(table.headings))
        lines += ["| " + " | ".join(map(escape_markdown, cells)) + " |" for cells in table.apart]
        lines += ["", *(f"- {escape_markdown(note)}" for note in table.notes), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts)


_LATEX = {char: "\\" + char for char in "&%$#_{}"}
_LATEX |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LATEX |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "·": r"\textperiodcentered{}"}
_LATEX |= {
    "±": r"$\pm$",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
    "×": r"$\times$",
    "…": r"\ldots{}",
    "–": "--",
}
_LATEX |= {"\n": " ", "-": "{-}", "'": "{'}", "`": "{`}", '"': "{''}"}  # braces keep them from joining up


def escape_latex(text: str) -> str:
    """Return ASCII source that LaTeX sets as `text`; letters beyond Latin are given by code point."""
    parts = []
    for char in text:
        if char in _LATEX:
            parts.append(_LATEX[char])
        elif char.isascii():
            parts.append(char if char.isprintable() else " ")
        else:
            plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
            parts.append("".join(_LATEX.get(c, c) for c in plain) or f"[U+{ord(char):04X}]")
    return "".join(parts)


def latex(tables: list[Plain]) -> str:
    r"""Return floating tables for `\input`; they compile with and without the booktabs package."""
    rules = ("toprule", "midrule", "bottomrule")
    lines = ["% To be \\input into a document; rules are booktabs' where that package is loaded."]
    lines += [f"\\providecommand{{\\{rule}}}{{\\hline}}" for rule in rules]
    for table in tables:
        lines += [
            "\\begin{table}[htbp]",
            "\\centering\\footnotesize",
            f"\\caption{{{escape_latex(table.title)}}}",
        ]
        lines += [
            f"\\begin{{tabular}}{{{''.join('r' if right else 'l' for right in table.right)}}}",
            "\\toprule",
        ]
        lines.append(" & ".join(map(escape_latex, table.headings)) + " \\\\")
        lines.append("\\midrule")
        # A row that begins with a bracket would be read as an argument of the line break before it.
        lines += ["{}" + " & ".join(map(escape_latex, cells)) + " \\\\" for cells in table.cells]
        lines += ["\\midrule"] if table.apart else []
        lines += ["{}" + " & ".join(map(escape_latex, cells)) + " \\\\" for cells in table.apart]
        lines += ["\\bottomrule", "\\end{tabular}"]
        lines += [f"\\par\\smallskip {escape_latex(note)}" for note in table.notes]
        lines += ["\\end{table}", ""]
    return "\n".join(lines)
