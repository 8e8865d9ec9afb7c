"""The pages of a report: what they hold, link to and ask for."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from gan_bench.reports.frames import tidy
from gan_bench.reports.summary import board_rows
from tests.reports.html_pages import parsed, said, write

PAPERS = "https://arxiv.org/abs/"


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


@pytest.mark.slow
@pytest.mark.sample
def test_pages_ask_for_nothing_outside_their_folder(any_page):
    pages = parsed(any_page)
    marks = {
        name: {values["id"] for _, values in page.tags if "id" in values} for name, page in pages.items()
    }
    for name, page in pages.items():
        assert page.addresses
        for address in page.addresses:
            if address.startswith(PAPERS):  # a link that a reader may follow; the page loads nothing there
                assert address in [values["href"] for values in page.attributes("a") if "href" in values]
                continue
            file, _, mark = address.partition("#")
            assert ":" not in address
            assert (any_page.parent / (file or name)).is_file(), address
            assert not mark or mark in marks[file or name]
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


def test_boards_have_pages_of_their_own_and_menus_tell_them_apart(make, join, draw_only, tmp_path):
    draw_only()
    options = {"variants": {"gan": 2014}, "seeds": 1, "lost": False, "ema": False, "points": 1}
    one = make(None, architectures=("mlp", "conv"), **options)
    results = join(one, make(None, kind="planar", dataset="ring", **options))
    results.scores = results.scores[results.scores["metric"].isin(["fid_lenet28", "modes"])]
    results.history = results.history[:0]
    index = write(results, tmp_path)
    names = {name for name in parsed(index) if name.startswith("board--")}
    assert names == {"board--mnist-mlp.html", "board--mnist-conv.html", "board--ring-mlp.html"}
    assert "the best of" not in index.read_text(encoding="utf-8")  # of one entry each


def test_the_overview_begins_with_three_numbers_and_pictures_and_explains_words_elsewhere(toy_page):
    pages = parsed(toy_page)
    text = (toy_page.parent / "index.html").read_text(encoding="utf-8")
    first, table = text.index('class="headlines"'), text.index("<table")
    assert first < text.index("<img") < table
    head = re.sub(r"<[^>]+>|\s+", " ", text[first:table])
    assert re.search(r"modes ↑ of \w+, first of 4 entries by mean rank", " ".join(head.split()))
    assert "18 of 20" in head
    assert "2 diverged" in head
    assert "Interquartile mean" not in said(pages["index.html"])
    assert "Interquartile mean" in said(pages["reading.html"])
    assert all("reading.html" in page.addresses for page in pages.values())


def test_papers_are_links(toy_page):
    page = parsed(toy_page)["variant--wgan-gp.html"]
    assert f"{PAPERS}1701.00001" in page.addresses


def test_long_pages_have_a_list_of_their_parts(toy_page):
    page = parsed(toy_page)["board--ring.html"]
    parts = [address[1:] for address in page.addresses if address.startswith("#") and address != "#main"]
    named = [values["id"] for tag, values in page.tags if tag in ("h2", "h3") and "id" in values]
    assert len(parts) >= 4
    assert parts == named
    assert not [
        a for a in parsed(toy_page)["evolution--ring.html"].addresses if a.startswith("#") and a != "#main"
    ]


def test_the_board_is_named_once_on_its_page(toy_page):
    page = parsed(toy_page)["board--ring.html"]
    assert said(page).count("96 kimg") == 1
    for file in (toy_page.parent / "plots").glob("*.svg"):
        drawing = ElementTree.parse(file).getroot()
        written = " ".join("".join(e.itertext()) for e in drawing.iter() if e.tag.endswith("}text"))
        assert "96 kimg" not in written
        (told,) = [e.text for e in drawing.iter() if e.tag.endswith("}desc")]
        assert "96 kimg" in told


@pytest.mark.slow
@pytest.mark.sample
def test_at_most_twelve_lines_are_in_a_plot_and_the_others_in_further_ones(make, draw_only, tmp_path):
    draw_only("curves")
    names = {f"gan{place}": 2014 for place in range(30)}
    options = {"variants": names, "kind": "planar", "dataset": "ring", "lost": False, "ema": False}
    results = make(None, seeds=1, points=2, **options)
    results.scores = results.scores[results.scores["metric"] == "modes"]
    results.history = results.history[:0]
    index = write(results, tmp_path)
    curves = sorted((tmp_path / "plots").glob("*curve--modes*.csv"))
    counts = [pd.read_csv(file)["variant"].nunique() for file in curves]
    assert sorted(counts) == [6, 12, 12]
    assert {name for file in curves for name in pd.read_csv(file)["variant"]} == set(names)
    page = parsed(index)["board--ring.html"]
    shown = [image["src"] for image in page.images]
    assert {f"plots/{file.stem}.svg" for file in curves} <= set(shown)
    assert "2 more figures: further entries" in said(page)
    # The page of a late entry shows the figure that has its line.
    last = board_rows(tidy(results.trials, results.scores)).iloc[-1]["label"]
    (curve,) = [i["src"] for i in parsed(index)[f"variant--{last}.html"].images if "curve" in i["src"]]
    assert last in set(pd.read_csv((tmp_path / curve).with_suffix(".csv"))["variant"])


def test_the_best_and_what_is_tied_with_it_are_bold(toy_page):
    text = (toy_page.parent / "board--ring.html").read_text(encoding="utf-8")
    table = text[text.index("<table") : text.index("</table>")]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]
    letters = [re.findall(r"<td[^>]*>(.*?)</td>", row)[1] for row in rows]
    bold = ["<strong>" in row for row in rows]
    assert bold == [bool(set(one) & set(letters[0])) for one in letters]
    assert bold[0]
    assert not all(bold)
