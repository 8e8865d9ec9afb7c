from __future__ import annotations

import io
import itertools
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from gan_bench.reports import plots
from gan_bench.reports.films import reel
from gan_bench.reports.folder import Folder
from gan_bench.reports.plots.raster import PAPER, REAL, bars, is_point, limits, outside, scatter
from gan_bench.reports.plots.samples import extent
from gan_bench.reports.plots.stage import BELOW
from tests.reports.html_pages import write
from tests.reports.synthetic import board_of

RED = "#ff0000"


def rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


@pytest.mark.parametrize(
    ("kind", "size"), [("planar", (266, 266)), ("scalar", (266, 186)), ("images", (173, 173))]
)
def test_a_film_has_a_frame_per_point_in_picture_and_gif(make, tmp_path, kind, size):
    results = make(tmp_path / "samples", variants={"gan": 2014}, seeds=2, kind=kind, lost=False)
    found = reel(board_of(results), Folder(tmp_path / "out"))
    (film,) = found.films
    assert (film.width, film.height) == size
    assert (film.frames, found.moments, found.missing) == (3, ["32", "64", "96"], [])
    with Image.open(tmp_path / "out" / f"{film.file}.png") as picture:
        assert picture.size == (3 * size[0], size[1])
    with Image.open(tmp_path / "out" / f"{film.file}.gif") as gif:
        assert (gif.n_frames, gif.size) == (3, size)
    assert film.numbers == (kind != "images")
    if film.numbers:
        numbers = pd.read_csv(tmp_path / "out" / f"{film.file}.csv")
        assert numbers["kimg"].value_counts().to_dict() == {32.0: 500, 64.0: 500, 96.0: 500}


def test_a_diverged_seed_is_shown_as_such_and_one_without_samples_is_named(make, tmp_path):
    results = make(
        tmp_path / "s",
        variants={"gan": 2014, "wgan": 2017, "rsgan": 2018},
        seeds=1,
        kind="planar",
        lost=False,
    )
    trials = results.trials
    path = trials.loc[trials["variant"] == "wgan", "samples"].item()
    with np.load(path) as arrays:
        kept = {"way": arrays["way"][:2], "way_kimg": arrays["way_kimg"][:2]}
    np.savez(path, **kept)
    trials.loc[trials["variant"] == "wgan", ["status", "diverged_at"]] = ["diverged", 1234]
    trials.loc[trials["variant"] == "rsgan", ["status", "samples"]] = ["failed", None]
    found = reel(board_of(results), Folder(tmp_path / "out"))
    films = {film.label: film for film in found.films}
    assert (films["gan"].frames, films["wgan"].frames) == (3, 2)
    assert films["wgan"].caption == "seed 0, diverged at iteration 1,234"
    assert found.missing == [("rsgan", "failed")]


def test_a_long_training_is_shown_at_fifty_points_that_are_the_same_for_all_films(make, tmp_path):
    variants = {"gan": 2014, "wgan": 2017}
    results = make(tmp_path / "s", variants=variants, seeds=1, kind="planar", lost=False)
    for path, points in zip(results.trials["samples"], (120, 60), strict=True):  # the second was lost
        with np.load(path) as arrays:
            way = np.repeat(arrays["way"][:1], points, axis=0)
            np.savez(path, real=arrays["real"], way=way, way_kimg=np.arange(1.0, points + 1))
    found = reel(board_of(results), Folder(tmp_path / "out"))
    assert (len(found.moments), found.moments[0], found.moments[-1]) == (50, "1", "120")
    shown = {film.label: film.frames for film in found.films}
    assert shown == {"gan": 50, "wgan": sum(float(moment) <= 60 for moment in found.moments)}


@pytest.mark.parametrize("points", [1, 3])
def test_films_of_one_point_have_no_slider(make, draw_only, tmp_path, points):
    draw_only()
    results = make(tmp_path / "s", variants={"gan": 2014}, seeds=1, kind="planar", lost=False)
    path = results.trials["samples"].item()
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "way": arrays["way"][:points], "way_kimg": arrays["way_kimg"][:points]})
    (page,) = write(results, tmp_path / "out").parent.glob("evolution*.html")
    text = page.read_text()
    assert text.count('type="range"') == (points > 1)
    assert text.count("There is one point of training with samples, after") == (points == 1)


def test_stores_from_before_films_have_no_page_of_them(make, tmp_path):
    results = make(tmp_path / "s", variants={"gan": 2014}, seeds=1, kind="planar", lost=False)
    path = results.trials["samples"].item()
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in ("real", "final")}
    np.savez(path, **kept)
    assert reel(board_of(results), Folder(tmp_path / "out")) is None


def test_points_are_where_they_belong():
    real = np.array([[-1.0, -1.0], [1.0, 1.0]])
    box = limits(real)
    assert box == [(-1.36, 1.36), (-1.36, 1.36)]
    outside = np.array([[0.0, 0.0], [9.0, 0.0], [np.nan, 0.0]])
    page = scatter(real, outside, box, RED, 136, dot=2)
    assert page.shape == (136, 136, 3)
    assert page[68, 68].tolist() == rgb(RED)
    assert page[118, 18].tolist() == rgb(REAL)  # (-1, -1) is at the left, below
    assert (page == rgb(PAPER)).all(2).sum() == 136**2 - 3 * 4


def test_bars_are_as_high_as_their_share():
    real = np.repeat(np.linspace(0, 1, 50), 20)[:, None]
    box = limits(real)
    page = bars(real, real, box, RED, 200)
    assert page.shape == (120, 200, 3)
    shares = np.histogram(real, np.linspace(*box[0], 51))[0]
    middle = (page[:, 100] == rgb(RED)).all(1).sum()  # two pixels of it are the real data's line
    assert middle == pytest.approx(120 * shares[25] / (1.5 * shares.max()), abs=3)
    assert not (page[:, 2] == rgb(RED)).all(1).any()  # nothing in the margin


def test_encoded_frames_are_not_lossy(make, tmp_path):
    results = make(tmp_path / "s", variants={"gan": 2014}, seeds=1, lost=False)
    found = reel(board_of(results), Folder(tmp_path / "out"))
    with np.load(results.trials["samples"].item()) as arrays:
        first = arrays["way"][1, 0, 0]
    content = (tmp_path / "out" / f"{found.films[0].file}.png").read_bytes()
    page = np.asarray(Image.open(io.BytesIO(content)))
    assert (page[:28, 173 : 173 + 28, 0] == first).all()


def test_data_that_are_one_point_are_framed_by_what_is_generated():
    point, drawn = np.zeros((10, 1)), np.array([[1e-3], [3e-3], [np.nan]])
    ((low, high),) = limits(point, drawn)
    assert low < 0 < 3e-3 < high < 4e-3
    assert limits(np.array([[0.0], [1.0]]), drawn) == limits(np.array([[0.0], [1.0]]))


def test_films_of_a_board_have_one_scale_and_an_entry_far_away_does_not_set_it(make, tmp_path):
    """Dirac-GAN's films had each a scale of its own and no numbers."""
    variants = {"gan": 2014, "wgan": 2017, "wgan-gp": 2017}
    results = make(tmp_path / "s", variants=variants, seeds=1, kind="scalar", dataset="dirac", lost=False)
    ways = {"gan": [1e-3, -5e-4, 2e-4], "wgan": [1e-3, -2e-3, 1e-3], "wgan-gp": [1e-3, 8.0, 15.0]}
    for variant, path in zip(results.trials["variant"], results.trials["samples"], strict=True):
        way = np.repeat(np.array(ways[variant])[:, None, None], 20, axis=1)
        np.savez(path, real=np.zeros((20, 1)), final=way[-1], way=way, way_kimg=np.array([32.0, 64, 96]))
    board = board_of(results)
    real, box = extent(board)
    assert is_point(real)
    ((low, high),) = box
    assert -4e-3 < low < -2e-3
    assert 1e-3 < high < 4e-3
    found = reel(board, Folder(tmp_path / "out"))
    pages = {
        film.label: np.asarray(Image.open(tmp_path / "out" / f"{film.file}.png")) for film in found.films
    }
    below = {label: page[-BELOW:, : pages["gan"].shape[1] // 3] for label, page in pages.items()}
    assert (below["gan"] != 253).any()  # numbers
    assert (below["gan"] == below["wgan"]).all()
    assert (below["gan"] == below["wgan-gp"]).all()
    assert outside(np.full((20, 1), 15.0), box) == 20
    with plots.rc():
        drawn = list(plots.points(board))
    ticks = [re.findall(r">([−\d.]+)</text>", plot.image.decode()) for plot in drawn]
    assert ticks[0] == ticks[1] == ticks[2] != []


def test_samples_outside_are_counted_in_every_dimension():
    box = [(0.0, 1.0), (0.0, 1.0)]
    assert outside(np.array([[0.5, 0.5], [2.0, 0.5], [0.5, -1.0], [np.nan, 0.5]]), box) == 3


def test_the_line_of_real_data_has_no_gaps():
    real = np.random.default_rng(0).normal(size=(500, 1))
    picture = bars(real, np.full((5, 1), 99.0), limits(real), "#0072b2", 200)
    grey = (picture == rgb(REAL)).all(axis=2)
    rows = [np.flatnonzero(column) for column in grey.T]
    assert all(len(one) for one in rows)
    steps = itertools.pairwise(rows)
    assert all(one.min() <= other.max() + 1 and other.min() <= one.max() + 1 for one, other in steps)
