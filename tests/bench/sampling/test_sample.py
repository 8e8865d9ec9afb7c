"""The command `sample`, on checkpoints of a real run of few iterations."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_bench.bench.commands import app as cli
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results.store import Store
from gan_bench.bench.sampling.generate import generate
from gan_bench.bench.sampling.request import Request
from gan_bench.bench.sampling.restore import find_trial, restore_trial

SUITE = """
title = "Tiny"
datasets = ["{dataset}"]
variants = ["nsgan"]
profile = "default"
seeds = 1
[architectures.mlp]
family = "mlp"
hidden = [8]
[hyperparameters]
batch_size = 16
latent_dim = 3
ema = 0.5
[budgets.quick]
kimg = 0.032
points = 1
samples = 64
final_samples = 64
"""
Sample = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Trials' folders by dataset."""
    root = tmp_path_factory.mktemp("sampled")
    folders = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gan_bench.bench.running.session.write_report", lambda store, *_, **__: store.root)
        for dataset in ("ring", "gaussian1d", "digits"):
            suite = root / f"{dataset}.toml"
            suite.write_text(SUITE.format(dataset=dataset))
            options = ["--executor", "inline", "--out", str(root / dataset)]
            argv = ["bench", "run", "--suite", str(suite), *options]
            patch.setattr(sys, "argv", argv)
            assert cli.main() == 0
            folders[dataset] = next((root / dataset / "trials").iterdir())
    return folders


@pytest.fixture
def sample(
    trials: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Sample:
    """Runs `sample` on the trial of a dataset: exit status and stderr; the file is tmp_path / out."""

    def run(dataset: str, out: str, *options: str, record: str | None = None) -> tuple[int, str]:
        arguments = ["sample", record or str(trials[dataset]), "-o", str(tmp_path / out), *options]
        monkeypatch.setattr(sys, "argv", ["bench", *arguments])
        return cli.main(), capsys.readouterr().err

    return run


@pytest.mark.parametrize("dataset", ["ring", "gaussian1d", "digits"])
@pytest.mark.parametrize(
    "options", [[], ["--interpolate"], ["--arithmetic", "3 - (7, 1)", "--ema"]], ids=["grid", "path", "sum"]
)
def test_a_picture_of_every_kind(sample: Sample, tmp_path: Path, dataset: str, options: list[str]) -> None:
    assert sample(dataset, "a.png", *options) == (0, "")
    image = np.asarray(Image.open(tmp_path / "a.png"))
    assert image.std() > 0
    if dataset == "digits" and "--arithmetic" not in options:  # 64 images in rows of 8, three times as large
        assert image.shape == (8 * (3 * 28 + 22) + 6, 8 * (3 * 28 + 6) + 6, 3)


def test_samples_are_those_of_the_checkpoint_on_the_seeds_latents(
    sample: Sample, trials: dict[str, Path], tmp_path: Path
) -> None:
    assert sample("ring", "a.npz", "-n", "10", "--seed", "4", "--ema") == (0, "")
    arrays = np.load(tmp_path / "a.npz")
    _, dataset, model = restore_trial(Store(trials["ring"].parent.parent), trials["ring"].name, ())
    generator = model.modules["generator"]
    latents = torch.from_numpy(arrays["noise_latent"])
    assert model.ema is not None
    made = torch.func.functional_call(generator, dict(model.ema["generator"]), (latents,))
    assert arrays["samples"] == pytest.approx(dataset.restore(made).detach().numpy(), abs=1e-6)
    assert sample("ring", "b.npz", "-n", "10", "--ema") == (0, "")
    assert not np.allclose(np.load(tmp_path / "b.npz")["samples"], arrays["samples"])


def test_indices_and_rows_are_of_the_same_latents_as_the_grid(sample: Sample, tmp_path: Path) -> None:
    assert sample("ring", "grid.npz") == (0, "")
    assert sample("ring", "path.npz", "--interpolate", "-n", "6", "--steps", "5") == (0, "")
    assert sample("ring", "sum.npz", "--arithmetic", "3 - 7 + 12") == (0, "")
    grid, path, total = (np.load(tmp_path / f"{n}.npz")["samples"] for n in ("grid", "path", "sum"))
    assert (grid.shape, path.shape, total.shape) == ((64, 2), (3, 5, 2), (4, 2))
    assert path[:, 0] == pytest.approx(grid[0:6:2], abs=1e-5)
    assert path[:, -1] == pytest.approx(grid[1:6:2], abs=1e-5)
    assert total[:3] == pytest.approx(grid[[3, 7, 12]], abs=1e-5)


def test_a_key_or_its_beginning_is_enough_with_results(sample: Sample, trials: dict[str, Path]) -> None:
    results, key = trials["ring"].parent.parent, trials["ring"].name
    assert sample("ring", "a.npz", "--results", str(results), record=key) == (0, "")
    assert sample("ring", "b.npz", "--results", str(results), record=key[:5]) == (0, "")
    nearly = key[:-1] + ("0" if key[-1] != "0" else "1")
    status, error = sample("ring", "c.npz", "--results", str(results), record=nearly)
    assert status == 2
    assert f"did you mean {key!r}?" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--interpolate", "-n", "3"], "an even number"),
        (["--interpolate", "--arithmetic", "1 + 2"], "give one of the two"),
        (["--arithmetic", "1 + 99"], "no latent 99"),
        (["--class", "3"], "--class: nsgan does not generate by label"),
        (["--class", "three"], "expected labels"),
        (["--results", "nowhere"], "nowhere: the folder has no trials"),
    ],
)
def test_an_impossible_request_gives_one_message(
    sample: Sample, tmp_path: Path, options: list[str], message: str
) -> None:
    status, error = sample("ring", "a.png", *options)
    assert status == 2
    assert message in error
    assert not (tmp_path / "a.png").exists()


def test_wrong_records_and_file_names_are_refused(
    sample: Sample, trials: dict[str, Path], tmp_path: Path
) -> None:
    copy = shutil.copytree(trials["ring"], tmp_path / "copy")
    assert "copy is outside of RESULTS/trials, where" in sample("ring", "a.png", record=str(copy))[1]
    assert "error: nowhere:x: there is no folder" in sample("ring", "a.png", record="nowhere:x")[1]
    assert "expected a file that ends in .png or .npz" in sample("ring", "a.jpg")[1]
    assert "there is no folder" in sample("ring", "none/a.png")[1]
    assert "RESULTS/trials/KEY" in sample("ring", "a.png", record=str(tmp_path))[1]


def test_a_trial_without_checkpoint_or_averages_is_refused(
    trials: dict[str, Path], sample: Sample, tmp_path: Path
) -> None:
    folder = tmp_path / "trials" / trials["ring"].name
    shutil.copytree(trials["ring"], folder)
    (folder / "checkpoint.safetensors").unlink()
    status, error = sample("ring", "a.png", record=str(folder))
    assert (status, "has no checkpoint" in error) == (2, True)
    _, _, model = restore_trial(Store(trials["ring"].parent.parent), trials["ring"].name, ())
    model.ema = None
    with pytest.raises(UsageError, match="--ema: this trial of nsgan has no averaged weights"):
        generate(Request("", Path("a.png"), ema=True), model, "nsgan")


@pytest.mark.parametrize("dataset", ["ring", "digits"])
def test_samples_that_are_not_finite_are_refused_with_their_count(
    trials: dict[str, Path], dataset: str
) -> None:
    _, _, model = restore_trial(Store(trials[dataset].parent.parent), trials[dataset].name, ())
    for weight in model.params["generator"].values():
        weight.fill_(torch.nan)
    with pytest.raises(UsageError, match="5 of 5 samples are not finite"):
        generate(Request("", Path("a.png"), count=5), model, "nsgan")


def test_a_place_among_the_seeds_names_a_trial(trials: dict[str, Path]) -> None:
    results = trials["ring"].parent.parent
    store, key = find_trial(f"{results}:nsgan", None)
    assert (store.root, key) == (results, trials["ring"].name)
    assert find_trial(f"{results}:nsgan:worst", None)[1] == key
    with pytest.raises(UsageError, match="did you mean 'nsgan'"):
        find_trial(f"{results}:nsgann:best", None)
    with pytest.raises(UsageError, match="did you mean 'best'"):
        find_trial(f"{results}:nsgan:bets", None)
    with pytest.raises(UsageError, match=r"is a folder of results with 1 trial; .*:VARIANT:best"):
        find_trial(str(results), None)
    with pytest.raises(UsageError, match="there is no folder nowhere"):
        find_trial("nowhere:nsgan:best", None)


def test_an_ability_that_a_trial_lacks_gives_one_message(
    trials: dict[str, Path], sample: Sample, tmp_path: Path
) -> None:
    status, error = sample("digits", "a.png", "--reconstruct")
    assert status == 2
    assert "--reconstruct: nsgan does not reconstruct; its abilities: " in error
    assert not (tmp_path / "a.png").exists()
