"""Pages of a report as these tests read them."""

from __future__ import annotations

from html.parser import HTMLParser

from gan_bench.reports import site
from gan_bench.reports.frames import tidy

LINKS = {
    "href",
    "src",
    "srcset",
    "action",
    "data",
    "poster",
    "cite",
    "background",
    "formaction",
    "manifest",
    "xlink:href",
}
VOID = {"meta", "img", "br", "hr", "link", "input", "wbr"}


class Page(HTMLParser):
    """A page as a browser would read it, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.images: list[dict] = []
        self.tags: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.cells: list[tuple[str, dict]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        self.addresses += [value or "" for name, value in attributes if name in LINKS]
        if tag == "img":
            self.images.append(values)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def attributes(self, tag):
        return [values for name, values in self.tags if name == tag]


def write(results, out, **options):
    options = {"title": "A <title>", "command": "python -m bench run --set 'a<b'", "stand_in": None} | options
    metrics, equal = options.pop("metrics", None), options.pop("equal", "kimg")
    frames = tidy(results.trials, results.scores, results.history, metrics, equal)
    return site.write(frames, out, **options)


def said(page):
    return " ".join(" ".join(page.text).split())


def parsed(index):
    """Every page of a report by file name."""
    return {file.name: Page(file.read_text(encoding="utf-8")) for file in index.parent.glob("*.html")}
