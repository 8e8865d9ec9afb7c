"""Samples from elsewhere: every form of them, refusals, standard errors, differences, tables."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from rich.console import Console

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.evaluation import tables
from gan_bench.bench.evaluation.latents import Latents
from gan_bench.bench.evaluation.request import Request
from gan_bench.bench.evaluation.session import evaluate
from gan_bench.bench.metrics import Evaluator
from gan_bench.datasets import DatasetError
from tests.bench.conftest import Run

ROWS = 40
DIGITS = datasets.load("digits").stream("real", "train").gather(torch.arange(ROWS)).numpy()
QUIET = Console(quiet=True)


def frame_of(source: Path | None, **options) -> pd.DataFrame:
    return evaluate(Request(source, **{"dataset": "digits", "halves": 0, "device": "cpu", **options}), QUIET)


def save_images(folder: Path, rows: np.ndarray) -> Path:
    folder.mkdir()
    for number, row in enumerate(rows):
        Image.fromarray(row[0] if len(row) == 1 else row.transpose(1, 2, 0)).save(folder / f"{number:03}.png")
    return folder


@pytest.fixture(scope="module")
def expected() -> dict[str, float]:
    evaluator = Evaluator(datasets.load("digits"), samples=ROWS, final_samples=ROWS)
    found = evaluator.measure(torch.from_numpy(DIGITS), final=True)
    return {one.metric: one.value for one in found if one.split == "test"}


def test_every_form_has_the_scores_of_a_trained_models_samples(
    tmp_path: Path, expected: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "plain.npy", DIGITS)
    np.save(tmp_path / "grey.npy", DIGITS[:, 0])
    np.savez(tmp_path / "named.npz", samples=DIGITS, latents=np.zeros((ROWS, 2)))
    np.savez(tmp_path / "one.npz", anything=DIGITS)
    np.save(tmp_path / "last.npy", DIGITS.transpose(0, 2, 3, 1))
    np.save(tmp_path / "unit.npy", (DIGITS / 255).astype(np.float32))
    (tmp_path / "made.py").write_text(
        "import numpy as np, torch\nROWS = torch.from_numpy(np.load('plain.npy')) / 127.5 - 1\n"
        "def again(latents):\n    assert latents.shape[1] == 7\n    return ROWS[: len(latents)]\n"
    )
    monkeypatch.chdir(tmp_path)
    forms = [
        frame_of(tmp_path / "plain.npy"),
        frame_of(tmp_path / "grey.npy"),
        frame_of(tmp_path / "named.npz"),
        frame_of(tmp_path / "one.npz"),
        frame_of(tmp_path / "last.npy", channels_last=True),
        frame_of(tmp_path / "unit.npy", values="0,1"),
        frame_of(save_images(tmp_path / "folder", DIGITS)),
        frame_of(None, model="made:again", latent=Latents((7,)), count=ROWS),
    ]
    for frame in forms:
        assert dict(zip(frame["metric"], frame["value"], strict=True)) == pytest.approx(expected, nan_ok=True)
    assert (forms[0]["noise"] != forms[0]["value"]).any()
    fid = forms[0].set_index("metric").loc["fid_lenet28_digits"]
    assert fid["real"] < fid["noise"]


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("points.npy", np.zeros((5, 2)), {}, r"points.npy: images have shape \(n, 2\), expected"),
        ("images.npy", DIGITS, {"dataset": "ring"}, r"images.npy: numbers have shape .*, expected \(n, 2\)"),
        ("small.npy", DIGITS[:, :, :8, :8], {}, "small.npy holds 1×8×8 samples, digits has 1×28×28"),
        ("unit.npy", DIGITS / 255, {}, "state which values are black and white.*--values LOW,HIGH states it"),
        ("one.npy", DIGITS[:1], {}, "one.npy holds 1 sample, expected at least 2"),
        (
            "objects.npy",
            np.array([{}], dtype=object),
            {},
            "objects.npy cannot be read as an array: it is no array of NumPy's, or one of Python objects",
        ),
        ("junk.npy", b"no array", {}, "junk.npy cannot be read as an array: it is no array of NumPy's"),
        ("last.npy", DIGITS[:, 0, :, :, None], {}, "28 channels, digits has 1 channel; with --channels-last"),
        (
            "a.npy",
            DIGITS,
            {"channels_last": True},
            "28 channels, digits has 1 channel; without --channels-la",
        ),
        ("rgb.npy", DIGITS.repeat(3, 1), {}, "3 channels, digits has 1 channel; --grey would make them so"),
        ("large.npy", DIGITS.repeat(2, 2).repeat(2, 3), {}, "has 1×28×28; --size 28 would make them so"),
        (
            "more.txt",
            b"1 2 3",
            {},
            "more.txt cannot be evaluated: a folder of images",
        ),
        ("text.npz", b"no archive", {}, "text.npz cannot be read as an array"),
        ("none.npy", None, {}, "none.npy does not exist"),
        ("a.npy", DIGITS, {"dataset": "digts"}, "unknown dataset 'digts'"),
        (
            "a.npy",
            DIGITS,
            {"extractor": "lenet28"},
            "--extractor: digits has its own; expected own images",
        ),
        ("a.npy", DIGITS, {"values": "dark"}, "--values dark: expected two numbers"),
        ("a.npy", DIGITS, {"values": "1,1"}, "--values 1,1: expected finite numbers, black below white"),
        ("a.npy", DIGITS, {"values": "1,-1"}, "--values 1,-1: expected finite numbers, black below white"),
        ("a.npy", DIGITS, {"values": "0,nan"}, "--values 0,nan: expected finite numbers"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(tmp_path: Path, name, content, options, message) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content, allow_pickle=True)
    with pytest.raises((UsageError, DatasetError), match=message):
        frame_of(path, **options)


def test_several_arrays_without_one_of_samples_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", a=DIGITS, b=DIGITS)
    with pytest.raises(UsageError, match=r"two\.npz holds the arrays a, b; expected one, or `samples`"):
        frame_of(tmp_path / "two.npz")


def test_images_of_several_sizes_and_damaged_ones_name_the_file(tmp_path: Path) -> None:
    folder = save_images(tmp_path / "mixed", DIGITS[:3])
    Image.fromarray(DIGITS[0, 0, :20]).save(folder / "999.png")
    with pytest.raises(DatasetError, match=r"mixed: 000\.png is 28×28 and 999\.png 28×20: expected"):
        frame_of(folder)
    (folder / "999.png").write_bytes(b"\x89PNG no image")
    with pytest.raises(DatasetError, match=r"damaged image .*999\.png"):
        frame_of(folder)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("nowhere:f", "--model nowhere:f: No module named 'nowhere'; expected FILE.onnx or MODULE:FUNCTION"),
        ("torch:nothing", "--model torch:nothing: module 'torch' has no attribute 'nothing'"),
        ("torch:square", r"makes samples of shape \(3, 100\), expected \(3, 1, 28, 28\)"),
    ],
)
def test_a_model_that_does_not_fit_is_one_sentence(model: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        frame_of(None, model=model, count=3)


def test_samples_and_a_model_exclude_each_other() -> None:
    for arguments in ({"source": None}, {"source": Path("x"), "model": "a:b"}):
        with pytest.raises(UsageError, match="give either a folder or file of samples, or --model"):
            Request(**arguments)


def test_standard_errors_are_those_of_sets_of_as_many_samples(tmp_path: Path) -> None:
    """The mean of n samples varies by sigma / sqrt(n), their standard deviation by sigma / sqrt(2 n)."""
    samples = np.random.default_rng(0).normal(4.0, 1.25, (400, 1))
    np.save(tmp_path / "x.npy", samples)
    frame = frame_of(tmp_path / "x.npy", dataset="gaussian1d", halves=300).set_index("metric")
    assert frame.loc["mean", "error"] == pytest.approx(1.25 / 20, rel=0.15)
    assert frame.loc["std", "error"] == pytest.approx(1.25 / 20 / 2**0.5, rel=0.2)


@pytest.mark.parametrize("rows", [5, 6])
def test_the_standard_error_of_a_mean_is_that_of_few_rows_too(tmp_path: Path, rows: int) -> None:
    """The half of an odd number of rows is smaller than what it leaves out, and varies more."""
    values = np.random.default_rng(0).normal(size=(rows, 1))
    np.save(tmp_path / "x.npy", values)
    frame = frame_of(tmp_path / "x.npy", dataset="gaussian1d", halves=300).set_index("metric")
    assert frame.loc["mean", "error"] == pytest.approx(values.std(ddof=1) / rows**0.5, rel=0.1)


def test_halves_are_those_of_the_seed(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(4.0, 1.25, (400, 1)))
    one, again, other = (
        frame_of(tmp_path / "x.npy", dataset="gaussian1d", halves=5, seed=seed).set_index("metric")
        for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(one, again)
    assert other.loc["mean", "error"] != one.loc["mean", "error"]


def test_two_sets_have_differences_whose_errors_add_up(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, mean in (("one", 4.0), ("two", 5.0)):
        np.save(tmp_path / f"{name}.npy", rng.normal(mean, 1.25, (200, 1)))
    options = {"dataset": "gaussian1d", "halves": 20}
    both = frame_of(tmp_path / "one.npy", against=tmp_path / "two.npy", **options).set_index("metric")
    alone = frame_of(tmp_path / "two.npy", **options).set_index("metric")
    row = both.loc["mean"]
    assert row["against"] == alone.loc["mean", "value"]
    assert row["against_error"] == alone.loc["mean", "error"]
    assert row["difference"] == pytest.approx(row["value"] - row["against"]) == pytest.approx(-1.0, abs=0.4)
    assert row["difference_error"] ** 2 == pytest.approx(row["error"] ** 2 + row["against_error"] ** 2)


def test_tables_for_terminals_programs_spreadsheets_and_papers(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", DIGITS)
    frame = frame_of(tmp_path / "x.npy", halves=4)
    console = Console(file=io.StringIO(), width=80)
    console.print(tables.in_terminal(frame, "the test split of digits"))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "40 samples, compared with the test split of digits; features of lenet28_digits" in " ".join(
        text.split()
    )
    assert max(map(len, text.splitlines())) <= 80
    rows = {row["metric"]: row for row in json.loads(tables.as_json(frame))}
    assert rows["fid_lenet28_digits"]["value"] == pytest.approx(
        frame.set_index("metric").loc["fid_lenet28_digits", "value"]
    )
    assert list(pd.read_csv(io.StringIO(tables.as_csv(frame)))["metric"]) == list(frame["metric"])
    latex = tables.as_latex(frame)
    assert "\\begin{tabular}{llrrr}\n\\toprule" in latex
    assert "\\providecommand{\\toprule}" in latex
    assert "$\\pm$" in latex
    assert "±" not in latex


def test_a_folder_is_compared_with_a_folder(tmp_path: Path, bench: Run) -> None:
    save_images(tmp_path / "one", DIGITS[:20])
    save_images(tmp_path / "two", DIGITS[20:])
    command = ["evaluate", "one", "--dataset", "two", "--halves", "0", "--format", "json"]
    status, out, _ = bench(*command, "--extractor", "lenet28")
    assert status == 0
    found = {row["metric"]: row["value"] for row in json.loads(out)}
    assert found["fid_lenet28"] > 0
    assert not [name for name in found if name.startswith("fid_train")], "its training rows are itself"
    status, out, _ = bench(*command[:-1], "table")
    assert status == 0
    assert "no feature extractor was trained for dataset 'two'" in " ".join(out.split())
    assert "20 samples, compared with all images of two" in " ".join(out.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_registered_name_comes_before_a_folder_of_that_name(tmp_path: Path, bench: Run) -> None:
    save_images(tmp_path / "one", DIGITS[:20])
    save_images(tmp_path / "digits", DIGITS[20:])
    command = ["evaluate", "one", "--halves", "0", "--format", "json", "--dataset"]
    status, out, err = bench(*command, "digits")
    assert status == 0
    assert "digits is the registered dataset; the folder is ./digits" in err
    assert [row for row in json.loads(out) if row["noise"] is not None], "a dataset has reference rows"
    status, out, err = bench(*command, "./digits", "--extractor", "lenet28")
    assert (status, "registered" in err) == (0, False)
    assert "noise" not in json.loads(out)[0]


def test_grey_images_that_were_saved_with_three_channels_are_made_grey_on_request(
    tmp_path: Path, expected: dict[str, float]
) -> None:
    """Many programs save grey images so; equal channels lose nothing."""
    folder = save_images(tmp_path / "made", DIGITS.repeat(3, 1))
    with pytest.raises(UsageError, match=r"holds 3×28×28 samples, digits has 1×28×28; --grey would make"):
        frame_of(folder)
    found = frame_of(folder, grey=True).set_index("metric")["value"]
    assert found["fid_lenet28_digits"] == pytest.approx(expected["fid_lenet28_digits"])


def test_images_of_another_size_name_the_option_that_fits_them(tmp_path: Path) -> None:
    folder = save_images(tmp_path / "large", DIGITS.repeat(2, 2).repeat(2, 3).repeat(3, 1))
    with pytest.raises(UsageError, match="--grey and --size 28 would make them so"):
        frame_of(folder)
    assert frame_of(folder, grey=True, size=28)["value"].notna().any()
    with pytest.raises(UsageError, match="--size: digits has its own"):
        frame_of(None, model="m:f", size=28)


def test_a_folder_of_folders_names_those_with_images(tmp_path: Path) -> None:
    (tmp_path / "photos" / "notes").mkdir(parents=True)
    save_images(tmp_path / "photos" / "cat", DIGITS[:3])
    with pytest.raises(DatasetError, match=r"holds no image itself, but its folders do \(cat\)"):
        frame_of(tmp_path / "photos")
    with pytest.raises(UsageError, match="or --dataset images:"):
        frame_of(tmp_path / "photos" / "cat", dataset=str(tmp_path / "photos"))


def test_a_size_fits_both_sides_of_own_images(tmp_path: Path) -> None:
    made, photos = (save_images(tmp_path / name, DIGITS.repeat(3, 1)) for name in ("made", "photos"))
    found = frame_of(made, dataset=f"images:{photos}", grey=True, size=14).set_index("metric")
    assert found.loc["degenerate", ["value", "samples"]].tolist() == [0, ROWS]
