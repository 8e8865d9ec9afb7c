from __future__ import annotations

import json

import numpy as np
import pytest

from gan_bench.reports import plots, site
from gan_bench.reports.frames import board_title, tidy
from gan_bench.reports.plots.stability import _cells
from gan_bench.reports.stability import stability_table, sweep
from tests.reports.synthetic import board_of

SETTINGS = 16


@pytest.fixture
def results(make):
    """Two variants, 16 settings each: `calm` is good at any lr, `shy` only below 1e-3; one trial is lost."""
    results = make(
        None, kind="planar", dataset="ring", variants={"calm": 2014, "shy": 2015}, seeds=1, settings=SETTINGS,
        lost=False, ema=False, points=2,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    for place, (index, row) in enumerate(results.trials.iterrows()):
        rate = float(np.geomspace(1e-5, 1e-1, SETTINGS)[place % SETTINGS])
        own = {"lr": rate, "critic_lr": rate, "beta1": float(rng.uniform(0, 0.9)), "batch_size": 64}
        own |= {"weight": [1, 10][place % 2]} if row["variant"] == "shy" else {}
        results.trials.loc[index, "hyperparameters"] = json.dumps(own)
        results.trials.loc[index, "inherits"] = json.dumps({"critic_lr": "lr"})
        mine = results.scores["trial"] == row["trial"]
        distance = 0.1 if row["variant"] == "calm" or rate < 1e-3 else 0.8
        results.scores.loc[mine & (results.scores["metric"] == "sliced_wasserstein"), "value"] = distance
        results.scores.loc[mine & (results.scores["metric"] == "modes"), "value"] = 8.0
    first = results.trials["trial"].iloc[0]
    results.trials.loc[0, "status"] = "diverged"
    results.scores = results.scores[results.scores["trial"] != first]
    results.history = results.history[:0]
    return results


@pytest.fixture
def board(results):
    return board_of(results)


def test_axes_are_what_varies_and_no_hyperparameter_twice(board):
    found = sweep(board.frames)
    assert found.metric == "sliced_wasserstein"
    assert found.axes == ["lr", "beta1", "weight"]
    assert found.pairs() == [("lr", "beta1"), ("lr", "weight"), ("beta1", "weight")]
    assert found.settings.loc[found.settings["variant"] == "calm", "weight"].isna().all()


def test_the_forgiving_variant_leads_the_table(board):
    table = stability_table(sweep(board.frames), "title")
    lines = {line[0]: line for line in table.cells}
    below = int((np.geomspace(1e-5, 1e-1, SETTINGS) < 1e-3).sum())
    assert list(lines) == ["calm", "shy"]
    assert lines["calm"][1:4] == ["15 of 16", f"{15 / 16:.2f}", "1"]
    share = (below + (SETTINGS - below) * (1 - np.log10(8))) / SETTINGS
    assert lines["shy"][1:4] == [f"{below} of 16", f"{share:.2f}", "0"]
    assert lines["calm"][4] == "0.100"


def test_plots_of_a_sweep(board):
    with plots.rc():
        drawn = list(plots.stability(board))
    titles = [plot.title for plot in drawn]
    assert titles[0].startswith("Expected best after n tried settings")
    assert titles[1].startswith("Profile over all settings")
    assert titles[2:] == [
        "Survival by lr and beta1",
        "Survival by lr and weight",
        "Survival by beta1 and weight",
    ]
    heat = drawn[2].data
    assert set(heat["variant"]) == {"calm", "shy"}
    assert heat.groupby("variant")["settings"].sum().tolist() == [16, 16]
    shy = heat[heat["variant"] == "shy"]
    assert (shy["survived"] * shy["settings"]).sum() == pytest.approx(
        (np.geomspace(1e-5, 1e-1, 16) < 1e-3).sum()
    )
    assert set(drawn[3].data["variant"]) == {"shy"}
    curve = drawn[0].data[drawn[0].data["variant"] == "calm"]
    assert curve["expected"].iloc[-1] == pytest.approx(0.1)


def test_a_board_of_few_settings_is_no_sweep(make):
    results = make(None, kind="planar", dataset="ring", variants={"gan": 2014}, settings=3, lost=False)
    ((_, part),) = tidy(results.trials, results.scores).boards()
    assert sweep(part) is None


def test_a_sweep_in_which_everything_was_lost(board, results):
    results.trials["status"] = "diverged"
    ((_, part),) = tidy(results.trials, results.scores).boards()
    assert sweep(part) is None


def test_a_heat_map_is_logarithmic_where_the_law_is(board):
    settings = sweep(board.frames).settings
    _, rates = _cells(settings["lr"])
    _, weights = _cells(settings["beta1"])
    assert [float(text.strip("~")) for text in rates] == pytest.approx([3e-5, 3e-4, 3e-3, 3e-2], rel=0.1)
    assert np.ptp(np.diff([float(text.strip("~")) for text in weights])) < 0.05
    places, names = _cells(settings["lr"].map(lambda rate: "low" if rate < 1e-3 else "high"))
    assert names == ["high", "low"]
    assert places.nunique() == 2


def test_a_title_counts_the_settings_of_a_search_and_names_profiles():
    key = {"suite": "s", "dataset": "ring", "stand_in_for": "", "architecture": "mlp", "kimg": 1.0}
    assert board_title(key, ["paper", "tuned"]).endswith("profiles paper and tuned")
    assert board_title(key, [f"search {i}" for i in range(64)]).endswith("64 profiles")


def test_the_page_of_a_sweep(results, draw_only, tmp_path):
    draw_only("stability")
    site.write(tidy(results.trials, results.scores, results.history), tmp_path, title="t", command="c")
    page = next(tmp_path.glob("stability--*.html")).read_text()
    assert "stability across settings" in page
    assert "Forgiveness: mean over all settings" in page
    assert list((tmp_path / "plots").glob("*survival--lr--beta1.csv"))
