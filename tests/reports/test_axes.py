"""Scores against the hyperparameter that a suite varies."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports import plots
from gan_bench.reports.plots import axes as module
from gan_bench.reports.plots.axes import along_axis
from gan_bench.reports.schema import HISTORY, SCORES, TRIALS
from tests.reports.synthetic import Results, board_of

VARIANTS = {"gan": 2014, "nsgan": 2014}
LABELS = (25, 100, 400)


def board(make, vary, lost=()):
    """A board of planar data: `vary` gives the varied settings of a variant and setting; `lost` trials."""
    results = make(None, variants=VARIANTS, seeds=6, settings=3, lost=False, ema=False, kind="planar",
                   dataset="ring", points=2)  # fmt: skip
    trials = results.trials.copy()
    setting = trials.groupby("variant")["hyperparameters"].transform(lambda texts: pd.factorize(texts)[0])
    trials["varied"] = [json.dumps(vary(v, s)) for v, s in zip(trials["variant"], setting, strict=True)]
    scores = results.scores
    for index in lost:
        trials.loc[trials.index[index], "status"] = "diverged"
    return board_of(Results(trials, scores, HISTORY.build([])), results.metrics)


def drawn(of):
    with plots.rc():
        return [*along_axis(of)]


def labels_of(variant, setting):
    return {"labels": LABELS[setting]}


def test_every_value_has_its_median_and_an_interval_around_it(make):
    of = board(make, labels_of)
    (plot,) = drawn(of)
    trials = of.frames.trials
    at = trials["varied"].map(lambda text: json.loads(text)["labels"])
    ends = of.frames.finals
    final = ends[(ends["when"] == "final") & (ends["weights"] == "raw") & (ends["metric"] == of.primary)]
    scores = trials["trial"].map(final.set_index("trial")["value"])
    for _, row in plot.data.iterrows():
        own = scores[(trials["variant"] == row["variant"]) & (at == row["at"])]
        assert len(own) == row["seeds"] == 6
        assert row["median"] == pytest.approx(np.median(own))
        assert own.min() <= row["low"] <= row["median"] <= row["high"] <= own.max()
    assert sorted(plot.data["at"].unique()) == list(LABELS)
    assert "gan" in plot.alt
    for value in LABELS:
        assert f" at {value}" in plot.alt


def test_lost_seeds_count_as_worst(make):
    whole, less = (drawn(board(make, labels_of, lost))[0].data for lost in ((), (0, 1)))
    first = {"variant": "gan", "at": 25}
    one, other = (d.set_index([*first]).loc[tuple(first.values())] for d in (whole, less))
    assert (one["finished"], other["finished"]) == (6, 4)
    assert other["median"] < one["median"]  # of the number of modes, more is better


def test_a_board_whose_trials_are_all_lost_has_no_plot(make):
    assert drawn(board(make, labels_of, range(len(VARIANTS) * 6 * 3))) == []


def test_a_variant_without_the_setting_is_a_line(make):
    (plot,) = drawn(board(make, lambda v, s: labels_of(v, s) if v == "gan" else {}))
    assert plot.data[plot.data["variant"] == "nsgan"]["at"].isna().all()
    assert "nsgan" in plot.alt
    assert "whatever labels" in plot.alt


@pytest.mark.parametrize(
    "vary",
    [
        lambda variant, setting: {},
        lambda variant, setting: {"labels": LABELS[setting], "lr": 0.1 * setting},
        lambda variant, setting: {"norm": "abc"[setting]},
        lambda variant, setting: {"flag": setting > 1},
        lambda variant, setting: {"labels": 25},
    ],
)
def test_only_one_varied_number_is_an_axis(make, vary):
    assert drawn(board(make, vary)) == []


@pytest.mark.parametrize(("metric", "end"), [("modes", 0), ("sliced_wasserstein", 1)])
def test_an_interval_that_ends_in_lost_seeds_reaches_the_frame(make, monkeypatch, metric, end):
    """Two of six seeds are lost: the median has a value, one end of its interval has none."""
    of = board(make, labels_of, (0, 1))
    trials = of.frames.trials.assign(primary=metric)
    of = board_of(Results(trials[list(TRIALS.columns)], of.frames.scores[list(SCORES.columns)],
                          HISTORY.build([])))  # fmt: skip
    figures = []
    monkeypatch.setattr(module, "finish", lambda figure, **options: figures.append((figure, options)))
    drawn(of)
    ((figure, options),) = figures
    row = options["data"].query("variant == 'gan' and at == 25").iloc[0]
    assert np.isfinite(row["median"])
    assert np.isnan(row[("low", "high")[end]])  # the numbers beside the plot say that there is none
    (axes,) = figure.axes
    bars = [segment for lines in axes.collections for segment in lines.get_segments()]
    assert len(bars) == 6
    assert np.isfinite(bars).all()
    assert axes.get_ylim()[end] in {bar[end][1] for bar in bars}
