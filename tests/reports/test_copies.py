"""Nearest training images beside generated ones: a figure for each entry, on its page."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gan_bench.reports import plots, site
from gan_bench.reports.frames import tidy
from tests.reports.synthetic import board_of


@pytest.fixture
def near(make, tmp_path):
    """Results whose samples have nearest training images beside them."""
    results = make(tmp_path, variants={"gan": 2014, "wgan": 2017}, seeds=2, lost=False, points=2)
    rng = np.random.default_rng(0)
    trials = results.trials.copy()
    for index, path in trials["samples"].items():
        if not isinstance(path, str):
            continue
        with np.load(path) as arrays:
            kept = {name: arrays[name] for name in arrays.files}
        for kind in ("final", "ema"):
            kept[f"nearest_{kind}"] = rng.integers(0, 256, kept[kind][:10].shape).astype(np.uint8)
            kept[f"distance_{kind}"] = np.arange(10) + 20.25
        new = tmp_path / f"{trials.at[index, 'trial']}.npz"
        np.savez(new, **kept, distance_test=np.full(100, 31.5))
        trials.at[index, "samples"] = str(new)
    return type(results)(trials, results.scores, results.history)


def test_nearest_training_images_have_a_figure_per_entry(near):
    with plots.rc():
        made = list(plots.copies(board_of(near)))
    assert len(made) == near.trials["variant"].nunique()
    plot = made[0]
    assert set(plot.data["weights"]) == {"raw", "ema"}
    assert set(plot.data["distance_test_median"]) == {31.5}
    assert plot.data["distance"].tolist() == [*(np.arange(10) + 20.25)] * (len(plot.data) // 10)
    words = " ".join(re.sub(r"<[^>]*>", " ", plot.image.decode()).split())
    for text in ("root mean square difference", "generated", "in training", "20.2", "31.5", "final, EMA"):
        assert text in words
    assert not plot.wide


def test_records_without_them_have_no_figure(results):
    assert list(plots.copies(board_of(results))) == []


@pytest.mark.slow
def test_the_variants_page_shows_them(near, draw_only, tmp_path):
    draw_only("copies")
    index = site.write(tidy(near.trials, near.scores, near.history[:0]), tmp_path, title="t", command="c")
    page = next(index.parent.glob("variant--gan*.html")).read_text()
    assert "Nearest training images" in page
    assert "copies" in page
