"""Titles, units and meanings that come with the scores, in every place of a report that shows a metric."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.figure import Figure

from gan_bench.bench.metrics import describe, names, register
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.reports import plots, site, tables
from gan_bench.reports.frames import tidy
from gan_bench.reports.metrics import Descriptions
from gan_bench.reports.schema import METRICS as SCHEMA
from gan_bench.reports.summary import board_rows, metric_rows
from tests.reports.synthetic import board_of

NAME, TITLE, UNIT, MEANING = "mean_absolute_error", "Mean miss", "pixels", "How far samples miss."


def described(*metrics: str) -> pd.DataFrame:
    return SCHEMA.build(row._asdict() for row in describe(metrics))


@pytest.fixture
def plugged(make):
    """Results ranked by a metric of a plug-in, and the descriptions that its registration gives."""
    results = make(None, seeds=5, lost=False)
    results.trials["primary"] = NAME
    results.scores["metric"] = results.scores["metric"].replace("fid_lenet28", NAME)
    with METRICS.restored():
        register(NAME, title=TITLE, unit=UNIT, meaning=MEANING, direction="min")(lambda *_: 0.0)
        yield results, described(*results.scores["metric"].unique())


def test_versions_belong_to_titles_and_unknown_names_are_their_own():
    words = Descriptions(described("fid_lenet28", "ks"))
    assert words.title("fid_lenet28") == "FID (lenet28)"
    assert words.title("fid_lenet28 v2") == "FID (lenet28) v2"
    assert words.title("mean_absolute_error v3") == "mean_absolute_error v3"
    assert (words.unit("unheard_of"), words.axis("unheard_of", None)) == ("", "unheard_of")
    assert words.axis("ks", "min") == "Kolmogorov-Smirnov statistic\n[lower is better]"
    assert list(words.meanings(["unheard_of", "ks", "fid_lenet28 v2"])) == [
        "FID (lenet28)",
        "Kolmogorov-Smirnov statistic",
    ]


@pytest.mark.slow
def test_a_plug_ins_words_are_in_tables_and_files(plugged, draw_only, tmp_path):
    draw_only()
    results, metrics = plugged
    frames = tidy(results.trials, results.scores, metrics=metrics)
    rows, per_metric = board_rows(frames), metric_rows(frames)
    (board,) = tables.boards(rows)
    assert f"{TITLE} ↓ final" in [column.title for column in board.columns]
    assert board.subtitle.startswith(f"{TITLE}, lower is better")
    assert all(f"{TITLE} ↓" in [c.title for c in table.columns] for table in tables.metrics(per_metric, rows))
    index = site.write(
        tidy(results.trials, results.scores, results.history, metrics), tmp_path, title="t", command="c"
    )
    written = pd.read_csv(tmp_path / "tables" / "metrics.csv").set_index("metric").loc[NAME]
    assert set(written["metric_title"]) == {TITLE}
    assert set(written["unit"]) == {UNIT}
    assert set(pd.read_csv(tmp_path / "tables" / "leaderboard.csv")["primary_title"]) == {TITLE}
    words = (tmp_path / "reading.html").read_text(encoding="utf-8")
    assert f"<dt>{TITLE}</dt><dd>{MEANING}</dd>" in words
    pages = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")]
    assert not any("Sample mean" in page for page in pages)
    renamed = metrics.assign(title=metrics["title"].replace(TITLE, "Another title"))
    site.write(
        tidy(results.trials, results.scores, results.history, renamed), tmp_path, title="t", command="c"
    )
    assert "Another title" in index.read_text(encoding="utf-8")  # new words make a new report


def test_a_plug_ins_title_and_unit_are_on_the_axes_of_plots(plugged, monkeypatch):
    results, metrics = plugged
    board = board_of(results, metrics)
    labels: list[str] = []
    plain = Figure.savefig

    def seen(figure, *arguments, **options):
        labels.extend(text for axes in figure.axes for text in (axes.get_xlabel(), axes.get_ylabel()))
        return plain(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", seen)
    with plots.rc():
        drawn = [next(make(board)) for make in (plots.metric_curves, plots.strips, plots.cost)]
    assert [label.replace("\n", " ") for label in labels if TITLE in label] == [
        f"{TITLE} [{UNIT}, lower is better]"
    ] * 3
    assert all(TITLE in plot.title for plot in drawn)


def test_metrics_come_in_the_order_of_the_registration_whatever_the_order_of_scores(make):
    results = make(None, seeds=5, lost=False)
    metrics = described(*names(), *results.scores["metric"].unique())
    for scores in (results.scores, results.scores[::-1]):
        found = list(metric_rows(tidy(results.trials, scores, metrics=metrics))["metric"].unique())
        assert found == sorted(found, key=list(metrics["metric"]).index)
        assert found[:2] == ["fid_lenet28", "is_lenet28"]
