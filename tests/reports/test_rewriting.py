"""Reports written again, from damaged files, and by several processes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports import drawing
from gan_bench.reports.folder import STAMP, Folder
from gan_bench.reports.frames import tidy
from gan_bench.reports.processes import Processes
from gan_bench.reports.spreadsheets import csv_bytes
from tests.reports.html_pages import Page, parsed, said, write
from tests.reports.synthetic import board_of


def test_a_report_is_the_same_twice_and_replaces_the_one_before(tiny, draw_only, tmp_path):
    draw_only("strips")
    first = tiny(variants={"gan": 2014, "other": 2015})
    page = write(first, tmp_path / "out")
    content = page.read_bytes()
    (tmp_path / "out" / "mine.txt").write_text("the user's own")
    (tmp_path / "out" / STAMP).unlink()  # or it would not be drawn again
    assert write(first, tmp_path / "out").read_bytes() == content
    assert any((tmp_path / "out").rglob("*other*"))
    write(tiny(), tmp_path / "out")
    assert not any((tmp_path / "out").rglob("*other*"))
    assert not any((tmp_path / "out").rglob("*.partial"))
    assert (tmp_path / "out" / "mine.txt").is_file()


@pytest.mark.slow
def test_a_report_of_the_same_things_is_not_drawn_again(tiny, draw_only, tmp_path, monkeypatch):
    draw_only("strips")
    results = tiny()
    page = write(results, tmp_path / "out")
    drawn = []

    original = drawing.GROUPS["strips"]

    def counted(board):
        drawn.append(board.title)
        return original(board)

    monkeypatch.setitem(drawing.GROUPS, "strips", counted)
    assert write(results, tmp_path / "out") == page
    assert not drawn
    for change in ("title", "score", "samples", "picture", "page"):
        match change:
            case "title":
                write(results, tmp_path / "out", title="another")
            case "score":
                results.scores = results.scores.assign(value=results.scores["value"] * (1 + 1e-9))
            case "samples":
                Path(results.trials["samples"].dropna().iloc[0]).touch()
            case "picture":
                next((tmp_path / "out" / "plots").glob("*.svg")).unlink()
            case "page":
                page.write_text("scribbled over")
        drawn.clear()
        write(results, tmp_path / "out")
        assert drawn, change
        drawn.clear()
        write(results, tmp_path / "out")
        assert not drawn, change


def test_nothing_outside_the_folder_is_removed(tiny, tmp_path):
    (tmp_path / "precious").write_text("x")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "files.txt").write_text("../precious\n")
    empty = tiny()
    empty.trials, empty.scores = empty.trials[:0], empty.scores[:0]
    page = write(empty, tmp_path / "out")
    assert "No trials to show" in page.read_text(encoding="utf-8")
    assert (tmp_path / "precious").is_file()


def test_only_lost_trials(tiny, tmp_path):
    results = tiny(seeds=2)
    results.trials["status"] = "failed"
    results.scores = results.scores[:0]
    text = " ".join(Page(write(results, tmp_path).read_text(encoding="utf-8")).text)
    assert "2 failed" in text
    assert "0 of 2" in text


def test_damaged_and_missing_samples_are_said_not_raised(tiny, draw_only, tmp_path):
    draw_only("points", "copies", "classes", "beside")  # those that read samples, in each of their ways
    results = tiny(seeds=3)
    broken, missing = results.trials["samples"].iloc[:2]
    with open(broken, "wb") as file:
        file.write(b"PK\x03\x04 damaged")
    results.trials.loc[results.trials["samples"] == missing, "samples"] = str(tmp_path / "none.npz")
    page = parsed(write(results, tmp_path / "out"))["variant--gan.html"]
    assert said(page).count("no samples kept") == 2


class Trap:
    """An object whose unpickling leaves a file."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def test_pickled_samples_are_not_loaded(tiny, tmp_path):
    results = tiny()
    np.savez(results.trials["samples"].iloc[0], final=np.array([Trap(tmp_path / "loaded")], dtype=object))
    pages = parsed(write(results, tmp_path / "out"))
    assert not (tmp_path / "loaded").exists()
    assert not any(image["src"].endswith(".png") for page in pages.values() for image in page.images)


def test_csv_keeps_every_digit():
    values = np.random.default_rng(0).normal(size=50)
    frame = pd.DataFrame({"name": ['a,"b"\nc'] * 50, "value": values})
    text = csv_bytes(frame).decode()
    assert [
        float(line.rsplit(",", 1)[1]) for line in text.replace("\nc", "").splitlines()[1:]
    ] == values.tolist()


def test_infinite_losses_and_scores_are_survived(make, tmp_path):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=2, lost=False, ema=False)
    results.history.loc[results.history.index[::7], "value"] = np.inf
    results.history.loc[results.history["trial"] == results.trials["trial"].iloc[0], "value"] = np.nan
    results.scores.loc[results.scores["seed"] == 0, "value"] = np.inf
    results.scores.loc[results.scores["metric"] == "kid_lenet28", "value"] = np.nan
    assert "1 scored" in write(results, tmp_path).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.sample
def test_any_number_of_processes_draws_the_same_bytes(make, tmp_path, monkeypatch):
    results = make(None, variants={"gan": 2014, "wgan": 2017}, seeds=1, points=2, lost=False, ema=False)
    board = board_of(results)
    groups = {name: drawing.GROUPS[name] for name in ("losses", "fronts", "curves", "cost")}
    monkeypatch.setattr(drawing, "GROUPS", groups)
    drawn = {}
    for count in (1, 2, 3):
        with Processes(count, drawing._load) as sharing:
            drawn[count] = drawing.draw([board], Folder(tmp_path / str(count)), sharing)
    assert drawn[1] == drawn[2] == drawn[3]
    assert list(drawn[1][0]) == list(groups)
    one = {path.relative_to(tmp_path / "1"): path.read_bytes() for path in (tmp_path / "1").rglob("*.*")}
    assert sum(path.suffix == ".svg" for path in one) > 5
    for count in ("2", "3"):
        assert one == {file: (tmp_path / count / file).read_bytes() for file in one}


def test_units_are_shared_and_come_back_in_their_order():
    with Processes(2, os.getpid) as sharing:
        assert sharing.map(os.path.join, "held", [(str(place),) for place in range(9)]) == [
            os.path.join("held", str(place)) for place in range(9)
        ]
        with pytest.raises(ZeroDivisionError):
            sharing.map(divmod, 1, [(1,), (0,), (2,)])


def test_a_large_report_has_a_process_for_every_core_and_a_small_one_none(make, monkeypatch):
    started = []
    monkeypatch.setattr(drawing, "Processes", lambda count, _: started.append(count))
    for count, cores in ((2, 7), (2, 8), (7, 2), (8, 2), (15, 1)):
        results = make(None, variants={f"gan{i}": 2014 for i in range(count)}, seeds=1, points=1)
        monkeypatch.setattr(drawing, "cores", lambda cores=cores: cores)
        drawing.processes(tidy(results.trials, results.scores))
    assert started == [1, min(8, len(drawing.GROUPS)), 1, 2, 1]
