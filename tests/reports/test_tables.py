from __future__ import annotations

import io
import json
import re
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gan_bench.reports import exports, markdown, tables
from gan_bench.reports.frames import tidy
from gan_bench.reports.labels import FileNames, clean, number, quantity, slug, spread
from gan_bench.reports.pages.page import breakable
from gan_bench.reports.pages.variants import _settings
from gan_bench.reports.paper_table import paper_tables
from gan_bench.reports.parts import GAP, parts
from gan_bench.reports.site import _fitting
from gan_bench.reports.summary import board_rows, leaderboard, metric_rows
from gan_bench.reports.table import Column, Table, chosen
from gan_bench.reports.terminal import terminal


def shown(rows, width=80):
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(terminal(rows, width=width))
    return console.file.getvalue()


@pytest.fixture(scope="module")
def rows(_made):
    return leaderboard(_made.trials, _made.scores)


@pytest.fixture(scope="module")
def hostile_rows(hostile):
    return leaderboard(hostile.trials, hostile.scores)


def test_terminal_fits_80_columns_and_keeps_the_scores_whole(rows):
    text = shown(rows)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    for variant, mean, std in zip(rows["variant"], rows["final_mean"], rows["final_std"], strict=True):
        assert re.search(rf"\d +[a-z]+ +{re.escape(variant)} .*{re.escape(spread(mean, std, 5))}", text)
    assert "3 of 5 2 diverged" in text
    assert "4 of 5 1 failed" in text
    assert "best" in text
    assert "EMA" in text
    assert "profile tuned" in text


@pytest.mark.parametrize("width", range(60, 160, 10))
def test_columns_of_one_kind_vanish_together(rows, width):
    text = shown(rows, width)
    head = " ".join(text.split("nsgan")[0].split())
    pairs = [("Critic", "Other"), ("Images / s", "Training (s)")]
    for one, other in pairs:
        assert (one in head) == (other in head), (one, other, head)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_terminal_shows_hostile_names_as_text_at_any_width(hostile_rows, width):
    text = shown(hostile_rows, width)
    assert max(map(len, text.splitlines())) <= width
    assert "<img src=x> (stand-in for m&m)" in text
    assert "[red]c[/red]" in text
    assert "Too few seeds to rank" in text


def test_terminal_without_trials(results):
    assert "No trials" in shown(leaderboard(results.trials.iloc[:0], results.scores.iloc[:0]))


def test_every_table_names_stand_in_and_profile(hostile):
    frames = tidy(hostile.trials, hostile.scores)
    for table in [
        *tables.boards(board_rows(frames)),
        *tables.metrics(metric_rows(frames), board_rows(frames)),
    ]:
        assert "<img src=x> (stand-in for m&m)" in table.title
        assert "profile tuned" in table.title


def test_two_profiles_have_a_column(make, join):
    both = join(make(None, seeds=2, lost=False), make(None, seeds=2, lost=False, profile="paper"))
    (table,) = tables.boards(leaderboard(both.trials, both.scores))
    assert "Profile" in [column.title for column in table.columns]


def test_a_profile_that_replaces_another_is_named_below_the_table(make):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=2, lost=False)
    own = results.trials["variant"] == "wgan"
    results.trials.loc[own, ["profile", "lacks"]] = "default (no tuned)", "tuned"
    results.scores.loc[results.scores["variant"] == "wgan", "profile"] = "default (no tuned)"
    (table,) = tables.boards(leaderboard(results.trials, results.scores))
    (note,) = (note for note in table.notes if "No profile" in note)
    assert note.startswith("No profile tuned for these data: wgan")
    assert note.endswith("The profile default is used.")
    assert note in shown(leaderboard(results.trials, results.scores), 200)
    (plain,) = tables.boards(leaderboard(results.trials[~own], results.scores))
    assert not any("No profile" in note for note in plain.notes)


def test_a_sweep_shows_the_best_setting_of_each_variant_and_says_so(make):
    sweep = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=1, settings=12, lost=False)
    frames = tidy(sweep.trials, sweep.scores)
    rows = board_rows(frames)
    (table,) = tables.boards(rows)
    best = [rows.loc[rows["variant"] == name, "label"].iloc[0] for name in ("gan", "wgan")]
    where = [column.title for column in table.columns].index("Variant")
    assert sorted(line[where] for line in table.cells) == sorted(best)
    assert any("24 in all" in note for note in table.notes)
    assert all(len(other.cells) == 2 for other in tables.metrics(metric_rows(frames), rows))


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_spread_is_explained_where_one_is_shown(seeds, make):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=seeds, lost=False)
    frames = tidy(results.trials, results.scores)
    rows = board_rows(frames)
    made = [*tables.boards(rows), *tables.metrics(metric_rows(frames), rows), *paper_tables(frames)]
    for table in made:
        words = " ".join([table.title, table.subtitle, *table.notes, *table.remarks]).lower()
        shown = any("±" in text for line in table.cells for text in line)
        assert shown == (seeds > 1)
        assert ("±" in words) == ("standard deviation" in words) == shown


def test_all_metrics_are_in_the_order_of_the_leaderboard(results):
    frames = tidy(results.trials, results.scores)
    rows = board_rows(frames)
    for table in tables.metrics(metric_rows(frames), rows):
        assert [line[0] for line in table.cells] == list(rows["label"])


@pytest.mark.slow
def test_the_metric_that_ranks_has_the_first_column_of_scores(results):
    scores = results.scores
    for name in scores["metric"].unique():
        trials = results.trials.assign(primary=name)
        frames = tidy(trials, scores)
        rows = metric_rows(frames)
        title = rows.loc[rows["metric"] == name, "metric_title"].iloc[0]
        titles = [[c.title for c in table.columns] for table in tables.metrics(rows, board_rows(frames))]
        places = [
            [c.startswith(title) for c in columns].index(True) for columns in titles if title in str(columns)
        ]
        assert places
        assert set(places) == {titles[0].index("Finished") + 1}


def test_files_hold_the_same_numbers(results, tmp_path):
    frames = tidy(results.trials, results.scores)
    rows = board_rows(frames)
    files = exports.write(frames, rows, metric_rows(frames), tmp_path)
    assert {file.name for file in files} == {
        *(
            f"{name}.{kind}"
            for name in ("leaderboard", "metrics", "trials", "scores")
            for kind in ("csv", "parquet")
        ),
        *(f"{name}.{kind}" for name in ("leaderboard", "metrics") for kind in ("md", "tex")),
    }
    parquet = pd.read_parquet(tmp_path / "leaderboard.parquet")
    pd.testing.assert_series_equal(parquet["final_mean"], rows["final_mean"])
    csv = pd.read_csv(tmp_path / "leaderboard.csv")
    pd.testing.assert_series_equal(csv["final_std"], rows["final_std"])
    assert len(pd.read_csv(tmp_path / "trials.csv")) == 40


def test_markdown_has_equal_rows_and_escapes(hostile, hostile_rows):
    text = markdown.markdown(tables.boards(hostile_rows))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
    assert len(columns) == 1
    assert len(lines) == 2 + hostile.trials["variant"].nunique()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999.7, "1k"),
        (999_600, "1M"),
        (999.4, "999"),
        (1e3, "1k"),
        (1_234_567, "1.23M"),
        (0.02, "0.02"),
        (1e-4, "1e-4"),
        (2.5e-12, "2.5e-12"),
    ],
)
def test_a_quantity_that_is_rounded_up_takes_the_next_magnitude(value, text):
    assert quantity(value) == text


@given(st.text(max_size=40))
def test_markdown_escape_lets_no_cell_break_out(text):
    escaped = markdown.escape(clean(text))
    assert "\n" not in escaped
    assert "<" not in escaped
    assert not re.search(r"(?<!\\)(\\\\)*\|", escaped)


@pytest.mark.parametrize(
    ("mean", "std", "count", "text"),
    [
        (12.3456, 0.5678, 5, "12.35 ± 0.57"),
        (1234.5, 67.8, 5, "1,234 ± 68"),
        (0.020184, 0.00051, 5, "0.02018 ± 0.00051"),
        (8.0, 0.0, 5, "8 ± 0"),
        (-0.15, 6.3e-10, 5, "-0.1500 ± 6.3e-10"),
        (-0.0, 0.0, 5, "0 ± 0"),
        (12.3456, float("nan"), 1, "12.35"),
        (float("nan"), float("nan"), 0, "–"),
        (1e9, 1e8, 3, "1.00e+09 ± 1.0e+08"),
    ],
)
def test_spread(mean, std, count, text):
    assert spread(mean, std, count) == text


def test_numbers_and_names():
    assert number(0) == "0"
    assert number(float("inf")) == "–"
    assert quantity(1_234_567) == "1.23M"
    assert slug("../../etc/passwd") == "etc-passwd"
    names = FileNames()
    assert names(["a/b"]) != names(["a b"])


@given(st.text())
def test_a_slug_is_a_safe_file_name(text):
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", slug(text))
    assert len(slug(text)) <= 60


def test_a_long_value_of_a_hyperparameter_is_broken_into_lines(make):
    """A schedule would push the values of all other hyperparameters off a phone's screen."""
    trials = tidy(*(lambda r: (r.trials, r.scores))(make(None, seeds=1, lost=False))).trials
    trials = trials[trials["variant"] == "gan"]
    for end, long in ((0, False), (0.000123456789, True)):
        values = {"lr": 0.1, "critic_lr": {"start": 1, "end": end}}
        table = _settings(trials.assign(hyperparameters=json.dumps(values)), SimpleNamespace(title="t"))
        assert [column.long for column in table.columns] == [False, long]
        assert [line[0] for line in table.cells] == ["critic_lr", "lr"]
        assert table.cells[0][1].startswith("{start=1, end=0")


def test_tables_of_a_page_have_parts_no_wider_than_a_screen():
    columns = [Column("Variant", right=False), *(Column(f"Metric {place}") for place in range(30))]
    table = Table("T", columns, [["gan", *["0.123 ± 0.045"] * 30]], [["gan", *[0.1] * 30]], caption="C")
    shown = _fitting([table])
    assert sum(len(part.columns) - 1 for part in shown) == 30
    assert [part.caption for part in shown] == [f"C (part {n} of {len(shown)})" for n in (1, 2, 3, 4)]
    for part in shown:
        assert all(len(keys) == len(part.columns) for keys in part.keys)
    assert _fitting([chosen(table, range(5))])[0].caption == "C"


def test_columns_of_short_cells_and_headings_need_no_parts():
    columns = [Column("Variant", right=False), *(Column(str(place)) for place in range(12))]
    table = Table("T", columns, [["gan", *["0.123"] * 12]], [["gan", *[0.1] * 12]])
    whole = len("Variant") + 12 * (GAP + len("0.123"))
    assert parts(table, whole) == [table]
    assert len(parts(table, whole - 1)) == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("nsgan", "nsgan"),
        ("nsgan+r1(gamma=0.3)+sn", "nsgan<wbr>+r1<wbr>(gamma=<wbr>0.3)<wbr>+sn"),
        ("<b>(x)", "&lt;b&gt;<wbr>(x)"),
    ],
)
def test_names_are_broken_before_parts_and_values(name, shown):
    assert breakable(name) == shown
