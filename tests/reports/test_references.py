"""Reference rows in tables, plots, files and pages: shown apart, marked, and part of no statistic."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from rich.console import Console

from gan_bench.reports import exports, plots, site, tables
from gan_bench.reports.evidence import evidence
from gan_bench.reports.frames import BOARD, tidy
from gan_bench.reports.labels import spread
from gan_bench.reports.latex import latex
from gan_bench.reports.markdown import markdown
from gan_bench.reports.references import MARK, degenerate_notes, lines, notes, reference_rows
from gan_bench.reports.summary import board_rows, leaderboard, metric_rows
from gan_bench.reports.terminal import terminal
from tests.reports.synthetic import board_of

NAMES = {"noise": "uniform noise", "untrained": "untrained networks", "real": "real data"}
VALUES = {"noise": [57.0], "untrained": [64.0, 66.0, 68.0], "real": [0.2]}


def measured(results, shares: dict[str, float] | None = None, **columns) -> pd.DataFrame:
    """Reference rows as `bench.results.frames` gives them, of the first board of `results`."""
    board = results.trials.iloc[0][BOARD].to_dict()
    rows = []
    for name, values in VALUES.items():
        for draw, value in enumerate(values):
            row = {**board, "reference": name, "title": NAMES[name], "meaning": f"what {name} says"}
            row |= {"draw": draw, "samples": 1000 - draw, "reason": None, "direction": "min", "version": 1}
            row |= {"split": "test", "when": "final"}
            rows.append({**row, "metric": "fid_lenet28", "value": value})
            rows.append({**row, "metric": "fid_lenet28", "value": -1.0, "split": "validation"})
            rows.append({**row, "metric": "kid_lenet28", "value": value / 100})
            if shares:
                rows.append({**row, "metric": "degenerate", "value": shares[name]})
    return pd.DataFrame(rows).assign(**columns)


def shown(rows, references, width=80):
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(terminal(rows, references, width=width))
    return console.file.getvalue()


def test_one_row_per_metric_over_the_draws(results):
    rows = reference_rows(measured(results)).set_index(["reference", "metric"])
    untrained = rows.loc["untrained", "fid_lenet28"]
    assert untrained["mean"] == 66
    assert untrained["std"] == pytest.approx(2)
    assert (untrained["count"], untrained["draws"], untrained["samples"]) == (3, 3, 998)
    assert reference_rows(None).empty
    undefined = measured(results)
    undefined["value"] = undefined["value"].where(undefined["draw"] == 0)
    assert reference_rows(undefined).set_index(["reference", "metric"]).loc["untrained", "fid_lenet28"][
        ["mean", "count", "draws"]
    ].tolist() == [64, 1, 3]


def test_tables_say_why_a_row_has_no_value(results):
    apart = measured(results)
    without = (apart["reference"] == "noise") & (apart["metric"] == "fid_lenet28")
    apart.loc[without, "value"] = None
    apart.loc[without, "reason"] = "fewer than [2] samples"
    rows, frames = reference_rows(apart), tidy(results.trials, results.scores)
    assert set(rows["reason"]) == {"", "fewer than [2] samples"}
    why = "fid_lenet28 is undefined for reference rows: uniform noise (fewer than [2] samples)."
    (board,) = tables.boards(board_rows(frames), rows)
    whole = [
        table for table in tables.metrics(metric_rows(frames), board_rows(frames), apart=rows) if table.apart
    ]
    assert whole
    for table in (board, *whole):
        assert why in table.notes
    complete = reference_rows(measured(results))
    (board,) = tables.boards(board_rows(frames), complete)
    assert not any("undefined for reference rows" in note for note in board.notes)


def test_a_leaderboard_has_them_below_and_is_the_same_above(results):
    rows = leaderboard(results.trials, results.scores)
    (plain,) = tables.boards(rows)
    (table,) = tables.boards(rows, reference_rows(measured(results)))
    assert (table.cells, table.keys) == (plain.cells, plain.keys)
    titles = [column.title for column in table.columns]
    assert [line[titles.index("Rank")] for line in table.apart] == [MARK] * 3
    assert [line[titles.index("Variant")] for line in table.apart] == list(NAMES.values())
    score = next(place for place, title in enumerate(titles) if title.endswith("final"))
    assert [line[score] for line in table.apart] == ["57", spread(66, 2, 3), "0.2000"]
    assert all(len(line) == len(titles) for line in table.apart)
    assert any("never ranked" in note and "what noise says" in note for note in table.notes)
    assert plain.apart == []
    assert not any(MARK in note for note in plain.notes)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_terminal_draws_a_rule_and_fits(results, width):
    text = shown(leaderboard(results.trials, results.scores), measured(results), width)
    assert max(map(len, text.splitlines())) <= width
    above, below = text.split("────", 1)
    assert "began" in above
    assert "untrained networks" in below
    assert "66.0 ± 2.0" in below


def test_only_the_board_they_belong_to_shows_them(make, join):
    both = join(make(None, lost=False), make(None, lost=False, dataset="digits"))
    rows = reference_rows(measured(both))
    apart = [len(table.apart) for table in tables.boards(leaderboard(both.trials, both.scores), rows)]
    assert sorted(apart) == [0, 3]


def test_a_stand_ins_board_finds_its_own(make):
    results = make(None, lost=False, dataset="digits", stand_in_for="mnist")
    (table,) = tables.boards(leaderboard(results.trials, results.scores), reference_rows(measured(results)))
    assert len(table.apart) == 3


def test_all_metrics_have_them_beside_final_scores_of_raw_weights_alone(results):
    frames = tidy(results.trials, results.scores)
    for table in tables.metrics(
        metric_rows(frames), board_rows(frames), apart=reference_rows(measured(results))
    ):
        titles = [column.title for column in table.columns]
        if "final scores, raw weights" not in table.title:
            assert table.apart == []
            continue
        assert [line[0] for line in table.apart] == [f"{name} (reference)" for name in NAMES.values()]
        kid = titles.index("kid_lenet28 ↓")
        assert [line[kid] for line in table.apart] == ["0.5700", spread(0.66, 0.02, 3), "0.002000"]
        assert table.apart[0][titles.index("precision_lenet28 ↑")] == ""


def test_where_versions_are_mixed_the_row_of_that_version_stands_beside(results):
    scores = results.scores.copy()
    newer = (scores["metric"] == "fid_lenet28") & (scores["trial"] != scores["trial"].iloc[0])
    scores.loc[newer, "version"] = 2
    rows = leaderboard(results.trials, scores)
    for version, count in ((1, 0), (2, 3)):
        (table,) = tables.boards(rows, reference_rows(measured(results, version=version)))
        assert len(table.apart) == count


def test_degenerate_samples_are_marked_beside_the_score(results):
    scores = results.scores
    base = scores[(scores["metric"] == "fid_lenet28") & (scores["split"] == "test")]
    share = base["variant"].map({"gan": 0.8, "lsgan": 0.4}).fillna(0.0)
    checked = pd.concat([scores, base.assign(metric="degenerate", value=share, direction="min")])
    rows = leaderboard(results.trials, checked)
    apart = reference_rows(measured(results, {"noise": 1.0, "untrained": 0.6, "real": 0.0}))
    (table,) = tables.boards(rows, apart)
    titles = [column.title for column in table.columns]
    score = next(place for place, title in enumerate(titles) if title.endswith("final"))
    marked = {
        line[titles.index("Variant")]: line[score].endswith(" !") for line in (*table.cells, *table.apart)
    }
    assert {name for name, flag in marked.items() if flag} == {"gan", "uniform noise", "untrained networks"}
    (note,) = (note for note in table.notes if note.startswith("!"))
    assert "gan 80%, uniform noise 100%, untrained networks 60%" in note
    unranked = (apart["reference"] == "noise") & (apart["metric"] == "fid_lenet28")
    (table,) = tables.boards(rows, apart[~unranked])
    (note,) = (note for note in table.notes if note.startswith("!"))
    assert "gan 80%, untrained networks 60%" in note, "a row that is not shown is not named"
    (plain,) = tables.boards(leaderboard(results.trials, scores))
    assert not any("!" in cell for line in plain.cells for cell in line)
    assert degenerate_notes(leaderboard(results.trials, scores), ["final"], apart[:0]) == []


def test_what_has_no_score_has_no_mark_of_degenerate_samples(results):
    scores = results.scores
    base = scores[(scores["metric"] == "fid_lenet28") & (scores["split"] == "test")]
    checked = pd.concat([scores, base.assign(metric="degenerate", value=1.0, direction="min")])
    without = checked["metric"].eq("fid_lenet28") & checked["variant"].eq("gan")
    checked.loc[without, "value"] = None
    apart = measured(results, {"noise": 1.0, "untrained": 1.0, "real": 0.0})
    lacks = apart["metric"].eq("fid_lenet28") & apart["reference"].eq("noise")
    (table,) = tables.boards(
        leaderboard(results.trials, checked), reference_rows(apart.assign(value=apart["value"].mask(lacks)))
    )
    (note,) = (note for note in table.notes if note.startswith("!"))
    named = note.partition("(")[2].partition(")")[0].split(", ")
    assert {"wgan 100%", "untrained networks 100%"} < set(named)
    assert not {"gan 100%", "uniform noise 100%"} & set(named)
    unscored = [line for line in (*table.cells, *table.apart) if {"gan", "uniform noise"} & set(line)]
    assert len(unscored) == 2
    assert not any("!" in cell for line in unscored for cell in line)


def test_rows_that_mean_the_same_are_named_together(results):
    rows = reference_rows(measured(results))
    (note,) = notes(rows.assign(meaning="the same", samples=100))
    assert note.endswith(f"{', '.join(NAMES.values())} (100 samples): the same.")
    (apart,) = notes(rows)
    assert all(f"{name} (" in apart for name in NAMES.values())


def test_text_of_a_row_is_text(results):
    hostile = measured(results, title="<b>$x_1$</b>", meaning="\x1b[31m & 50%")
    rows = reference_rows(hostile)
    table = tables.boards(leaderboard(results.trials, results.scores), rows)
    assert "<b>" not in markdown(table)
    assert r"\$x\_1\$" in latex(table)
    assert "\x1b" not in "".join(notes(rows)) + "".join(map(str, lines(rows, ["Variant"], {}, rows)))


def test_files_mark_them_and_statistics_do_not_hold_them(make, tmp_path):
    results = make(None, variants={"gan": 2014, "nsgan": 2014}, lost=False, ema=False, points=2)
    frames = tidy(results.trials, results.scores)
    rows, per_metric = board_rows(frames), metric_rows(frames)
    apart = reference_rows(measured(results))
    with_them, without = tmp_path / "with", tmp_path / "without"
    exports.write(frames, rows, per_metric, with_them, apart)
    exports.write(frames, rows, per_metric, without)
    for name in ("leaderboard", "metrics", "trials", "scores"):
        assert (with_them / f"{name}.csv").read_bytes() == (without / f"{name}.csv").read_bytes()
    assert not (without / "references.csv").exists()
    written = pd.read_csv(with_them / "references.csv")
    assert set(written["reference"]) == set(NAMES)
    assert f"| {MARK} |  | uniform noise | 57 |" in (with_them / "leaderboard.md").read_text()
    tex = (with_them / "leaderboard.tex").read_text()
    assert tex.count("\\midrule\n") == tex.count("\\midrule {}uniform noise") == tex.count("\\begin{table}")


@pytest.mark.parametrize("draw", [plots.strips, plots.metric_curves])
def test_plots_of_scores_draw_them_without_moving_an_axis(results, draw):
    """Lines within the frame are drawn, what lies beyond is named, and the numbers below are the same."""
    with plots.rc():
        plain = next(draw(board_of(results)))
        with_them = next(draw(board_of(results, references=measured(results))))
    assert "uniform noise 57; untrained networks 66; real data 0.2000" not in plain.alt
    assert (
        "Reference rows, not ranked: uniform noise 57; untrained networks 66; real data 0.200"
        in with_them.alt
    )
    image = with_them.image.decode()
    assert "uniform noise" in image
    assert "beyond:" in image
    assert "real data 0.200" in image
    pd.testing.assert_frame_equal(with_them.data, plain.data)
    ticks = [line for line in plain.image.decode().splitlines() if "<!--" in line or "tick" in line]
    assert all(line in image for line in ticks)


def test_lines_that_lie_together_share_a_name(results):
    together = measured(results)
    together.loc[together["metric"] == "fid_lenet28", "value"] = 57.0
    with plots.rc():
        image = next(plots.strips(board_of(results, references=together))).image.decode()
    assert ", ".join(NAMES.values()) in image


@pytest.mark.slow
def test_evidence_is_of_variants_alone(results, draw_only, tmp_path):
    """Evidence about variants is the same with and without reference rows."""
    draw_only()
    frames = tidy(results.trials, results.scores)
    sure = evidence(frames)
    options = {"title": "t", "command": "c"}
    parts = (results.trials, results.scores, results.history[:0])
    for name, more in (("with", {"references": measured(results)}), ("without", {})):
        site.write(tidy(*parts), tmp_path / name, **options, **more)
    for file in ("evidence", "improvement", "leaderboard", "trials"):
        pages = [(tmp_path / name / "tables" / f"{file}.csv").read_bytes() for name in ("with", "without")]
        assert pages[0] == pages[1]
    assert not set(sure.entries["label"]) & set(NAMES.values())
    with_page = next((tmp_path / "with").glob("board--*.html")).read_text()
    without_page = next((tmp_path / "without").glob("board--*.html")).read_text()
    assert '<tbody class="apart">' in with_page
    assert '<tbody class="apart">' not in without_page


@pytest.mark.slow
def test_another_reference_is_another_report(results, draw_only, tmp_path):
    draw_only("strips")
    parts, options = (results.trials, results.scores, results.history[:0]), {"title": "t", "command": "c"}
    rows = measured(results)
    index = site.write(tidy(*parts), tmp_path, **options, references=rows)
    first = index.stat().st_mtime_ns
    site.write(tidy(*parts), tmp_path, **options, references=rows.copy())
    assert index.stat().st_mtime_ns == first
    site.write(tidy(*parts), tmp_path, **options, references=rows.assign(value=rows["value"] + 1))
    assert index.stat().st_mtime_ns != first
