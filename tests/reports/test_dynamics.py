"""Traced parameters on a board: against iterations and against each other."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports import plots
from gan_bench.reports.plots.raster import together
from tests.reports.synthetic import Results, board_of

# `plots.dynamics` is the function; its module has the same name.
drawing = sys.modules["gan_bench.reports.plots.dynamics"]


def spirals(make, names=("critic.psi", "generator.theta")):
    """Three variants: two of radius 1e-3, one of 15."""
    results = make(
        None, variants={"gan": 2014, "wgan": 2017, "wgan-gp": 2017}, kind="scalar", seeds=2, lost=False
    )
    steps = np.arange(10, 2000, 10)
    parts = [results.history]
    for trial, variant in zip(results.trials["trial"], results.trials["variant"], strict=True):
        radius = 15.0 if variant == "wgan-gp" else 1e-3
        for name, wave in zip(names, (np.sin, np.cos), strict=True):
            rows = {"trial": trial, "iteration": steps, "kimg": steps * 0.064, "seconds": 0.0, "name": name}
            parts.append(pd.DataFrame({**rows, "kind": "parameter", "value": radius * wave(steps / 100)}))
    return board_of(Results(results.trials, results.scores, pd.concat(parts, ignore_index=True)))


def test_theta_and_psi_are_shown_against_iterations_and_in_their_plane(make, monkeypatch):
    board = spirals(make)
    figures = []
    finish = drawing.finish
    monkeypatch.setattr(
        drawing, "finish", lambda figure, **facts: figures.append(figure) or finish(figure, **facts)
    )
    with plots.rc():
        time, plane = plots.dynamics(board)
    assert time.title == "θ and ψ against iterations"
    assert plane.title == "Phase plane of θ and ψ"
    heads = {axes.get_title(loc="left"): axes for axes in figures[0].axes}
    assert set(heads) == {"gan", "wgan", "wgan-gp, own scale"}
    assert heads["gan"].get_ylim() == heads["wgan"].get_ylim()
    assert 1e-3 < heads["gan"].get_ylim()[1] < 1.2e-3
    assert 15 < heads["wgan-gp, own scale"].get_ylim()[1] < 17
    assert heads["gan"].get_xlabel() == "iterations (count)"
    for axes in figures[1].axes:
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("θ", "ψ")
        assert axes.get_xlim() == axes.get_ylim()
    assert set(time.data["name"]) == {"critic.psi", "generator.theta"}


def test_parameters_are_no_losses_and_losses_no_parameters(make):
    board = spirals(make)
    with plots.rc():
        found = list(plots.loss_curves(board))
    assert found
    assert all(set(plot.data["name"]) == {"critic", "generator"} for plot in found)


def test_boards_without_traced_parameters_have_no_such_plot(make):
    results = make(None, variants={"gan": 2014}, seeds=1, lost=False)
    assert list(plots.dynamics(board_of(results))) == []


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ({"a": (-1.0, 1.0), "b": (0.0, 3.0)}, (-1.0, 3.0)),
        ({"a": (-1.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 99.0)}, (-1.0, 1.0)),
        ({"a": (0.0, 0.0), "b": (0.0, 0.0), "c": (0.0, 1.0)}, (0.0, 0.0)),
        ({"a": (0.0, 5.0)}, (0.0, 5.0)),
    ],
)
def test_one_range_leaves_out_what_is_far_wider(ranges, expected):
    assert together(ranges) == expected
