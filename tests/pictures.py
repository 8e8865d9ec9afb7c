"""Photograph real reports for the documents: `python -m tests.pictures IMAGES SWEEP PLANE CLUSTERS`.

Four folders that `run` filled: of a suite of images, of a sweep over settings, of planar data, and of the
suite `clustering`. Writes docs/pictures/*.png; needs Playwright and Chromium.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WIDTH, SCALE = 1080, 1.5  # CSS pixels, and real ones in each
COLOURS, GREYS = 96, 16
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
        few = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    file = PICTURES / f"{name}.png"
    few.save(file, optimize=True)
    print(f"{file.name}: {few.width} x {few.height}, {file.stat().st_size / 1000:.0f} kB")


def main(images: Path, sweep: Path, plane: Path, clusters: Path) -> None:
    """Take every picture."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as running:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's refuses root
        browser = running.chromium.launch(executable_path=chromium, args=sandbox)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, device_scale_factor=SCALE)

        def turn_to(results: Path, kind: str) -> None:
            pages = sorted((results / "report").glob(f"{kind}--*.html"))
            assert pages, f"{results}/report has no page of kind {kind}"
            page.goto(pages[-1].resolve().as_uri())

        turn_to(images, "board")
        tables = page.locator("main .scroll:has(table)")
        photograph(page, "leaderboard", [page.locator("h1"), tables.nth(0)])
        photograph(page, "intervals", [page.locator("main .caption").first, tables.nth(1)])
        sheets = page.locator("main .sheets figure")
        photograph(page, "samples", [sheets.nth(place) for place in range(3)], GREYS)
        turn_to(sweep, "stability")
        photograph(page, "stability", [page.locator("h1"), page.locator("main .scroll:has(table)").first])
        plots = page.locator("main figure.plot")
        photograph(page, "tuning", [plots.nth(0), plots.nth(1)])
        photograph(page, "survival", [page.locator("main figure.plot.wide").first])
        turn_to(plane, "evolution")
        photograph(page, "evolution", [page.locator("h1"), page.locator(".reel")])
        turn_to(clusters, "abilities")
        groups = page.locator("main details", has=page.locator("summary:has-text('Clusters')"))
        plots = groups.locator("figure.plot")
        photograph(page, "clusters", [plots.nth(0), plots.nth(1)])
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
