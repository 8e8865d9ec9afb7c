"""The command `translate`, on checkpoints of a few iterations."""

from __future__ import annotations

import csv
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from gan_bench.bench.commands import app as cli
from gan_bench.bench.results.store import Store
from gan_bench.bench.sampling.restore import restore_trial
from gan_bench.bench.sampling.translating.application import application
from tests.bench.sampling.translating.untrained import write

SUITE = """
title = "Tiny"
datasets = ["{dataset}"]
variants = ["{variant}"]
references = []
profile = "default"
seeds = 1
[architectures.own]
family = "conv"
width = 4
norm = "{norm}"
[hyperparameters]
batch_size = 16
ema = 0.5
[budgets.quick]
kimg = 0.032
points = 1
samples = 64
final_samples = 64
"""
TRIALS = {
    "adapts": ("pixelda", "inverted-tinted-digits", "batch"),
    "fills": ("ccgan", "digits", "layer"),
    "samples": ("nsgan", "digits", "none"),
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    """Trials' folders by what their games do."""
    root, folders = tmp_path_factory.mktemp("translated"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gan_bench.bench.running.session.write_report", lambda store, *_, **__: store.root)
        for name, (variant, dataset, norm) in TRIALS.items():
            suite = root / f"{name}.toml"
            suite.write_text(SUITE.format(variant=variant, dataset=dataset, norm=norm))
            argv = ["bench", "run", "--suite", str(suite), "--executor", "inline", "--out", str(root / name)]
            patch.setattr(sys, "argv", argv)
            assert cli.main() == 0
            folders[name] = next((root / name / "trials").iterdir())
    return folders


@pytest.fixture
def translate(trials, monkeypatch, capsys, tmp_path):
    """Run `translate` with the trial of a name: exit status, stdout and stderr."""

    def run(name, *arguments):
        words = ["translate", str(trials[name]), *map(str, arguments), "-o", str(tmp_path / "out")]
        monkeypatch.setattr(sys, "argv", ["bench", *words])
        status = cli.main()
        found = capsys.readouterr()
        return SimpleNamespace(status=status, out=found.out, error=found.err)

    return run


def read(path):
    return np.asarray(Image.open(path))


def test_files_and_folders_become_one_image_each(translate, trials, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in (1, 2):
        write(folder / f"{number}.png", seed=number)
    alone = write(tmp_path / "alone.bmp", (50, 39), seed=3)
    assert translate("adapts", folder, alone).status == 0
    made = {path.name: read(path) for path in (tmp_path / "out").iterdir()}
    assert {name: image.shape for name, image in made.items()} == {
        "1.png": (28, 28, 3), "2.png": (28, 28, 3), "alone.png": (39, 50, 3),
    }  # fmt: skip
    _, dataset, model = restore_trial(Store(trials["adapts"].parent.parent), trials["adapts"].name, ())
    able = application(model, dataset, asked=None, variant="pixelda", label=None, ema=False, seed=0)
    x = dataset.prepare(torch.tensor(read(folder / "1.png")).permute(2, 0, 1)[None], "domain_a")
    expected = dataset.restore(able({"domain_a": x}), "domain_b")[0].permute(1, 2, 0).numpy()
    assert np.array_equal(made["1.png"], expected)


def test_a_grey_image_is_read_as_three_equal_channels(translate, tmp_path):
    assert translate("adapts", write(tmp_path / "grey.png", mode="L")).status == 0
    grey = read(tmp_path / "grey.png")
    Image.fromarray(np.stack([grey] * 3, -1)).save(tmp_path / "colour.png")
    assert translate("adapts", tmp_path / "colour.png").status == 0
    assert np.array_equal(read(tmp_path / "out" / "grey.png"), read(tmp_path / "out" / "colour.png"))


def test_tiles_that_are_asked_for_change_no_byte_by_more_than_rounding(translate, tmp_path):
    photo = write(tmp_path / "photo.png", (101, 75))
    assert translate("adapts", photo).status == 0
    whole = read(tmp_path / "out" / "photo.png").astype(int)
    tiled = translate("adapts", photo, "--tile", 16, "--overwrite")
    assert tiled.status == 0
    assert "in tiles of 16 pixels that overlap by" in tiled.out
    assert np.abs(read(tmp_path / "out" / "photo.png") - whole).max() <= 1


def test_nothing_is_overwritten_unless_asked_for(translate, tmp_path):
    photo = write(tmp_path / "photo.png")
    assert translate("adapts", photo).status == 0
    again = translate("adapts", photo)
    assert again.status == 2
    assert "photo.png exists; name another folder with -o, or give --overwrite" in again.error
    assert translate("adapts", photo, "--overwrite").status == 0


def test_two_inputs_of_one_name_are_not_written_over_each_other(translate, tmp_path):
    (tmp_path / "other").mkdir()
    found = translate("adapts", write(tmp_path / "a.png"), write(tmp_path / "other" / "a.bmp"))
    assert found.status == 2
    assert "would both be written to a.png" in found.error


@pytest.mark.parametrize("damage", ["truncated", "text", "empty"])
def test_a_damaged_input_is_named_before_anything_is_written(translate, tmp_path, damage):
    good, bad = write(tmp_path / "good.png"), write(tmp_path / "bad.png", (40, 40))
    content = {"truncated": bad.read_bytes()[:900], "text": b"no image", "empty": b""}[damage]
    bad.write_bytes(content)
    found = translate("adapts", good, bad)
    assert found.status == 2
    assert f"damaged image {bad}" in found.error.replace("\n", "")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "size", "mode", "options", "message"),
    [
        ("fills", (28, 28), "RGB", ["--mask", "mask.png"], "in.png has 3 channels (colour); this network"),
        ("fills", (30, 28), "L", ["--mask", "mask.png"], "--mask has 28x28 pixels and"),
        ("fills", (28, 28), "L", [], "in-painting needs --mask FILE"),
        ("adapts", (28, 28), "RGB", ["--mask", "mask.png"], "translate fills no holes; leave it out"),
        ("adapts", (30, 28), "RGB", ["--ability", "classify_b"], "has 30x28 pixels; this network takes"),
        ("adapts", (28, 28), "RGB", ["--ability", "clasify_b"], "did you mean 'classify_b'?"),
        ("adapts", (28, 28), "RGB", ["--to", "1"], "--to 1: translate of pixelda reads no label"),
        ("samples", (28, 28), "L", [], "nsgan on digits has no ability that reads an image; it can sample"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence(
    translate, tmp_path, monkeypatch, name, size, mode, options, message
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mask.png", mode="L")
    found = translate(name, write(tmp_path / "in.png", size, mode), *options)
    assert found.status == 2
    assert message in " ".join(found.error.split())
    assert found.error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_input_that_is_not_there_is_named(translate, tmp_path):
    found = translate("adapts", tmp_path / "none.png")
    assert found.status == 2
    assert "none.png: there is no such file or folder" in found.error


def test_holes_are_filled_and_their_context_stays(translate, tmp_path):
    photo = write(tmp_path / "photo.png", mode="L")
    hole = np.zeros((28, 28), np.uint8)
    hole[8:16, 10:20] = 255
    Image.fromarray(hole).save(tmp_path / "mask.png")
    assert translate("fills", photo, "--mask", tmp_path / "mask.png").status == 0
    before, after = read(photo), read(tmp_path / "out" / "photo.png")
    assert np.array_equal(after[hole == 0], before[hole == 0])
    assert (after[hole > 0] != before[hole > 0]).mean() > 0.9


def test_classes_are_those_of_the_games_logits(translate, trials, tmp_path):
    files = [write(tmp_path / f"{n}.png", seed=n) for n in range(5)]
    assert translate("adapts", *files, "--ability", "classify_b").status == 0
    with (tmp_path / "out" / "classes.csv").open() as file:
        rows = list(csv.DictReader(file))
    _, _, model = restore_trial(Store(trials["adapts"].parent.parent), trials["adapts"].name, ())
    raw = torch.stack([torch.tensor(read(path)).permute(2, 0, 1) for path in files])
    chances = model.apply("classify_b", 5, model.prepare({"domain_b": raw})).softmax(1)
    assert [int(row["class"]) for row in rows] == chances.argmax(1).tolist()
    assert [float(row["probability"]) for row in rows] == pytest.approx(
        chances.max(1).values.tolist(), abs=1e-4
    )
    assert [row["file"] for row in rows] == [str(path) for path in files]
