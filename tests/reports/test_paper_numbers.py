"""Published numbers beside measured ones: verdicts, order, files and the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports import site, summary
from gan_bench.reports.frames import tidy
from gan_bench.reports.paper_numbers import compare, ordering
from gan_bench.reports.paper_tables import compared
from gan_bench.reports.schema import SCORES

METRIC = "fid_lenet28"


@pytest.fixture
def frames(tiny):
    """Three variants with the scores 10, 20 and 30 ± 1 over two seeds."""
    results = tiny(variants={"gan": 2014, "nsgan": 2014, "lsgan": 2016}, seeds=2, suite="s")
    base = results.trials["variant"].map({"gan": 10.0, "nsgan": 20.0, "lsgan": 30.0})
    scores = results.trials.assign(
        metric=METRIC, value=base + np.where(results.trials["seed"] == 0, 1.0, -1.0), direction="min",
        version=1, split="test", when="final", weights="raw", kimg=96.0,
    )  # fmt: skip
    results.scores = scores.reindex(columns=SCORES.columns)
    return results


def number(variant, value, **fields):
    return {"suite": "s", "dataset": "mnist", "variant": variant, "metric": METRIC, "value": value,
            "source": "a paper", **fields}  # fmt: skip


def verdicts(results, *numbers):
    rows = compare(tidy(results.trials, results.scores, results.history), pd.DataFrame(numbers))
    return list(zip(rows["variant"], rows["verdict"], strict=True)), rows


@pytest.mark.parametrize(
    ("value", "fields", "verdict"),
    [
        (12.0, {"tolerance": 2.0}, "agrees"),
        (12.1, {"tolerance": 2.0}, "disagrees"),
        (11.9, {}, "agrees"),  # two standard errors of 10 ± 1.41 over two seeds: 2
        (12.1, {}, "disagrees"),
        (12.1, {"spread": 1.1}, "agrees"),
        (12.0, {"comparable": False, "why": "another scale"}, "not comparable"),
    ],
)
def test_verdicts(frames, value, fields, verdict):
    found, rows = verdicts(frames, number("gan", value, **fields))
    assert found == [("gan", verdict)]
    row = rows.iloc[0]
    assert row["deviation"] == pytest.approx(10.0 - value)
    assert (row["mean"], row["count"], row["seeds"]) == (pytest.approx(10.0), 2, 2)
    assert row["why"] == fields.get("why", "")


def test_what_was_not_measured_says_so(frames):
    found, rows = verdicts(frames, number("gan", 1.0, metric="modes"), number("wgan", 1.0))
    assert found == [("gan", "not measured")]
    assert rows["why"].iloc[0] == "no seed has a score"
    assert verdicts(frames, {**number("gan", 1.0), "suite": "other"})[0] == []
    assert verdicts(frames, number("gan", 1.0, architecture="dcgan"))[0] == []


def test_a_stand_in_is_never_compared(frames):
    frames.trials["stand_in_for"], frames.trials["dataset"] = "mnist", "digits"
    found, rows = verdicts(frames, number("gan", 10.0))
    assert found == [("gan", "not comparable")]
    assert rows["why"].iloc[0] == "digits stands in for mnist"


def test_order_counts_pairs_and_takes_part_without_comparable_values(frames):
    why = {"comparable": False, "why": "another scale"}
    published = pd.DataFrame(
        [number("gan", 1.0, **why), number("nsgan", 3.0, **why), number("lsgan", 2.0, **why)]
    )
    order = ordering(compare(tidy(frames.trials, frames.scores, frames.history), published)).iloc[0]
    assert (order["variants"], order["concordant"], order["pairs"]) == (3, 2, 3)
    assert order["tau"] == pytest.approx(1 / 3)
    assert order["published_order"] == "gan < lsgan < nsgan"
    assert order["measured_order"] == "gan < nsgan < lsgan"


def test_equal_values_are_no_order(frames):
    for name in ("gan", "lsgan"):
        trials = frames.trials.loc[frames.trials["variant"] == name, "trial"]
        frames.scores.loc[frames.scores["trial"].isin(trials), "value"] = 7.0
    published = pd.DataFrame([number("gan", 1.0), number("nsgan", 3.0), number("lsgan", 3.0)])
    order = ordering(compare(tidy(frames.trials, frames.scores, frames.history), published)).iloc[0]
    assert order["published_order"] == "gan < nsgan = lsgan"
    assert "gan = lsgan" in order["measured_order"]
    assert order["pairs"] == 2


def test_an_entry_with_two_published_numbers_is_in_the_order_once(frames):
    published = pd.DataFrame([number("gan", 1.0), number("nsgan", 3.0), number("gan", 4.0)])
    order = ordering(compare(tidy(frames.trials, frames.scores, frames.history), published)).iloc[0]
    assert (order["variants"], order["pairs"]) == (2, 1)
    assert order["published_order"] == "gan < nsgan"
    assert order["measured_order"] == "gan < nsgan"
    assert order["tau"] == 1.0


@pytest.mark.parametrize(
    ("value", "std", "text"), [(1.6, np.nan, "1.6"), (0.2829, np.nan, "0.2829"), (9.8, 0.9, "9.80 ± 0.90")]
)
def test_a_papers_number_is_shown_in_its_own_digits(frames, value, std, text):
    measured = tidy(frames.trials, frames.scores, frames.history)
    beside = compare(measured, pd.DataFrame([number("gan", value, spread=std)]))
    (table,) = compared(beside)
    cell = table.cells[0][[column.title for column in table.columns].index("Published")]
    assert cell == text


def test_published_numbers_need_no_second_table_of_all_metrics(
    frames, draw_only, tmp_path: Path, monkeypatch
):
    """Each metric's best entries are tested once for a report, whether or not it shows published numbers."""
    draw_only("strips")  # a plot of boards that marks their best
    tested = []

    def counted(*arguments, original=summary.best_entries):
        tested.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(summary, "best_entries", counted)
    measured, counts = tidy(frames.trials, frames.scores, frames.history), []
    published = pd.DataFrame([number("gan", 10.0), number("nsgan", 20.0)])
    for folder, numbers in (("without", None), ("with", published)):
        site.write(measured, tmp_path / folder, title="t", command="c", paper_numbers=numbers)
        counts.append(len(tested))
        tested.clear()
    assert (tmp_path / "with" / "tables" / "published.csv").exists()
    assert counts[0] == counts[1] == measured.scores["metric"].nunique()


def test_the_page_and_the_files_carry_them(frames, draw_only, tmp_path: Path):
    draw_only()  # the plot of published numbers is of the whole report, not of a board
    published = pd.DataFrame([number("gan", 10.0, spread=0.5, protocol="50 <seeds>"), number("nsgan", 90.0)])
    arguments = {"title": "t", "command": "c", "paper_numbers": published}
    site.write(tidy(frames.trials, frames.scores, frames.history), tmp_path, **arguments)
    (file,) = tmp_path.glob("reproduction*.html")
    page = file.read_text()
    assert file.name in (tmp_path / "index.html").read_text()
    for said in (
        "published and measured",
        "agrees",
        "disagrees",
        "a paper",
        "50 &lt;seeds&gt;",
        "order of the variants",
    ):
        assert said in page
    table = pd.read_csv(tmp_path / "tables" / "published.csv")
    assert table["verdict"].tolist() == ["agrees", "disagrees"]
    assert "10.00 ± 0.50" in (tmp_path / "tables" / "published.md").read_text()
    (plot,) = (tmp_path / "plots").glob("*published*.svg")
    assert plot.with_suffix(".csv").exists()


def test_without_published_numbers_nothing_of_it_is_there(frames, draw_only, tmp_path: Path):
    draw_only()
    site.write(tidy(frames.trials, frames.scores, frames.history), tmp_path, title="t", command="c")
    assert not list(tmp_path.rglob("*published*"))
    assert not list(tmp_path.glob("reproduction*"))
