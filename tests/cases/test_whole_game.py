"""One plug-in with data, networks, a variant and metrics of its own, from the plan to the report."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.cases.conftest import Play


def test_a_game_of_its_own_data_networks_and_metrics_is_ranked_by_its_own_metric(
    play: Play, tmp_path: Path
) -> None:
    status, shown = play("whole_game.toml", "whole_game.py", {"kimg = 3.2": "kimg = 0.64"}, report=True)
    assert status == 0, shown
    assert "Distance to the shadow, lower is better" in shown
    report = tmp_path / "out" / "report"
    (board,) = report.glob("board--*.html")
    page = board.read_text("utf-8")
    for title in ("Distance to the shadow", "Distance to the point"):
        assert title in page
    scores = pd.concat(map(pd.read_csv, report.rglob("scores.csv")))
    assert {"lifter", "lifter(objective=hinge)+r1"} == set(scores["variant"])
    final = scores[(scores["when"] == "final") & (scores["split"] == "test")]
    shadow, point = (final.loc[final["metric"] == name, "value"] for name in ("shadow_error", "point_error"))
    assert len(shadow) >= 4
    assert len(point) >= 4
    # |s - (x + y)| <= sqrt(2) |(x, y) - (x', y')|, and means are no larger than root mean squares
    assert (shadow.to_numpy() <= 2**0.5 * point.to_numpy()).all()
