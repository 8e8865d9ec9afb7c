"""Tables of the documents, written from the registry.

`python -m gan_bench.variants.table docs/variants.md docs/profiles.md` renews each table that
a document has marks for.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench.variants import registry
from gan_bench.variants.registry import Variant
from gan_bench.variants.sources import Profile


def markdown() -> str:
    """Return a table of the variants of this package, without plug-ins."""
    lines = ["| name | year | paper, place | parts | what it is |", "|---|---|---|---|---|"]
    for name, entry in _own():
        title = _cell(entry.title.split(": ", 1)[-1].rstrip("."))
        also = f" ({', '.join(entry.aliases)})" if entry.aliases else ""
        parts = f"`{entry.parts}`" if entry.parts else ""
        lines.append(
            f"| `{name}`{also} | {entry.year} | {_links(entry.paper)}, {entry.equation} | {parts} | {title} |"
        )
    return "\n".join(lines)


def profiles() -> str:
    """Return a table of the paper profiles: source, settings and remaining differences."""
    lines = ["| name | source | settings | still differs |", "|---|---|---|---|"]
    for name, entry in _own():
        paper = entry.game.profiles["paper"]
        source, differs = (paper.source, paper.differs) if isinstance(paper, Profile) else ("", ())
        settings = ", ".join(f"{key} {_value(value)}" for key, value in paper.items())
        lines.append(
            f"| `{name}` | {_links(_cell(source))} | {_cell(settings)} | {_cell('; '.join(differs))} |"
        )
    return "\n".join(lines)


Tables = Mapping[tuple[str, str], Callable[[], str]]
"""Functions that write tables, by the marks before and after."""
TABLES: Tables = {
    (
        "<!-- variants: python -m gan_bench.variants.table docs/variants.md -->",
        "<!-- end of variants -->",
    ): markdown,
    (
        "<!-- profiles: python -m gan_bench.variants.table docs/profiles.md -->",
        "<!-- end of profiles -->",
    ): profiles,
}


def _own() -> Iterator[tuple[str, Variant]]:
    for name in registry.names():
        entry = registry.info(name)
        if entry.game.__module__.startswith("gan_bench.variants."):
            yield name, entry


def _value(value: Any) -> str:
    if isinstance(value, dict):
        span = f" from {value['begin']:g} of the budget" if value.get("begin") else ""
        return f"{value['start']:g} → {value['end']:g} ({value['schedule']}{span})"
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value).strip('"')


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _links(text: str) -> str:
    text = re.sub(r"arXiv:(\d+\.\d+)", r"[\1](https://arxiv.org/abs/\1)", text)
    return re.sub(r"github:([\w.-]+/[\w.-]+)", r"[\1](https://github.com/\1)", text)


def inserted(text: str, tables: Tables = TABLES) -> str:
    """Return a document with each table between its marks.

    Raises:
        ValueError: for a document that has the marks of no table, or only one of two.
    """
    places = [marks for marks in tables if any(mark in text for mark in marks)]
    if not places:
        raise ValueError(
            f"the document has no place for a table: {' or '.join(s for s, _ in tables)} expected"
        )
    for start, end in places:
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"the document has no place for the table between {start} and {end}")
        text = f"{before}{start}\n{tables[start, end]()}\n{end}{after}"
    return text


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(inserted(Path(name).read_text("utf-8")), encoding="utf-8")
