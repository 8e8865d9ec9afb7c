"""Photograph real reports for the documents: `python -m tests.pictures --images RESULTS --plane RESULTS`.

Folders that `run` filled: of a suite of images, of a sweep over settings, of planar data, and of the suite
`clustering`; pictures of those not given stay as they are. Writes docs/pictures/*.png; needs Playwright and
Chromium.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WIDTH, SCALE = 1080, 1.5  # CSS pixels, and real ones in each
COLOURS, GREYS = 256, 16
MARGIN = 12


def photograph(page: Page, name: str, parts: list[Locator], colours: int = COLOURS) -> None:
    """One picture of all that lies between the first part's top and the last one's bottom."""
    boxes = [box for part in parts if (box := part.bounding_box()) is not None]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    frame = {
        "x": max(0, left - MARGIN), "y": max(0, top - MARGIN),
        "width": min(WIDTH, right + MARGIN) - max(0, left - MARGIN), "height": bottom - top + MARGIN,
    }  # fmt: skip
    with Image.open(io.BytesIO(page.screenshot(full_page=True, clip=frame))) as picture:
        few = picture.convert("RGB").quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    file = PICTURES / f"{name}.png"
    few.save(file, optimize=True)
    print(f"{file.name}: {few.width} x {few.height}, {file.stat().st_size / 1000:.0f} kB")


def turn_to(page: Page, results: Path, kind: str) -> None:
    """Open the last page of a kind of a report."""
    pages = sorted((results / "report").glob(f"{kind}--*.html"))
    assert pages, f"{results}/report has no page of kind {kind}"
    page.goto(pages[-1].resolve().as_uri())


def of_images(page: Page, results: Path) -> None:
    """Photograph a board and the samples of those that lead."""
    turn_to(page, results, "board")
    tables = page.locator("main .scroll:has(table)")
    photograph(page, "leaderboard", [page.locator("h1"), tables.nth(0)])
    photograph(page, "intervals", [page.locator("main .caption").first, tables.nth(1)])
    sheets = page.locator("main .sheets figure")
    photograph(page, "samples", [sheets.nth(place) for place in range(3)], GREYS)


def of_sweep(page: Page, results: Path) -> None:
    """Photograph the page of stability."""
    turn_to(page, results, "stability")
    photograph(page, "stability", [page.locator("h1"), page.locator("main .scroll:has(table)").first])
    plots = page.locator("main figure.plot")
    photograph(page, "tuning", [plots.nth(0), plots.nth(1)])
    photograph(page, "survival", [page.locator("main figure.plot.wide").first])


def of_plane(page: Page, results: Path) -> None:
    """Photograph samples during training."""
    turn_to(page, results, "evolution")
    photograph(page, "evolution", [page.locator("h1"), page.locator(".reel")])


def of_clusters(page: Page, results: Path) -> None:
    """Photograph what a game puts into each cluster."""
    turn_to(page, results, "abilities")
    groups = page.locator("main details", has=page.locator("summary:has-text('Clusters')"))
    plots = groups.locator("figure.plot")
    photograph(page, "clusters", [plots.nth(0), plots.nth(1)])


SETS = {"images": of_images, "sweep": of_sweep, "plane": of_plane, "clusters": of_clusters}


def main() -> None:
    """Take the pictures of the folders that are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, take in SETS.items():
        parser.add_argument(f"--{name}", type=Path, metavar="RESULTS", help=take.__doc__)
    given = vars(parser.parse_args())
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as running:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's refuses root
        browser = running.chromium.launch(executable_path=chromium, args=sandbox)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, device_scale_factor=SCALE)
        for name, take in SETS.items():
            if given[name] is not None:
                take(page, given[name])
        browser.close()


if __name__ == "__main__":
    main()
