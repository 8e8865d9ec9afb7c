"""Axes: ticks that do not touch, logarithmic axes beside spreads that pass 0, and targets."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench.reports import plots
from gan_bench.reports.plots.figure import canvas, scale
from tests.reports.synthetic import board_of


def drawn(monkeypatch, module, plot):
    """The axes that a plot was drawn on."""
    kept = []
    finish = module.finish
    monkeypatch.setattr(
        module, "finish", lambda figure, **facts: kept.append(figure) or finish(figure, **facts)
    )
    with plots.rc():
        made = plot()
    return kept[0].axes[0], made


@settings(max_examples=40)  # each draws a figure; every run tries others
@given(
    st.floats(-8, 5),
    st.floats(1.05, 8),
    st.floats(0.3, 2.6),
    st.sampled_from(["x", "y"]),
    st.booleans(),
)
def test_labels_of_ticks_never_touch(start, decades, left, which, logarithmic):
    with plots.rc():
        figure, axes = canvas("title", "context", 0.5 + left, left=left)
        low = 10.0**start
        values = np.array([low if logarithmic else 0.0, low * 10**decades])
        (axes.set_xlim if which == "x" else axes.set_ylim)(values.min(), values.max())
        scale(axes, which, values)
        figure.draw_without_rendering()
        ticks = (axes.xaxis if which == "x" else axes.yaxis).get_major_ticks()
        low_end, high_end = sorted(axes.get_xlim() if which == "x" else axes.get_ylim())
        inside = [tick for tick in ticks if low_end <= tick.get_loc() <= high_end and tick.label1.get_text()]
        boxes = [tick.label1.get_window_extent() for tick in inside]
    assert inside
    ends = sorted((box.x0, box.x1) if which == "x" else (box.y0, box.y1) for box in boxes)
    assert all(right[0] >= left[1] for left, right in itertools.pairwise(ends))


def test_a_logarithmic_axis_is_not_stretched_by_a_spread_that_passes_zero(make, monkeypatch):
    """Mean - std below 0, or next to it, has no place on such an axis."""
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=5, lost=False, ema=False)
    final = results.scores["metric"] == "fid_lenet28"
    results.scores.loc[final, "value"] = 10.0 ** (results.scores.loc[final, "seed"] - 3)  # mean 222, std 435
    axes, _ = drawn(monkeypatch, plots.scores, lambda: next(plots.strips(board_of(results))))
    values = results.scores.loc[final, "value"]
    assert values.mean() < values.std()
    assert axes.get_xscale() == "log"
    low, high = axes.get_xlim()
    assert values.min() / 2 < low < values.min()
    assert values.max() < high < 2 * values.max()


@pytest.mark.parametrize("group", ["curves", "scores"])
def test_plots_of_a_metric_with_a_target_draw_it(make, monkeypatch, group):
    few = {"gan": 2014, "wgan": 2017}
    results = make(None, variants=few, kind="scalar", dataset="gaussian1d", lost=False, ema=False, points=2)
    results.scores["target"] = np.where(results.scores["metric"] == "mean", 4.0, np.nan)
    board = board_of(results)
    module, make_all = {
        "curves": (plots.curves, plots.metric_curves),
        "scores": (plots.scores, plots.strips),
    }[group]

    def mean():
        return next(plot for plot in make_all(board) if "mean" in plot.name.split("--"))

    kept = []
    finish = module.finish
    monkeypatch.setattr(
        module,
        "finish",
        lambda figure, **facts: kept.append((facts["name"], figure)) or finish(figure, **facts),
    )
    with plots.rc():
        plot = mean()
    figure = next(figure for name, figure in kept if name == plot.name)
    ends = [line.get_ydata() if group == "curves" else line.get_xdata() for line in figure.axes[0].lines]
    assert any(list(values) == [4.0, 4.0] for values in ends)
    assert "target, the data's own: 4" in plot.image.decode().replace("&#39;", "'")
    assert "Target, the data's own: 4." in plot.alt
    with plots.rc():
        first = next(make_all(board))
    assert "the data's own" not in first.alt  # w1 has none
    assert math.isnan(first.data["target"].iloc[0])


@pytest.mark.parametrize("make_all", [plots.strips, plots.metric_curves])
def test_a_metric_of_some_games_is_drawn_with_these_alone(make, make_all):
    """Entries without a measurement would be empty rows; those of which every seed was lost are kept."""
    variants = {"gan": 2014, "lsgan": 2016, "wgan": 2017}
    results = make(None, variants=variants, seeds=2, kind="scalar", lost=False, ema=False, points=2)
    results.scores = results.scores[results.scores["metric"].isin(["w1", "ks"])]
    lost = results.trials["variant"] == "wgan"
    results.trials.loc[lost, "status"] = "diverged"
    results.scores = results.scores[results.scores["variant"] != "wgan"]

    def alts():
        with plots.rc():
            made = list(make_all(board_of(results)))
        return {name: plot.alt for plot in made for name in ("w1", "ks") if name in plot.name.split("--")}

    whole = alts()["ks"]
    own = (results.scores["metric"] != "ks") | (results.scores["variant"] == "gan")
    results.scores = results.scores[own]
    few = alts()
    assert "lsgan" in whole
    assert "lsgan" not in few["ks"]
    assert ("wgan" in whole) == (make_all is plots.strips)
    assert "wgan" not in few["ks"]
    assert "lsgan" in few["w1"]
