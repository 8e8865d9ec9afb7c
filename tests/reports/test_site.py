from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import reports
from reports import site
from reports.folder import STAMP, csv_bytes

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
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """What a browser would make of a page, as far as these tests ask."""

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
    return reports.write(results.trials, results.scores, results.history, out, **options)


@pytest.fixture(scope="module")
def hostile_page(hostile, tmp_path_factory):
    return write(hostile, tmp_path_factory.mktemp("out"), stand_in="digits <b>stand in</b> for m&m")


@pytest.fixture(scope="module")
def toy_page(make, tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    few = {"gan": 2014, "lsgan": 2016, "wgan": 2017, "wgan-gp": 2017}
    results = make(folder / "samples", variants=few, kind="planar", dataset="ring")
    return write(results, folder / "out")


def test_page_is_complete_in_itself(hostile_page, toy_page):
    for path in (hostile_page, toy_page):
        text = path.read_text(encoding="utf-8")
        page = Page(text)
        identifiers = {values["id"] for _, values in page.tags if "id" in values}
        assert page.addresses
        for address in page.addresses:
            assert address.startswith(("data:", "#")), address[:80]
            assert not address.startswith("#") or address[1:] in identifiers
        assert not page.attributes("link")
        assert all("src" not in values for values in page.attributes("script"))
        style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
        assert "url(" not in style
        assert "@import" not in style
        policy = next(v["content"] for v in page.attributes("meta") if "http-equiv" in v)
        assert "default-src 'none'" in policy


def test_images_are_whole_have_alt_texts_and_ask_for_nothing(hostile_page, toy_page):
    for path in (hostile_page, toy_page):
        page = Page(path.read_text(encoding="utf-8"))
        assert len(page.images) > 10
        for image in page.images:
            assert len(image["alt"]) > 20
            kind, content = image["src"].split(";base64,")
            raw = base64.b64decode(content, validate=True)
            if kind == "data:image/png":
                assert raw.startswith(b"\x89PNG")
                continue
            assert kind == "data:image/svg+xml"
            tree = ElementTree.fromstring(raw)
            for element in tree.iter():
                for name, value in element.attrib.items():
                    if name.endswith("href"):
                        assert value.startswith(("#", "data:")), value
                assert not element.tag.endswith(("script", "foreignObject"))
            assert not re.search(r"url\((?!#)", raw.decode())
            assert "prefers-color-scheme:dark" in raw.decode()


def test_hostile_names_are_text(hostile_page, hostile):
    text = hostile_page.read_text(encoding="utf-8")
    page = Page(text)
    assert "<script>alert" not in text
    assert len(page.attributes("script")) == 1
    assert all(values["src"].startswith("data:") for values in page.attributes("img"))
    assert not any(name.startswith("on") for _, values in page.tags for name in values)
    said = " ".join(page.text)
    for name in (
        "<script>alert(1)</script>",
        "$x_1$ & 50% #{}~^\\",
        "[red]c[/red]",
        "../../etc/passwd",
        "A <title>",
    ):
        assert name in said
    assert "<b>out</b> of luck" in said
    folder = hostile_page.parent
    assert all(file.resolve().is_relative_to(folder) for file in folder.rglob("*"))
    assert all(re.fullmatch(r"[a-zA-Z0-9.-]+", file.name) for file in folder.rglob("*"))


def test_stand_in_is_named_in_every_heading_table_and_plot(hostile_page):
    page = Page(hostile_page.read_text(encoding="utf-8"))
    said = "<img src=x> (stand-in for m&m)"
    assert any("digits <b>stand in</b> for m&m" in text for text in page.text)
    for image in page.images:
        assert said in image["alt"]
    tables = [values["aria-label"] for values in page.attributes("table")]
    assert sum(said in label for label in tables) >= 2
    for file in (hostile_page.parent / "plots").glob("*.svg"):
        drawn = "".join(ElementTree.parse(file).getroot().itertext())
        assert "(stand-in for m&m)" in " ".join(drawn.split()), file.name
        assert "tuned" in drawn


def test_tables_can_be_sorted(toy_page):
    page = Page(toy_page.read_text(encoding="utf-8"))
    buttons = page.attributes("button")
    headings = [values for values in page.attributes("th") if values.get("scope") == "col"]
    assert len(buttons) == len(headings) > 10
    keys = [values["data-key"] for tag, values in page.tags if tag in ("td", "th") and "data-key" in values]
    assert len(keys) == len(page.attributes("td")) + sum(
        v.get("scope") == "row" for v in page.attributes("th")
    )
    assert "nan" not in keys


def test_lost_trials_are_shown(toy_page):
    text = " ".join(Page(toy_page.read_text(encoding="utf-8")).text)
    assert "20 trials: 18 finished, 2 diverged, 0 failed" in " ".join(text.split())
    assert "2 diverged" in text
    assert "at iteration 701" in text


def test_every_plot_has_its_numbers_beside_it(toy_page, hostile_page):
    for page in (toy_page, hostile_page):
        plots = list((page.parent / "plots").glob("*.svg"))
        assert plots
        for plot in plots:
            assert len(pd.read_csv(plot.with_suffix(".csv"))), plot.name
    for sheet in pd.read_csv(next((hostile_page.parent / "samples").glob("*.csv")))["file"]:
        assert (hostile_page.parent / sheet).is_file()


def test_inlined_numbers_are_those_beside(toy_page):
    page = Page(toy_page.read_text(encoding="utf-8"))
    downloads = [values for values in page.attributes("a") if "download" in values]
    assert downloads
    for link in downloads:
        content = base64.b64decode(link["href"].split(";base64,")[1])
        assert content == (toy_page.parent / "plots" / link["download"]).read_bytes()


def test_kinds_of_plots(toy_page):
    names = {file.name.split("--", 4)[4] for file in (toy_page.parent / "plots").glob("*.svg")}
    assert {
        "curve--modes--kimg.svg",
        "curve--modes--seconds.svg",
        "curve--modes--generator-updates.svg",
    } <= names
    assert {"curve--modes--ema--kimg.svg", "strip--modes.svg", "strip--reverse-kl.svg"} <= names
    assert {"cost--images-per-second.svg", "loss--gan.svg", "samples--wgan-gp.svg"} <= names


def test_a_report_is_the_same_twice_and_replaces_the_one_before(tiny, tmp_path):
    first = tiny(variants={"gan": 2014, "other": 2015})
    page = write(first, tmp_path / "out")
    content = page.read_bytes()
    (tmp_path / "out" / "mine.txt").write_text("the user's own")
    (tmp_path / "out" / STAMP).unlink()  # or it would not be drawn again
    assert write(first, tmp_path / "out").read_bytes() == content
    assert any((tmp_path / "out").rglob("*other*"))
    write(tiny(), tmp_path / "out")
    assert not any((tmp_path / "out").rglob("*other*"))
    assert not any((tmp_path / "out").rglob("*.partial"))
    assert (tmp_path / "out" / "mine.txt").is_file()


def test_a_report_of_the_same_things_is_not_drawn_again(tiny, tmp_path, monkeypatch):
    results = tiny()
    page = write(results, tmp_path / "out")
    drawn = []

    heading, explanation, original = next(group for group in site.GROUPS if group[2] is site.plots.strips)

    def counted(board):
        drawn.append(board.title)
        return original(board)

    monkeypatch.setattr(site, "GROUPS", [(heading, explanation, counted)])
    assert write(results, tmp_path / "out") == page
    assert not drawn
    for change in ("title", "score", "samples", "picture", "page"):
        match change:
            case "title":
                write(results, tmp_path / "out", title="another")
            case "score":
                results.scores = results.scores.assign(value=results.scores["value"] * (1 + 1e-9))
            case "samples":
                Path(results.trials["samples"].dropna().iloc[0]).touch()
            case "picture":
                next((tmp_path / "out" / "plots").glob("*.svg")).unlink()
            case "page":
                page.write_text("scribbled over")
        drawn.clear()
        write(results, tmp_path / "out")
        assert drawn, change
        drawn.clear()
        write(results, tmp_path / "out")
        assert not drawn, change


def test_nothing_outside_the_folder_is_removed(tiny, tmp_path):
    (tmp_path / "precious").write_text("x")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "files.txt").write_text("../precious\n")
    empty = tiny()
    empty.trials, empty.scores = empty.trials[:0], empty.scores[:0]
    page = write(empty, tmp_path / "out")
    assert "No trials to show" in page.read_text(encoding="utf-8")
    assert (tmp_path / "precious").is_file()


def test_only_lost_trials(tiny, tmp_path):
    results = tiny(seeds=2)
    results.trials["status"] = "failed"
    results.scores = results.scores[:0]
    text = " ".join(Page(write(results, tmp_path).read_text(encoding="utf-8")).text)
    assert "2 failed" in text
    assert "0 of 2" in text


def test_damaged_and_missing_samples_are_said_not_raised(tiny, tmp_path):
    results = tiny(seeds=3)
    broken, missing = results.trials["samples"].iloc[:2]
    with open(broken, "wb") as file:
        file.write(b"PK\x03\x04 damaged")
    results.trials.loc[results.trials["samples"] == missing, "samples"] = str(tmp_path / "none.npz")
    page = Page(write(results, tmp_path / "out").read_text(encoding="utf-8"))
    assert "".join(page.text).count("no samples kept") == 2


def test_pickled_samples_are_not_loaded(tiny, tmp_path):
    results = tiny()
    np.savez(results.trials["samples"].iloc[0], final=np.array([{"a": 1}], dtype=object))
    page = Page(write(results, tmp_path / "out").read_text(encoding="utf-8"))
    assert not any(image["src"].startswith("data:image/png") for image in page.images)


def test_csv_keeps_every_digit():
    values = np.random.default_rng(0).normal(size=50)
    frame = pd.DataFrame({"name": ['a,"b"\nc'] * 50, "value": values})
    text = csv_bytes(frame).decode()
    assert [
        float(line.rsplit(",", 1)[1]) for line in text.replace("\nc", "").splitlines()[1:]
    ] == values.tolist()


def test_infinite_losses_and_scores_are_survived(make, tmp_path):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=2, lost=False, ema=False)
    results.history.loc[results.history.index[::7], "value"] = np.inf
    results.history.loc[results.history["trial"] == results.trials["trial"].iloc[0], "value"] = np.nan
    results.scores.loc[results.scores["seed"] == 0, "value"] = np.inf
    results.scores.loc[results.scores["metric"] == "kid_lenet28", "value"] = np.nan
    assert "1 scored" in write(results, tmp_path).read_text(encoding="utf-8")
