"""The command `sample`, on checkpoints of a real run of few iterations and on a conditional toy."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from gan_bench.bench.commands import app as cli
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine import Model
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.results.store import Store
from gan_bench.bench.sampling import abilities
from gan_bench.bench.sampling.generate import generate
from gan_bench.bench.sampling.latents import draw
from gan_bench.bench.sampling.pictures import numbered
from gan_bench.bench.sampling.request import Request
from gan_bench.bench.sampling.restore import find_trial, restore_trial
from gan_bench.datasets.base import Truth
from gan_bench.datasets.sources import AlignedSource, ResidentSource
from gan_bench.variants import Noise, Player, Round, ability
from tests.bench.abilities import able
from tests.toys import Number, ToyData, ToyGame, value
from tests.training import make_job

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


def test_wrong_records_and_file_names_are_refused(sample: Sample, tmp_path: Path) -> None:
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


class Labelled(ToyGame):
    """Generates ten times the label plus a latent below 1, through a number that stays at 1."""

    starts = {"generator": 1.0}

    def players(self):
        return [Player("a", ("generator",), lambda play: 0 * value(play.generator), critic=True)]

    def rounds(self):
        return [Round(("a",))]

    def noise(self):
        return {"latent": Noise((1,), "uniform"), "label": Noise((), "integers", high=3)}

    def networks(self, build):
        return {"generator": Number(1.0)}

    @ability(noise=("latent", "label"))
    def sample(self, play):
        return play.generator(play.noise["latent"] + 10 * play.noise["label"][:, None])

    @ability(noise=("latent",), inputs=("label",))
    def sample_labelled(self, play):
        return play.generator(play.noise["latent"] + 10 * play.batch["label"][:, None])


@pytest.fixture
def labelled(toy: Callable[..., str]) -> Model:
    class Data(ToyData):
        truth = Truth(classes=3)

    fields = {"real": torch.zeros(6, 1), "label": torch.arange(6) % 3}
    aligned = AlignedSource({name: ResidentSource(rows) for name, rows in fields.items()})
    data = Data(real=fields["real"], labelled=aligned)
    model = Trainer(make_job(toy(Labelled), iterations=1), data).models(1.0)[0]
    assert model is not None
    return model


def test_classes_are_generated_in_turn(labelled: Model) -> None:
    made = generate(Request("", Path("a.npz"), count=5, classes=(2, 0)), labelled, "toy")
    assert made.labels is not None
    assert made.labels.tolist() == [2, 0, 2, 0, 2]
    assert np.floor(made.samples[:, 0] / 10).tolist() == [2, 0, 2, 0, 2]
    assert made.samples[:, 0] % 10 == pytest.approx(made.noise["latent"][:, 0], abs=1e-5)


def test_a_row_of_interpolation_keeps_its_class(labelled: Model) -> None:
    request = Request("", Path("a.npz"), count=4, interpolate=True, steps=3)
    asked = generate(Request(**{**vars(request), "classes": (1, 2)}), labelled, "toy")
    assert np.floor(asked.samples[..., 0] / 10).tolist() == [[1] * 3, [2] * 3]
    drawn = generate(request, labelled, "toy")
    assert drawn.noise["label"].tolist() == [[label] * 3 for label in drawn.noise["label"][:, 0]]


def test_classes_that_there_are_not_are_refused(labelled: Model, toy: Callable[..., str]) -> None:
    with pytest.raises(UsageError, match="toy-data has the classes 0 to 2"):
        generate(Request("", Path("a.npz"), classes=(3,)), labelled, "toy")
    with pytest.raises(UsageError, match="one --class"):
        generate(Request("", Path("a.npz"), arithmetic="1 + 2", classes=(0, 1)), labelled, "toy")


def test_a_sheet_shows_its_images_row_by_row() -> None:
    images = np.arange(6, dtype=np.uint8).repeat(4).reshape(6, 1, 2, 2)
    pixels = np.asarray(Image.open(io.BytesIO(numbered(images, 3, [*"012345"]))))
    tall, wide = 80 + 6 + 16, 80 + 6  # 2 pixels are enlarged to 80
    assert pixels.shape == (2 * tall + 6, 3 * wide + 6, 3)
    for place in range(6):
        top, left = place // 3 * tall + 6, place % 3 * wide + 6
        assert (pixels[top + 16 : top + 96, left : left + 80] == place).all()
        assert pixels[top - 2 : top + 14, left : left + 20].min() < 128  # its number, above it


def test_small_images_are_enlarged_by_a_whole_factor_and_large_ones_are_not() -> None:
    for side, factor in ((28, 3), (32, 3), (64, 2), (80, 1), (256, 1)):
        pixels = Image.open(io.BytesIO(numbered(np.zeros((1, 3, side, side), np.uint8), 1, ["0"])))
        assert pixels.size == (factor * side + 12, factor * side + 6 + 16 + 6)


def test_a_place_among_the_seeds_names_a_trial(trials: dict[str, Path]) -> None:
    results = trials["ring"].parent.parent
    store, key = find_trial(f"{results}:nsgan", None)
    assert (store.root, key) == (results, trials["ring"].name)
    assert find_trial(f"{results}:nsgan:worst", None)[1] == key
    with pytest.raises(UsageError, match="did you mean 'nsgan'"):
        find_trial(f"{results}:nsgann:best", None)
    with pytest.raises(UsageError, match="did you mean 'best'"):
        find_trial(f"{results}:nsgan:bets", None)


def asked(picture: str, out: str = "a.png", **options: object) -> Request:
    fields = {"traverse": "number"} if picture == "traverse" else {picture: True}
    return Request("", Path(out), **fields, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("labels", "--labels: toy does not generate by label; these do: "),
        ("traverse", "--traverse: toy has no codes; its abilities: sample"),
        ("reconstruct", "--reconstruct: toy does not reconstruct; its abilities: sample"),
        ("cluster", "--cluster: toy does not cluster; its abilities: sample"),
    ],
)
def test_a_picture_of_an_ability_that_a_game_lacks_is_refused(
    toy: Callable[..., str], picture: str, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        abilities.picture(asked(picture), able.model(toy, able.Plain), able.POINTS, "toy")
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_an_unknown_code_is_refused_with_the_nearest(toy: Callable[..., str]) -> None:
    request = Request("", Path("a.png"), traverse="numbr")
    with pytest.raises(UsageError, match="unknown code 'numbr' in --traverse; did you mean 'number'"):
        abilities.picture(request, able.model(toy), able.POINTS, "toy")


def test_pictures_of_abilities_are_those_of_the_seed(toy: Callable[..., str]) -> None:
    model = able.model(toy)
    rows = [
        abilities.picture(asked("labels", count=2, seed=seed), model, able.POINTS, "toy").arrays["rows"]
        for seed in (0, 1)
    ]
    assert rows[0].shape == rows[1].shape == (3, 2, 2)
    for seed, made in enumerate(rows):
        noise = draw(model.game.noise(), 2, seed)
        expected = 2 * noise["latent"] + 10.0 * torch.arange(3)[:, None, None] + 100 * noise["number"]
        assert made == pytest.approx((able.SCALE * expected + able.SHIFT).numpy(), rel=1e-4, abs=1e-3)


def test_reconstructions_stand_beside_test_rows(toy: Callable[..., str]) -> None:
    made = abilities.picture(asked("reconstruct", count=4), able.model(toy), able.POINTS, "toy").arrays
    points = able.POINTS.reference("test", 4).numpy()
    assert (made["given.real"] == points).all()
    assert made["made"] == pytest.approx(points + able.SCALE, abs=1e-4)


@pytest.mark.parametrize("picture", ["labels", "traverse", "reconstruct", "cluster"])
def test_points_have_a_plot(toy: Callable[..., str], picture: str) -> None:
    pictured = abilities.picture(asked(picture), able.model(toy), able.POINTS, "toy")
    trial = SimpleNamespace(variant="<toy>")
    content = abilities.png_of(pictured, trial, able.POINTS, "of a test")  # type: ignore[arg-type]
    with Image.open(io.BytesIO(content)) as image:
        assert image.width > 400


def test_two_pictures_are_refused() -> None:
    with pytest.raises(UsageError, match="--labels and --cluster are two pictures"):
        Request("", Path("a.png"), labels=True, cluster=True)
    with pytest.raises(UsageError, match="--class goes with samples, not with --cluster"):
        Request("", Path("a.png"), classes=(1,), cluster=True)


def test_an_ability_that_a_trial_lacks_gives_one_message(
    trials: dict[str, Path], sample: Sample, tmp_path: Path
) -> None:
    status, error = sample("digits", "a.png", "--reconstruct")
    assert status == 2
    assert "--reconstruct: nsgan does not reconstruct; its abilities: " in error
    assert not (tmp_path / "a.png").exists()
