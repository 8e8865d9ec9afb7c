from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports import plots
from gan_bench.reports.colours import looks
from gan_bench.reports.plots import roofline as module

CONTEXT = "cpu, a processor"
VARIANTS = {"nsgan": 1, "wgan-gp": 4, "began": 5}


@pytest.fixture
def measured():
    rows = []
    for place, variant in enumerate(VARIANTS):
        for replicas in (1, 4, 16):
            for index in range(5):
                single = replicas == 1
                rows.append({
                    "workload": "ring, mlp, batch 256", "variant": variant,
                    "replicas": replicas, "round": index,
                    "milliseconds_per_iteration": 1.0 + place + 0.01 * index,
                    "milliseconds_per_critic_update": 0.5 + place if single else np.nan,
                    "milliseconds_per_generator_update": 0.4 if single and variant != "began" else np.nan,
                    "bare_milliseconds_per_iteration": np.nan,
                    "bare_captured_milliseconds_per_iteration": np.nan,
                    "classic_milliseconds_per_iteration": np.nan,
                    "flop_per_iteration": 2e6, "bytes_per_iteration": 4e6 / (1 + place),
                    "flop_per_second": 1e9 * replicas**0.5,
                    "matrix_product_flop_per_second": 5e10, "memory_copy_bytes_per_second": 1e10,
                    "pack_gain": replicas**0.5 + 0.1 * index * (replicas > 1),
                    "iterations_per_second": 1.0,
                })  # fmt: skip
    return pd.DataFrame(rows)


def drawn(frame):
    with plots.rc():
        return list(plots.speed_plots(frame, looks(VARIANTS), CONTEXT))


def test_costs_and_gains_with_labelled_axes(measured):
    costs, gains, _ = drawn(measured)
    for plot, axis in ((costs, "time (ms); median and quartiles"), (gains, "replicas in a pack, K (count)")):
        svg = plot.image.decode()
        assert axis in svg
        assert CONTEXT in svg
        assert all(variant in svg for variant in VARIANTS)
    assert "replica-iterations/s over those of K = 1" in gains.image.decode()
    assert "wgan-gp 2.02 ms" in costs.alt
    assert "nsgan 4.20" in gains.alt
    assert costs.name != gains.name


def test_the_numbers_behind_a_plot_are_those_it_shows(measured):
    costs, gains, _ = drawn(measured)
    assert len(costs.data) == 15
    assert "bare_milliseconds_per_iteration" not in costs.data
    assert "bare loop" not in costs.image.decode()
    assert set(gains.data["replicas"]) == {1, 4, 16}
    bare = measured.assign(bare_milliseconds_per_iteration=2.5)
    assert "bare loop" in drawn(bare)[0].image.decode()


def test_single_replicas_have_no_plot_of_gains(measured):
    assert len(drawn(measured[measured["replicas"] == 1])) == 2


def test_every_workload_has_plots_of_its_own(measured):
    both = pd.concat([measured, measured.assign(workload="grid, mlp, batch 256")])
    assert len({plot.name for plot in drawn(both)}) == 6


def test_the_roof_is_the_smaller_of_two_rates(measured):
    """By hand: nsgan does 0.5 FLOP per byte, so 5 GFLOP/s at most; one replica has 1, a pack of 16 has 4."""
    *_, roof = drawn(measured)
    for text in ("nsgan, K = 1: 20 %", "nsgan, K = 16: 80 %", "wgan-gp, K = 1: 10 %", "50G FLOP/s"):
        assert text in roof.alt
    assert "K = 4" not in roof.image.decode()  # the smallest and the largest packs alone
    fast = measured.assign(bytes_per_iteration=1e5)  # 20 FLOP per byte: matrix products limit it
    assert "nsgan, K = 16: 8 %" in drawn(fast)[-1].alt


def test_the_marks_and_the_roof_are_inside_of_the_axes(measured, monkeypatch):
    figures = []
    monkeypatch.setattr(module, "finish", lambda figure, **_: figures.append(figure))
    for factor in (1e-6, 1.0, 1e6):
        rows = measured.assign(flop_per_second=measured["flop_per_second"] * factor)
        with plots.rc():
            module.roofline(rows, looks(VARIANTS), "", "x", "Rates")
        (axes,) = figures[-1].axes
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        for line in axes.lines:
            assert all(left <= x <= right for x in line.get_xdata())
            assert all(bottom <= y <= top for y in line.get_ydata())


def test_many_variants_have_plots_of_twelve_lines_at_most(measured):
    names = [f"variant-{place}" for place in range(30)]
    many = pd.concat([measured[measured["variant"] == "nsgan"].assign(variant=name) for name in names])
    all_looks = looks({name: place for place, name in enumerate(names)})
    with plots.rc():
        _, *others = plots.speed_plots(many, all_looks, CONTEXT)
    assert len({plot.name for plot in others}) == 6  # of gains and of rates: 12, 12 and 6 variants
    for plot in others:
        assert 0 < plot.data["variant"].nunique() <= 12
        assert "places" in plot.title
    assert set(pd.concat([plot.data for plot in others[:3]])["variant"]) == set(names)
