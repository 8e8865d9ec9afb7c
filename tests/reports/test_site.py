from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports import drawing, site
from gan_bench.reports.colours import looks
from gan_bench.reports.folder import STAMP, Folder
from gan_bench.reports.frames import tidy
from gan_bench.reports.labels import FileNames
from gan_bench.reports.plots import Board
from gan_bench.reports.processes import Processes
from gan_bench.reports.spreadsheets import csv_bytes
from gan_bench.reports.summary import board_rows

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
    return site.write(results.trials, results.scores, results.history, out, **options)


def said(page):
    return " ".join(" ".join(page.text).split())


def parsed(index):
    """Every page of a report by file name."""
    return {file.name: Page(file.read_text(encoding="utf-8")) for file in index.parent.glob("*.html")}


@pytest.fixture(scope="module")
def hostile_page(hostile, tmp_path_factory):
    return write(hostile, tmp_path_factory.mktemp("out"), stand_in="digits <b>stand in</b> for m&m")


@pytest.fixture(scope="module")
def toy_page(make, tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    few = {"gan": 2014, "lsgan": 2016, "wgan": 2017, "wgan-gp": 2017}
    results = make(folder / "samples", variants=few, kind="planar", dataset="ring")
    return write(results, folder / "out", asked=23)


@pytest.fixture(scope="module", params=["hostile_page", "toy_page"])
def any_page(request):
    return request.getfixturevalue(request.param)


def test_pages_ask_for_nothing_outside_their_folder(any_page):
    for name, page in parsed(any_page).items():
        identifiers = {values["id"] for _, values in page.tags if "id" in values}
        assert page.addresses
        for address in page.addresses:
            file, _, mark = address.partition("#")
            assert ":" not in address
            assert (any_page.parent / (file or name)).is_file(), address
            assert not mark or file == "index.html" or mark in identifiers
        assert not page.attributes("link")
        assert all("src" not in values for values in page.attributes("script"))
        policy = next(v["content"] for v in page.attributes("meta") if "http-equiv" in v)
        assert "default-src 'none'" in policy
        style = re.search(r"<style>(.*?)</style>", (any_page.parent / name).read_text(), re.S).group(1)
        assert "url(" not in style
        assert "@import" not in style


def test_every_page_is_in_the_menus_of_all(any_page):
    pages = parsed(any_page)
    kinds = {name.split("--")[0] for name in pages}
    assert {"index.html", "board", "variant", "cost", "evolution"} <= kinds
    for page in pages.values():
        reached = {address.partition("#")[0] for address in page.addresses} & set(pages)
        assert {name.split("--")[0] for name in reached} == kinds


def test_images_are_whole_have_alt_texts_and_ask_for_nothing(any_page):
    pages = parsed(any_page)
    images = [image for page in pages.values() for image in page.images]
    assert len(images) > 20
    for image in images:
        assert len(image["alt"]) > 20
        raw = (any_page.parent / image["src"]).read_bytes()
        if image["src"].endswith(".png"):
            assert raw.startswith(b"\x89PNG")
            continue
        for element in ElementTree.fromstring(raw).iter():
            for name, value in element.attrib.items():
                if name.endswith("href"):
                    assert value.startswith(("#", "data:")), value
            assert not element.tag.endswith(("script", "foreignObject"))
        assert not re.search(r"url\((?!#)", raw.decode())
        assert "prefers-color-scheme:dark" in raw.decode()


def test_hostile_names_are_text(hostile_page):
    pages = parsed(hostile_page)
    for name, page in pages.items():
        assert "<script>alert" not in (hostile_page.parent / name).read_text(encoding="utf-8")
        assert len(page.attributes("script")) == 1
        assert all(values["src"].startswith(("plots/", "samples/", "films/")) for values in page.images)
        assert not any(name.startswith("on") for _, values in page.tags for name in values)
    everything = " ".join(said(page) for page in pages.values())
    for name in (
        "<script>alert(1)</script>",
        "$x_1$ & 50% #{}~^\\",
        "[red]c[/red]",
        "../../etc/passwd",
        "A <title>",
        "<b>out</b> of luck",
        "eq. <1>",
        "return a < b",
    ):
        assert name in everything
    folder = hostile_page.parent
    assert all(file.resolve().is_relative_to(folder) for file in folder.rglob("*"))
    assert all(re.fullmatch(r"[a-zA-Z0-9.-]+", file.name) for file in folder.rglob("*"))


def test_stand_in_is_named_in_every_heading_table_and_plot(hostile_page):
    dataset = "<img src=x> (stand-in for m&m)"
    for name, page in parsed(hostile_page).items():
        assert "digits <b>stand in</b> for m&m" in said(page)
        for image in page.images:
            assert dataset in image["alt"]
        tables = [values["aria-label"] for values in page.attributes("table")]
        assert all(dataset in label or label in ("Trials that did not finish",) for label in tables), name
    for file in (hostile_page.parent / "plots").glob("*.svg"):
        drawn = "".join(ElementTree.parse(file).getroot().itertext())
        assert "(stand-in for m&m)" in " ".join(drawn.split()), file.name
        assert "tuned" in drawn


def test_tables_can_be_sorted(toy_page):
    for page in parsed(toy_page).values():
        buttons = [values for values in page.attributes("button") if "class" not in values]
        headings = [values for values in page.attributes("th") if values.get("scope") == "col"]
        assert len(buttons) == len(headings)
        keys = [
            values["data-key"] for tag, values in page.tags if tag in ("td", "th") and "data-key" in values
        ]
        rows = sum(v.get("scope") == "row" for v in page.attributes("th"))
        assert len(keys) == len(page.attributes("td")) + rows
        assert "nan" not in keys


def test_the_overview_says_what_was_asked_what_ran_what_failed_and_how_to_do_it_again(toy_page):
    text = said(parsed(toy_page)["index.html"])
    assert "20 trials: 18 finished, 2 diverged, 0 failed" in text
    assert "23 are planned: 3 have not run yet" in text
    assert "at iteration 701" in text
    assert "python -m bench run --set 'a<b'" in text
    assert "a processor, 2 cores" in text


def test_a_variants_page_has_its_source_settings_every_seed_and_what_diverged(toy_page):
    page = parsed(toy_page)["variant--wgan-gp.html"]
    text = said(page)
    for told in (
        "wgan-gp in a line",
        "arXiv:1701.00001",
        "eq. <1>",
        "class Game",
        "beta1",
        "at iteration 701",
    ):
        assert told in text
    shown = [image["src"] for image in page.images]
    assert any("loss--wgan-gp" in name for name in shown)
    assert any("samples--wgan-gp" in name for name in shown)
    assert not any("--gan" in name for name in shown)
    assert text.count("diverged") >= 2


def test_every_plot_has_its_numbers_beside_it(any_page):
    plots = list((any_page.parent / "plots").glob("*.svg"))
    assert plots
    downloads = {
        v["href"] for page in parsed(any_page).values() for v in page.attributes("a") if "download" in v
    }
    for plot in plots:
        assert len(pd.read_csv(plot.with_suffix(".csv"))), plot.name
        assert f"plots/{plot.stem}.csv" in downloads


def test_listed_sheets_are_there(hostile_page):
    for sheet in pd.read_csv(next((hostile_page.parent / "samples").glob("*.csv")))["file"]:
        assert (hostile_page.parent / sheet).is_file()


def test_kinds_of_plots(toy_page):
    names = {file.name.split("--", 4)[4] for file in (toy_page.parent / "plots").glob("*.svg")}
    assert {"curve--modes.svg", "curve--modes--ema.svg", "strip--modes.svg", "strip--reverse-kl.svg"} <= names
    assert {"front--seconds.svg", "front--kimg.svg", "front--generator-updates.svg"} <= names
    assert {"cost--train-seconds.svg", "loss--gan.svg", "samples--wgan-gp.svg"} <= names


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


@pytest.mark.slow
@pytest.mark.sample
def test_a_report_of_the_same_things_is_not_drawn_again(tiny, tmp_path, monkeypatch):
    results = tiny()
    page = write(results, tmp_path / "out")
    drawn = []

    original = drawing.GROUPS["strips"]

    def counted(board):
        drawn.append(board.title)
        return original(board)

    monkeypatch.setitem(drawing.GROUPS, "strips", counted)
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
    page = parsed(write(results, tmp_path / "out"))["variant--gan.html"]
    assert said(page).count("no samples kept") == 2


def test_pickled_samples_are_not_loaded(tiny, tmp_path):
    results = tiny()
    np.savez(results.trials["samples"].iloc[0], final=np.array([{"a": 1}], dtype=object))
    pages = parsed(write(results, tmp_path / "out"))
    assert not any(image["src"].endswith(".png") for page in pages.values() for image in page.images)


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


def test_boards_have_pages_of_their_own_and_menus_tell_them_apart(make, join, tmp_path):
    options = {"variants": {"gan": 2014}, "seeds": 1, "lost": False, "ema": False, "points": 1}
    one = make(None, architectures=("mlp", "conv"), **options)
    results = join(one, make(None, kind="planar", dataset="ring", **options))
    results.scores = results.scores[results.scores["metric"].isin(["fid_lenet28", "modes"])]
    results.history = results.history[:0]
    index = write(results, tmp_path)
    names = {name for name in parsed(index) if name.startswith("board--")}
    assert names == {"board--mnist-mlp.html", "board--mnist-conv.html", "board--ring-mlp.html"}


@pytest.mark.slow
@pytest.mark.sample
def test_any_number_of_processes_draws_the_same_bytes(make, tmp_path, monkeypatch):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=1, points=2, lost=False, ema=False)
    frames = tidy(results.trials, results.scores, results.history)
    ((key, part),) = frames.boards()
    board = Board(key, part, board_rows(frames), looks(frames.variants), FileNames())
    groups = {name: drawing.GROUPS[name] for name in ("losses", "fronts", "curves", "cost")}
    monkeypatch.setattr(drawing, "GROUPS", groups)
    drawn = {}
    for count in (1, 2, 3):
        with Processes(count) as sharing:
            drawn[count] = drawing.draw([board], Folder(tmp_path / str(count)), sharing)
    assert drawn[1] == drawn[2] == drawn[3]
    assert list(drawn[1][0]) == list(groups)
    one = {path.relative_to(tmp_path / "1"): path.read_bytes() for path in (tmp_path / "1").rglob("*.*")}
    assert sum(path.suffix == ".svg" for path in one) > 5
    for count in ("2", "3"):
        assert one == {file: (tmp_path / count / file).read_bytes() for file in one}


def test_units_are_shared_and_come_back_in_their_order():
    with Processes(2) as sharing:
        assert sharing.map(os.path.join, "held", [(str(place),) for place in range(9)]) == [
            os.path.join("held", str(place)) for place in range(9)
        ]
        with pytest.raises(ZeroDivisionError):
            sharing.map(divmod, 1, [(1,), (0,), (2,)])


def test_a_large_report_has_a_process_for_every_core_and_a_small_one_none(make, monkeypatch):
    started = []
    monkeypatch.setattr(drawing, "Processes", started.append)
    for count, cores in ((2, 15), (2, 16), (15, 2), (16, 2), (32, 1)):
        results = make(None, variants={f"gan{i}": 2014 for i in range(count)}, seeds=1, points=1)
        monkeypatch.setattr(drawing, "cores", lambda cores=cores: cores)
        drawing.processes(tidy(results.trials, results.scores))
    assert started == [1, min(16, len(drawing.GROUPS)), 1, 2, 1]
