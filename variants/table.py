"""The table of variants in README: `python -m variants.table README.md` writes it from the register."""

from __future__ import annotations

import sys
from pathlib import Path

from variants import registry

START, END = "<!-- variants: python -m variants.table README.md -->", "<!-- end of variants -->"


def markdown() -> str:
    """A row per variant of this package, none of plug-ins; parts say what a composition is made of."""
    lines = ["| name | year | paper, place | parts | what it is |", "|---|---|---|---|---|"]
    for name in registry.names():
        entry = registry.info(name)
        if not entry.game.__module__.startswith("variants."):
            continue
        title = entry.title.split(": ", 1)[-1].rstrip(".").replace("|", r"\|")
        also = f" ({', '.join(entry.aliases)})" if entry.aliases else ""
        parts = f"`{entry.parts}`" if entry.parts else ""
        lines.append(
            f"| `{name}`{also} | {entry.year} | {_link(entry.paper)}, {entry.equation} | {parts} | {title} |"
        )
    return "\n".join(lines)


def _link(paper: str) -> str:
    kind, _, number = paper.partition(":")
    return f"[{number}](https://arxiv.org/abs/{number})" if kind == "arXiv" else paper


def inserted(text: str) -> str:
    """Return a document with the table between its marks.

    Raises:
        ValueError: for a document without the marks.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the document has no place for the table between {START} and {END}")
    return f"{before}{START}\n{markdown()}\n{END}{after}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(inserted(file.read_text("utf-8")), encoding="utf-8")
