"""Options of an evaluation: on both forms of images, and refused where they would change nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.evaluation import tables
from gan_bench.bench.evaluation.latents import Latents
from gan_bench.bench.evaluation.request import Compared
from tests.bench.conftest import Run
from tests.bench.evaluation.test_evaluation import DIGITS, frame_of, save_images

POINTS = np.random.default_rng(0).normal(size=(60, 2))


def test_arrays_are_made_grey_and_resized_as_folders_are(tmp_path: Path) -> None:
    large = DIGITS.repeat(2, 2).repeat(2, 3).repeat(3, 1)
    np.save(tmp_path / "large.npy", large)
    array = frame_of(tmp_path / "large.npy", grey=True, size=28)
    folder = frame_of(save_images(tmp_path / "large", large), grey=True, size=28)
    np.testing.assert_array_equal(array["value"], folder["value"])
    assert array["value"].notna().any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"values": "0,1"}, "--values is an option of images, ring has planar samples; leave it out"),
        ({"channels_last": True}, "--channels-last is an option of images"),
        ({"size": 28}, "--size is an option of images"),
        ({"grey": True}, "--grey is an option of images"),
        ({"latent": Latents((3,))}, "--latent is an option of --model; .*points.npy is read whole"),
        ({"count": 50}, "-n is an option of --model"),
        ({"halves": 1}, "--halves 1: expected 0 for no errors, or at least 2"),
    ],
)
def test_options_that_change_nothing_on_points_are_refused(tmp_path: Path, options, message) -> None:
    np.save(tmp_path / "points.npy", POINTS)
    with pytest.raises(UsageError, match=message):
        frame_of(tmp_path / "points.npy", **{"dataset": "ring", **options})


def test_options_of_arrays_and_of_splits_are_refused_for_folders(tmp_path: Path) -> None:
    folder = save_images(tmp_path / "made", DIGITS[:20])
    for options in ({"values": "0,1"}, {"channels_last": True}):
        with pytest.raises(UsageError, match=r"is an option of arrays and generators, .*made is a folder of"):
            frame_of(folder, **options)
    with pytest.raises(
        UsageError, match=r"--split validation: the folder .*made is compared with as a whole"
    ):
        frame_of(folder, dataset=str(folder), split=Compared.validation)


def test_the_scale_of_an_array_is_not_applied_to_the_folder_beside_it(tmp_path: Path) -> None:
    folder = save_images(tmp_path / "made", DIGITS)
    np.save(tmp_path / "unit.npy", DIGITS / 255)
    frame = frame_of(tmp_path / "unit.npy", against=folder, values="0,1")
    np.testing.assert_allclose(frame["difference"].dropna(), 0, atol=1e-6)
    assert frame["difference"].notna().any()


def test_rows_that_are_not_finite_have_no_value_and_no_error(tmp_path: Path) -> None:
    points = POINTS.copy()
    points[3, 1] = np.nan
    np.save(tmp_path / "nan.npy", points)
    frame = frame_of(tmp_path / "nan.npy", dataset="ring", halves=2)
    assert set(frame["reason"]) == {"1 of 60 samples are not finite"}
    assert set(frame["samples"]) == {60}
    assert frame[["value", "error"]].isna().all(axis=None)


def test_the_note_on_errors_is_that_of_a_table_with_errors(tmp_path: Path, capsys) -> None:
    np.save(tmp_path / "points.npy", POINTS)
    for halves, said in ((0, False), (2, True)):
        frame = frame_of(tmp_path / "points.npy", dataset="ring", halves=halves)
        Console(width=80).print(tables.in_terminal(frame, "ring"))
        assert ("standard errors over sets" in capsys.readouterr().out) is said


def test_a_narrow_table_cuts_no_word(tmp_path: Path, capsys) -> None:
    np.save(tmp_path / "points.npy", POINTS)
    frame = frame_of(tmp_path / "points.npy", dataset="ring", against=tmp_path / "points.npy", halves=2)
    for width in (40, 80):
        Console(width=width).print(tables.in_terminal(frame, "ring"))
        out = capsys.readouterr().out
        assert "…" not in out
        assert max(map(len, out.splitlines())) <= width


def test_nothing_but_the_answer_is_written_where_there_is_no_terminal(tmp_path: Path, bench: Run) -> None:
    np.save(tmp_path / "points.npy", POINTS)
    status, out, err = bench(
        "evaluate", "points.npy", "--dataset", "ring", "--halves", "0", "--format", "csv"
    )
    assert (status, err) == (0, "")
    assert out.startswith('"metric","title","better","value"')
