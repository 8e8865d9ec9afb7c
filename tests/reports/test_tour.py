"""The first lesson, from recordings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports import tour
from tests.reports.html_pages import Page, said

STAND_IN = "digits (stand-in for mnist)"


@pytest.fixture(scope="module")
def lesson(watch, tmp_path_factory):
    numbers, curve = watch("nsgan", "gaussian1d"), watch("nsgan", "quadratic")
    numbers = dataclasses.replace(numbers, scatters=numbers.scatters.drop(columns="y"))
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (10, 1, 8, 8), dtype=np.uint8) for _ in range(3)]
    digits = tour.Digits(
        "nsgan", 3, "digits", "mnist", images[0], {0: images[1], 500: images[2]}, 500, 1.0, 1234
    )
    return numbers, tour.write(tmp_path_factory.mktemp("lesson"), numbers, curve, digits)


def test_the_lesson_is_one_page_with_the_pictures_of_three_examples(lesson):
    _, path = lesson
    page = Page(path.read_text(encoding="utf-8"))
    headings = [values["id"] for tag, values in page.tags if tag == "h2"]
    assert headings == ["the-idea", "step-1-a-bell-curve", "step-2-a-curve-seen-by-the-critic",
                        "step-3-handwritten-digits", "what-to-try-next"]  # fmt: skip
    assert [address for address in page.addresses if address.startswith("#")] == [
        "#main", *(f"#{heading}" for heading in headings)
    ]  # fmt: skip
    for image in page.images:
        assert (path.parent / image["src"]).is_file()
        assert len(image["alt"]) > 20
    shown = [image["src"] for image in page.images]
    assert {name.partition("/")[2].partition("-")[0].partition(".")[0] for name in shown} == {
        "numbers", "curve", "digits",
    }  # fmt: skip
    assert STAND_IN in said(page)
    assert "1,234 weights" in said(page)


def test_the_table_has_the_moments_of_the_samples(lesson):
    numbers, path = lesson
    text = said(Page(path.read_text(encoding="utf-8")))
    table = numbers.scatters
    for chosen in (table["iteration"] == 10, table["source"] == "real"):
        values = table[chosen.fillna(False)]["x"].to_numpy()
        assert f"{np.mean(values):.3g}"[:4] in text
        assert f"{np.std(values):.3g}"[:4] in text
    (csv,) = path.parent.glob("plots/numbers-samples.csv")
    assert list(pd.read_csv(csv).columns) == ["x", "iteration", "source"]
