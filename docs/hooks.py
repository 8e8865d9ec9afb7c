"""Hooks of the site: documents that lie beside the code are pages too, and links lead to pages.

Links in documents are written for readers of the repository. On the site, those to another document lead to
its page, and those to a file of the source, which the site does not have, are text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
BESIDE = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "bench/metrics/extractors/README.md": "extractors.md",
    "datasets/README.md": "datasets.md",
}
"""Documents outside docs/: place in the repository -> page."""
FENCED = re.compile(r"(^ *```.*?^ *```|^ {4}.*?$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s:]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents that lie beside the code."""
    for source, page in BESIDE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Return the page with links that lead to pages of the site."""
    uri = page.file.src_uri
    source = {page: source for source, page in BESIDE.items()}.get(uri, f"docs/{uri}")
    pieces = FENCED.split(markdown)  # every second one is code
    return "".join(piece if i % 2 else _linked(piece, source, uri, files) for i, piece in enumerate(pieces))


def _linked(text: str, source: str, uri: str, files: Files) -> str:
    def link(match: re.Match[str]) -> str:
        path, _, anchor = match[2].partition("#")
        if not path:
            return match[0]
        place = os.path.normpath(PurePosixPath(source).parent / path)
        target = BESIDE.get(place) or place.removeprefix("docs/")
        if files.get_file_from_path(target) is None:
            return match[1] if (ROOT / place).exists() else match[0]  # MkDocs warns of the latter
        relative = os.path.relpath(target, PurePosixPath(uri).parent)
        return f"[{match[1]}]({relative}{'#' if anchor else ''}{anchor})"

    return LINK.sub(link, text)
