"""Pages of a report and their rendering as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jinja2
from jinja2.filters import do_mark_safe

from gan_bench.reports import plots
from gan_bench.reports.drawing import Picture
from gan_bench.reports.films import Reel
from gan_bench.reports.frames import board_title
from gan_bench.reports.pages.anchors import linked, with_jumps
from gan_bench.reports.sheets import Sheets
from gan_bench.reports.sliders import Slider
from gan_bench.reports.table import Table

KINDS = {
    "overview": "Overview",
    "board": "Leaderboards",
    "abilities": "Abilities",
    "variant": "Variants",
    "cost": "Cost",
    "stability": "Stability",
    "evolution": "Evolution",
    "reproduction": "Reproduction",
    "critic": "Critics",
    "reading": "How to read",
}
"""Kinds of pages, in the order of the menu: key -> its word there."""


@dataclass(frozen=True)
class Shown:
    """Everything that pages show of one board."""

    board: plots.Board
    short: str  # title for menus
    pictures: Mapping[str, list[Picture]]  # by group, see `reports.drawing`
    leaderboard: Table
    evidence: list[Table]
    metrics: list[Table]
    by_class: list[Table]
    sliders: list[Slider]
    stability: Table | None
    sheets: Sheets | None
    reel: Reel | None

    @property
    def where(self) -> str:
        """Return the board without its profiles, of which a sweep has one per setting."""
        return board_title(self.board.key)

    @property
    def title(self) -> str:
        """Return everything that must be said of the board in one line."""
        return self.board.title


@dataclass(frozen=True)
class Page:
    """One page: `kind` of KINDS, `file` in the report's folder, `title` in its menu."""

    kind: str
    file: str
    title: str
    content: Mapping[str, Any] = field(default_factory=dict)


def render(page: Page, pages: Sequence[Page], links: Mapping[tuple[str, str], str], **common: Any) -> str:
    """Return the page as HTML, with menus of all `pages`.

    `links` says which cells of tables lead to which file: (heading of the column, cell) -> file.
    """
    menu = {kind: [other for other in pages if other.kind == kind] for kind in KINDS}
    template = environment().get_template(f"{page.kind}.html")
    text = template.render(page=page, menu=menu, kinds=KINDS, links=links, **common, **page.content)
    return with_jumps(text)


@lru_cache
def environment() -> jinja2.Environment:
    """Return the templates with their filters."""
    loaded = jinja2.Environment(
        loader=jinja2.PackageLoader("gan_bench.reports"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    loaded.filters |= {"sortkey": _sort_key, "linked": linked, "together": _together, "breakable": breakable}
    return loaded


def breakable(name: str) -> str:
    """Return a name as HTML that may be broken before its parts and their options, not inside of words."""
    return do_mark_safe(re.sub(r"(?=[(+])|(?<=[=,])", "<wbr>", html.escape(name)))


def _sort_key(value: float | str) -> str:
    """Return the sort key of a cell, as an attribute; empty for a missing value."""
    if isinstance(value, str):
        return value
    return repr(float(value)) if value == value and abs(value) != float("inf") else ""


def _together(heading: str) -> str:
    """Return a heading that is not broken before an arrow or after a stroke."""
    return re.sub(r" (?=[↓↑→])|(?<=/) ", "\N{NO-BREAK SPACE}", heading)
