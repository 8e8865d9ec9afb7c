"""Links inside a page and out of it: a list of its parts, and papers' identifiers at arXiv."""

from __future__ import annotations

import html
import re

from jinja2.filters import do_mark_safe

from gan_bench.reports.labels import slug

PAPER = re.compile(r"arXiv:((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?)")
HEADING = re.compile(r"<(h[23])([^>]*)>(.*?)</\1>", re.S)
FEWEST = 4  # parts of a page that has a list of them
MOST = 14  # parts of a page whose list has the small ones too
MARK = "<!--jumps-->"


def linked(text: str) -> str:
    """Return text as HTML in which identifiers such as arXiv:1406.2661 are links; nothing is loaded there."""
    link = r'<a href="https://arxiv.org/abs/\1" rel="noreferrer">\g<0></a>'
    return do_mark_safe(PAPER.sub(link, html.escape(text)))


def with_jumps(page: str) -> str:
    """Return a page whose headings have names, with a list of links to them in the place of `MARK`.

    A page with fewer than four parts has no list; the list of a page with many names the large ones only.
    """
    taken = {"main"}
    parts: list[tuple[str, str, str]] = []

    def named(found: re.Match[str]) -> str:
        level, attributes, content = found.groups()
        words = re.sub(r"<[^>]+>", "", content).strip()
        own = re.search(r'\bid="([^"]+)"', attributes)
        name = own[1] if own else _free(slug(html.unescape(words)), taken)
        taken.add(name)
        parts.append((level, name, words))
        return found[0] if own else f'<{level} id="{name}"{attributes}>{content}</{level}>'

    head, mark, body = page.partition(MARK)
    body = HEADING.sub(named, body)
    listed = parts if len(parts) <= MOST else [part for part in parts if part[0] == "h2"]
    if not mark or len(listed) < FEWEST:
        return head + body
    links = "".join(f'<li><a href="#{name}">{words}</a></li>\n' for _, name, words in listed)
    return f'{head}<nav class="jumps" aria-label="Parts of this page">\n<ul>\n{links}</ul>\n</nav>{body}'


def _free(name: str, taken: set[str]) -> str:
    candidates = (name if place == 1 else f"{name}-{place}" for place in range(1, len(taken) + 2))
    return next(candidate for candidate in candidates if candidate not in taken)
