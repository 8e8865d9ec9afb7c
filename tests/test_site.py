"""The site of the documents: built without warnings, complete, and without anything from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import urldefrag, urlparse

import pytest

from tests.documents import DOCUMENTS, ROOT


class Links(HTMLParser):
    """Collects what a page links, what it loads, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.anchors = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        if tag in ("script", "img") and given.get("src"):
            self.loads.add(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "preconnect", "preload"):
            self.loads.add(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the pages of the site, path -> what it links and loads, and its folder."""
    pytest.importorskip("mkdocs_autorefs", reason="needs the extra docs")
    pytest.importorskip("material", reason="needs the extra docs")
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, {path: Links(path.read_text("utf-8")) for path in folder.rglob("*.html")}


@pytest.mark.slow
@pytest.mark.sample
def test_every_document_is_a_page(site):
    folder, _ = site
    names = {path.parent.name for path in folder.glob("*/index.html")}
    beside = {"architecture", "contributing", "changelog", "datasets", "extractors"}
    pages = {name.removeprefix("docs/").removesuffix(".md") for name in DOCUMENTS if name.startswith("docs/")}
    assert names >= beside | pages - {"index"}


@pytest.mark.slow
@pytest.mark.sample
def test_pages_load_nothing_from_elsewhere_and_links_lead_to_pages(site):
    _, pages = site
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        assert not [address for address in page.loads if urlparse(address).netloc], path
        for address in page.links:
            place, anchor = urldefrag(address)
            if urlparse(address).scheme:
                continue
            target = (path.parent / place).resolve() if place else path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path}: {address}"
            if anchor and target in pages:
                assert anchor in pages[target].anchors, f"{path}: {address}"


@pytest.mark.slow
@pytest.mark.sample
def test_links_beside_the_code_lead_to_their_pages(site):
    """On the site, CONTRIBUTING's link to datasets/README.md is one to the page of datasets."""
    folder, pages = site
    assert "../datasets/" in pages[folder / "contributing" / "index.html"].links
    text = (folder / "faq" / "index.html").read_text("utf-8")
    assert re.search(r'href="\.\./contributing/#a-variant-in-one-file"', text)


@pytest.mark.slow
@pytest.mark.sample
def test_the_reference_has_what_plug_ins_import(site):
    """Each name that CONTRIBUTING's plug-ins import from this project is documented."""
    from tests.documents import blocks

    folder, pages = site
    anchors = {name.rpartition(".")[2] for name in pages[folder / "reference" / "index.html"].anchors}
    code = "\n".join(blocks("CONTRIBUTING.md", "python"))
    imported = {
        name.strip()
        for names in re.findall(r"from gan_bench[\w.]* import ([\w, ]+)", code)
        for name in names.split(",")
    }
    assert len(imported) > 5
    assert imported <= anchors
