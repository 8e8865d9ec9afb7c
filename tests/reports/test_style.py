from __future__ import annotations

import io
import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from gan_bench.reports import colours, plots, style
from gan_bench.reports.frames import tidy
from gan_bench.reports.labels import FileNames, short
from gan_bench.reports.plots.figure import finish, wants_log
from gan_bench.reports.plots.samples import load
from gan_bench.reports.sheets import as_images, png
from gan_bench.reports.summary import board_rows

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protan": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ]),
    "deutan": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ]),
}  # fmt: skip


def linear(colour):
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = matrix @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("side", [0, 1])
def test_colours_stand_out_from_their_paper(side):
    paper = (style.PAPER, style.THEME[style.PAPER])[side]
    for pair in colours.PALETTE:
        assert contrast(pair[side], paper) >= 3  # WCAG 2.2, graphical objects
    for ink in (style.INK, style.MUTED):
        assert contrast((ink, style.THEME[ink])[side], paper) >= 4.5  # text


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("deficiency", list(DEFICIENCIES))
def test_variants_can_be_told_apart_by_colour_or_else_by_marker_and_line(side, deficiency):
    looks = list(colours.looks({f"v{i}": i for i in range(8)}).values())
    for one, other in itertools.combinations(looks, 2):
        assert one.marker != other.marker
        pair = [linear((look.colour, style.THEME[look.colour])[side]) for look in (one, other)]
        distance = np.linalg.norm(
            lab(DEFICIENCIES[deficiency] @ pair[0]) - lab(DEFICIENCIES[deficiency] @ pair[1])
        )
        assert distance > 10 or one.line != other.line


def test_forty_variants_have_forty_looks():
    names = {f"v{i}": i for i in range(40)}
    assert len({(look.colour, look.marker) for look in colours.looks(names).values()}) == 40
    assert len({(look.colour, look.line) for look in colours.looks(names).values()}) == 40


def boards_of(results):
    frames = tidy(results.trials, results.scores, results.history, results.metrics)
    rows = board_rows(frames)
    looks, names = colours.looks(frames.variants), FileNames()
    for key, part in frames.boards():
        inside = (rows[list(key)] == list(key.values())).all(axis=1)
        yield plots.Board(key, part, rows[inside], looks, names)


def test_a_variant_looks_the_same_on_every_board(make, join):
    first = make(None, seeds=2, lost=False)
    second = make(
        None, seeds=2, lost=False, dataset="ring", kind="planar", variants={"ragan": 2018, "gan": 2014}
    )
    one, other = boards_of(join(first, second))
    for variant in ("gan", "ragan"):
        assert one.look(variant) == other.look(variant)
    assert one.look("gan") != one.look("ragan")


def test_a_variant_looks_the_same_in_a_report_of_others(make):
    everyone = make(None, seeds=2, lost=False)
    later = everyone.trials[everyone.trials["variant"].isin(["wgan", "ragan"])]
    few = colours.looks(tidy(later, everyone.scores).variants)
    all_looks = colours.looks(tidy(everyone.trials, everyone.scores).variants)
    assert set(few) == {"wgan", "ragan"}
    assert few["wgan"] == all_looks["wgan"]
    assert few["ragan"] == all_looks["ragan"]


def test_variants_that_no_register_knows_come_last(make):
    trials = make(None, seeds=1, lost=False).trials
    trials.loc[trials["variant"] == "gan", "look"] = None
    numbers = tidy(trials, make(None, seeds=1, lost=False).scores).variants
    assert numbers["gan"] == max(numbers.values())
    assert len(set(numbers.values())) == len(numbers)


def test_settings_share_the_colour_and_differ_in_line(make):
    (board,) = boards_of(make(None, variants={"gan": 2014, "wgan": 2017}, settings=2, seeds=2, lost=False))
    first, second = (board.look(label) for label in board.shown if label.startswith("gan"))
    assert first.colour == second.colour
    assert first.line != second.line


def test_an_entry_looks_the_same_wherever_it_is_ranked(make):
    results = make(None, variants={"gan": 2014}, settings=2, seeds=2, lost=False)
    (one,) = boards_of(results)
    results.scores["value"] = -results.scores["value"]  # the other setting leads
    (other,) = boards_of(results)
    assert one.shown == other.shown[::-1]
    assert all(one.look(label) == other.look(label) for label in one.shown)


def test_a_single_seed_has_no_spread_in_the_legend(make):
    for seeds, shown in ((1, False), (2, True)):
        (board,) = boards_of(make(None, variants={"gan": 2014}, seeds=seeds, lost=False))
        with plots.rc():
            first = next(plots.strips(board))
        assert ("mean ± std of seeds" in first.image.decode()) == shown


def test_a_large_sweep_shows_the_best_setting_of_each_variant_and_says_so(make):
    (board,) = boards_of(make(None, variants={"gan": 2014, "wgan": 2017}, settings=9, seeds=2, lost=False))
    assert len(board.shown) == 2
    assert "best-ranked setting of each variant (2 of 18 entries)" in board.title


def texts(plot):
    return [
        "".join(element.itertext())
        for element in ElementTree.fromstring(plot.image).iter()
        if element.tag.endswith("}text")
    ]


def test_axes_are_labelled_with_units_and_the_direction(results):
    (board,) = boards_of(results)
    with plots.rc():
        curve = next(plots.metric_curves(board))
        strip = next(plots.strips(board))
        cost = next(plots.cost(board))
    assert "real images seen (kimg = thousands)" in texts(curve)
    assert "FID (lenet28) [lower is better]" in texts(curve)
    assert "FID (lenet28) [lower is better]" in texts(strip)
    assert "training time of a pack (s, evaluation excluded)" in texts(cost)
    assert "wgan (3 of 5)" in texts(curve)
    assert {"× 2 diverged", "× 1 failed", "final", "best", "final, EMA", "best, EMA"} <= set(texts(strip))
    assert len(strip.data) == 37 * 4
    assert set(curve.data["status"]) == {"finished", "diverged"}


def test_a_curve_is_not_cut_where_others_were_measured_elsewhere(make, monkeypatch):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=2, lost=False, ema=False)
    later = results.scores["trial"].isin(results.trials.loc[results.trials["variant"] == "wgan", "trial"])
    results.scores.loc[later, "kimg"] += 0.064  # five critic updates to an iteration
    (board,) = boards_of(results)
    drawn = []
    monkeypatch.setattr(plots.curves, "finish", lambda figure, **_: drawn.append(figure.axes[0].lines))
    with plots.rc():
        next(plots.metric_curves(board))
    medians = [line.get_ydata() for line in drawn[0] if line.get_marker() != "None"]
    points = results.scores[["trial", "kimg"]].drop_duplicates()
    assert len(medians) == 2
    for values in medians:
        assert len(values) == points.groupby("trial").size().max()
        assert np.isfinite(values).all()


def test_log_scale_only_where_the_span_asks_for_it():
    assert wants_log(np.array([1.0, 100.0]))
    assert not wants_log(np.array([1.0, 5.0]))
    assert not wants_log(np.array([-1.0, 100.0]))
    assert not wants_log(np.array([0.0, 100.0]))
    assert not wants_log(np.array([np.nan]))


def test_a_loss_spike_does_not_flatten_the_curve(make):
    results = make(None, variants={"gan": 2014}, seeds=1, lost=False)
    results.history.loc[300, "value"] = 1e9
    (board,) = boards_of(results)
    with plots.rc():
        plot = next(plots.loss_curves(board))
    assert "spikes beyond the frame are cut" in texts(plot)


@pytest.mark.parametrize("kind", ["planar", "scalar"])
def test_samples_beyond_the_frame_are_counted(make, tmp_path, kind):
    results = make(tmp_path, variants={"gan": 2014}, seeds=1, kind=kind, lost=False, ema=False)
    path = results.trials["samples"].iloc[0]
    arrays = load(path)
    arrays["final"][:7] = 1e6
    arrays["final"][7:9] = np.nan
    arrays["final"][9:] = arrays["real"][9:]
    np.savez(path, **arrays)
    (board,) = boards_of(results)
    with plots.rc():
        (plot,) = plots.points(board)
    assert "9 of 2,500 outside" in texts(plot)
    assert len(plot.data) == 5000


def test_sheets_hold_the_images_in_order():
    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1) * np.ones((1, 1, 4, 4), np.uint8)
    page = np.asarray(Image.open(io.BytesIO(png(images, 3))))
    assert page.shape == (9, 14)
    assert [page[0, 0], page[0, 5], page[0, 10], page[5, 0], page[5, 5]] == [0, 1, 2, 3, 4]
    colours = np.zeros((2, 3, 4, 4), np.uint8)
    assert np.asarray(Image.open(io.BytesIO(png(colours, 3)))).shape == (4, 9, 3)
    assert as_images(np.zeros((5, 2))) is None
    assert as_images(np.full((2, 4, 4), 300.0)).max() == 255


def test_small_numbers_keep_their_digits_in_texts_and_lose_them_in_coordinates():
    figure = Figure()
    with plots.rc():
        figure.text(1 / 3, 1 / 7, "lr = 0.00123")
        plot = finish(figure, name="x", title="x", alt="x", data=pd.DataFrame())
    assert texts(plot) == ["lr = 0.00123"]
    assert not re.search(rb'="[^"]*\.\d{3}', plot.image)


@pytest.mark.parametrize("limit", [24, 40])
def test_a_name_that_is_too_long_keeps_the_settings_at_its_end(limit):
    names = [f"context-encoder (adversarial_weight={weight}), tuned" for weight in (0.001, 0.05)]
    cut = [short(name, limit) for name in names]
    assert cut[0] != cut[1]
    assert all(len(name) <= limit and name.startswith("context-e") for name in cut)
    assert short("wgan-gp", limit) == "wgan-gp"
