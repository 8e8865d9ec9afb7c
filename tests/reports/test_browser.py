"""The report as Chromium shows it, opened from disk."""

from __future__ import annotations

import io
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from gan_bench.reports import explain, site
from gan_bench.reports.frames import tidy

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.sample,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium is installed (Debian: apt-get install chromium)"
    ),
]
FEW = {"<script>document.title = 'owned'</script>": 2014, "x" * 60: 2017}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = "[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
UNREACHABLE = """[...document.querySelectorAll(".scroll")]
    .filter(part => part.scrollWidth > part.clientWidth && part.tabIndex !== 0).length"""
# Of an SVG alone: words that leave its frame, and pairs of upright words that lie on one another.
UNSEEN = """(() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    return at === document.body || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
        ? null : at.outerHTML.slice(0, 200);
})()"""
CUT = """[...document.querySelectorAll("text")].filter(text => {
    const [box, frame] = [text.getBoundingClientRect(), document.documentElement.getBoundingClientRect()];
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
}).map(text => text.textContent)"""
COVERED = """(() => {
    const turned = text => /rotate\\((?!-?0\\b)/.test(text.getAttribute("transform") || "");
    const upright = [...document.querySelectorAll("text")].filter(
        text => text.textContent.trim() && !turned(text) && !turned(text.parentNode));
    const boxes = upright.map(text => text.getBoundingClientRect());
    const shared = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
    return boxes.flatMap((a, i) => boxes.slice(i + 1).flatMap((b, j) =>
        shared(a, b, "left", "right") > 1.5 && shared(a, b, "top", "bottom") > 4
            ? [[upright[i].textContent, upright[i + 1 + j].textContent]] : []));
})()"""
COLUMN = """place => [...document.querySelector("table").tBodies[0].rows]
    .map(row => row.cells[place].dataset.key)"""


@pytest.fixture(scope="module")
def report(make, join, watch, tmp_path_factory):
    """Every kind of page: pictures, points, a sweep, published numbers, critics; a diverged seed."""
    folder = tmp_path_factory.mktemp("report")
    small = {"variants": FEW, "points": 2, "lost": False, "ema": False}
    toy = {"kind": "planar", "dataset": "ring"}
    pictures = make(folder / "a", **small, seeds=2)
    points = make(folder / "b", **small, **toy, seeds=2)
    sweep = make(None, **small | {"variants": {"wgan": 2017}}, **toy, settings=8, seeds=1, suite="sweep")
    results = join(pictures, points, sweep)
    results.history = pictures.history
    results.trials.loc[0, ["status", "diverged_at"]] = ["diverged", 5]
    results.scores = results.scores[
        results.scores["metric"].isin(["fid_lenet28", "modes", "sliced_wasserstein"])
    ]
    hostile, long = FEW
    published = pd.DataFrame([
        {"suite": "ring", "dataset": "ring", "variant": name, "metric": "modes", "value": 7.5,
         "why": "w" * 90, "comparable": False, "source": f"{hostile} 2017", "protocol": "p " * 200}
        for name in FEW
    ])  # fmt: skip
    arguments = {
        "title": "A <b>title</b>", "command": "python -m bench run " + "--set a.b=1 " * 20,
        "paper_numbers": published, "watched": [watch(hostile, "ring"), watch("nsgan", long)],
    }  # fmt: skip
    frames = tidy(results.trials, results.scores, results.history)
    return site.write(frames, folder / "out", **arguments).parent


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as running:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
        started = running.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture
def page(browser):
    """A new window; what its console says is an error."""
    context = browser.new_context()
    window = context.new_page()
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))
    window.on("request", lambda request: request.url.startswith("file:") or said.append(request.url))
    yield window
    context.close()
    assert said == []


def files(report):
    return sorted(report.glob("*.html"), key=lambda file: (file.name != "index.html", file.name))


def file(report, start):
    return next(report.glob(f"{start}--*.html")).as_uri()


@pytest.mark.parametrize("width", [400, 1280])
def test_every_page_loads_whole_and_fits(page, report, width):
    page.set_viewport_size({"width": width, "height": 800})
    kinds = {path.name.partition("--")[0] for path in files(report)}
    assert kinds == {
        "index.html", "reading.html", "board", "abilities", "variant", "cost", "stability", "evolution",
        "reproduction", "critic",
    }  # fmt: skip
    for path in files(report):
        page.goto(path.as_uri())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(BROKEN) == [], path.name
            assert page.evaluate(OVERFLOW) == 0, path.name
        if width == 1280 and path.name.startswith("board"):
            assert (
                page.locator(".scroll:has(table)").first.evaluate("it => it.scrollWidth - it.clientWidth")
                == 0
            )
        assert page.title().endswith(" · gan-bench")


@pytest.mark.parametrize("width", [400, 1280])
def test_a_critics_own_page_loads_whole_and_fits(page, watch, tmp_path, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(explain.write(tmp_path, watch("<i>nsgan</i>", "x" * 60)).as_uri())
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(OVERFLOW) == 0
    assert page.locator("h1").inner_text().startswith("What the critic of <i>nsgan</i> sees")
    assert page.locator("img").count() == 6


def test_no_text_of_a_plot_is_cut_off_or_lies_on_other_text(page, report):
    for drawing in sorted((report / "plots").glob("*.svg")):
        page.goto(drawing.as_uri())
        assert page.evaluate(CUT) == [], drawing.name
        assert page.evaluate(COVERED) == [], drawing.name


def test_plots_are_dark_on_dark_paper(page, report):
    page.goto(file(report, "board"))
    plot = page.locator("figure.plot img").first
    light, dark = [], []
    for scheme, found in (("light", light), ("dark", dark)):
        page.emulate_media(color_scheme=scheme)
        with Image.open(io.BytesIO(plot.screenshot())) as picture:
            found.append(np.asarray(picture.convert("L")).mean())
    assert light[0] > 220
    assert dark[0] < 80


def test_hostile_names_are_text(page, report):
    page.goto((report / "index.html").as_uri())
    assert page.locator("h1").inner_text() == "A <b>title</b>"
    page.get_by_role("link", name="Variants").click()
    assert page.locator("h1").inner_text() == "<script>document.title = 'owned'</script>"
    page.wait_for_load_state()  # the script stands at the end of the page
    assert page.locator("script").count() == 1


def test_a_click_or_enter_on_a_heading_sorts(page, report):
    page.goto(next(report.glob("board--ring*.html")).as_uri())
    heading = page.locator("table").first.locator("thead th").nth(3)
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    up = [float(key) for key in page.evaluate(COLUMN, 3) if key]
    assert up == sorted(up)
    assert len(set(up)) > 1
    heading.get_by_role("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert [float(key) for key in page.evaluate(COLUMN, 3) if key] == up[::-1]


def test_every_table_of_every_page_sorts(page, report):
    for path in files(report):
        page.goto(path.as_uri())
        for table in page.locator("table").all():
            button = table.locator("thead button").last
            button.click()
            assert table.locator("thead th").last.get_attribute("aria-sort") == "ascending", path.name


def test_the_focus_is_seen_wherever_the_keyboard_goes(page, report):
    for start in ("board", "variant", "evolution", "critic"):
        page.goto(file(report, start))
        for _ in range(25):
            page.keyboard.press("Tab")
            assert page.evaluate(UNSEEN) is None, start


def test_films_move_with_the_keys_and_with_play(page, report):
    page.goto(file(report, "evolution"))
    slider, output = page.get_by_role("slider"), page.locator("output")
    frame = page.locator(".frame").first
    last = (output.inner_text(), frame.screenshot())
    slider.focus()
    page.keyboard.press("Home")
    first = (output.inner_text(), frame.screenshot())
    page.keyboard.press("ArrowRight")
    second = (output.inner_text(), frame.screenshot())
    assert [text for text, _ in (first, second, last)] == ["32 kimg", "64 kimg", "96 kimg"]
    assert len({picture for _, picture in (first, second, last)}) == 3
    page.get_by_role("button", name="Play").press("Enter")
    page.get_by_role("button", name="Play").wait_for()  # it stops at the end
    assert (output.inner_text(), frame.screenshot()) == last


def test_the_border_of_before_and_after_moves_with_the_keys_and_the_mouse(page, report):
    page.goto(next(report.glob("abilities--mnist*.html")).as_uri())
    figure = page.locator(".slider").first
    slider, pair = figure.get_by_role("slider"), figure.locator(".pair")
    views = figure.locator(".pair .view")
    assert views.nth(0).bounding_box() == views.nth(1).bounding_box()
    shown = {}
    for key, share in (("Home", "0"), ("End", "100")):
        slider.focus()
        page.keyboard.press(key)
        assert slider.get_attribute("aria-valuetext").startswith(f"{share} % input")
        shown[key] = pair.screenshot()
    assert shown["Home"] != shown["End"]
    slider.focus()
    page.keyboard.press("Home")
    assert pair.screenshot() == shown["Home"]
    box = pair.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 10)
    assert slider.input_value() == "25"


def test_without_a_script_before_and_after_lie_side_by_side(browser, report):
    context = browser.new_context(java_script_enabled=False)
    window = context.new_page()
    window.goto(next(report.glob("abilities--mnist*.html")).as_uri())
    figure = window.locator(".slider").first
    boxes = [view.bounding_box() for view in figure.locator(".view").all()]
    assert len({(box["x"], box["y"]) for box in boxes}) == 3
    assert not figure.locator("input").is_visible()
    context.close()


def test_the_keyboard_reaches_what_scrolls_and_the_skip_link_comes_first(page, report):
    page.goto(file(report, "board"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate(UNREACHABLE) == 0


def test_paper_is_as_broad_as_what_is_printed(page, report):
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins
    page.emulate_media(media="print")
    for path in files(report):
        page.goto(path.as_uri())
        assert page.evaluate(OVERFLOW) == 0, path.name


def test_paper_shows_everything(page, report):
    page.goto(file(report, "variant"))
    page.locator("summary").last.click()
    assert page.locator("details:not([open])").count() > 0
    assert len(page.pdf()) > 20_000
    assert page.locator("details:not([open])").count() == 0
