"""Restoration at its suites' standard budget: medians over three seeds, on the test split. Not timed."""

from __future__ import annotations

import pytest

from gan_bench import datasets
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
PSNR, SHARPNESS, JUDGED = "psnr_luma", "laplacian_ratio", "perceptual_grain"


def learnt(suite, out, **options):
    """The scores of every seed, and those of the reference rows by name."""
    scores = scores_of(suite, out, **options)["raw"]
    assert set(scores.groupby("variant").size()) == {3}
    rows = frames.load(Store(out)).references
    rows = rows[(rows["split"] == "test") & (rows["when"] == "final")]
    beside = rows.groupby(["reference", "metric"])["value"].median().unstack()
    shown = [name for name in scores if name in beside]
    medians = scores[shown].groupby("variant").median()
    print(suite, options, medians.to_string(), beside[shown].to_string(), sep="\n")
    return scores, beside


@pytest.fixture(scope="module")
def set5(tmp_path_factory):
    try:
        datasets.load("sr-x4", stand_in=False)
    except datasets.Unreachable as error:
        pytest.skip(str(error))
    named = ("srresnet", "srresnet-features", "srgan")
    return learnt("sr-x4", tmp_path_factory.mktemp("sr") / "out", variants=named)


def test_bicubic_rows_are_the_published_ones(set5):
    _, beside = set5
    assert beside.loc["bicubic", PSNR] == pytest.approx(28.42, abs=0.02)
    assert beside.loc["bicubic", "ssim_luma"] == pytest.approx(0.8104, abs=0.002)
    assert beside.loc["bicubic-torch", PSNR] == pytest.approx(28.63, abs=0.02)


def test_srresnet_is_a_decibel_above_bicubic_on_set5(set5):
    scores, beside = set5
    rows = beside.loc[["bicubic", "bicubic-torch"], PSNR]
    assert scores.loc["srresnet", PSNR].median() >= rows["bicubic"] + 1.0
    assert scores.loc["srresnet", PSNR].min() > rows.max()


def test_srgan_trades_error_for_sharpness(set5):
    """Its perceptual distance is printed beside that of the features alone, whatever it shows."""
    scores, _ = set5
    medians = scores.groupby("variant")[[PSNR, SHARPNESS, JUDGED]].median()
    assert medians.loc["srgan", PSNR] < medians.loc["srresnet", PSNR]
    assert abs(medians.loc["srgan", SHARPNESS] - 1) < abs(medians.loc["srresnet", SHARPNESS] - 1)


def test_textured_tiles_of_photographs_are_better_than_bicubic(tmp_path):
    named = ("srresnet", "rrdb")
    scores, beside = learnt("restoration-photographs", tmp_path / "out", variants=named)
    for variant in named:
        assert scores.loc[variant, PSNR].min() > beside.loc[["bicubic", "bicubic-torch"], PSNR].max()


def filled(tmp_path, **options):
    """Scores by seed of each weight of the adversary, and the reference rows."""
    out = tmp_path / "out"
    scores = scores_of("restoration-holes", out, **options)
    assert len(scores) == 3
    rows = frames.load(Store(out)).references
    rows = rows[(rows["split"] == "test") & (rows["when"] == "final")]
    return scores["raw"], rows.groupby(["reference", "metric"])["value"].median().unstack()


def test_holes_of_digits_are_filled_better_than_by_rule(tmp_path):
    scores, beside = filled(tmp_path, changes=("adversarial_weight=0.001",))
    print(scores[["hole_psnr", "hole_sharpness"]], beside[["hole_psnr", "hole_sharpness"]])
    assert scores["hole_psnr"].median() > beside["hole_psnr"].drop("untrained", errors="ignore").max()


def test_holes_of_14_pixels_in_mnist(tmp_path):
    options = {"require_dataset": True, "budget": "mnist"}
    try:
        datasets.load("mnist", stand_in=False)
    except datasets.Unreachable as error:
        pytest.skip(str(error))
    scores, beside = filled(tmp_path, changes=("adversarial_weight=0.001",), **options)
    print(scores[["hole_psnr", "hole_sharpness"]], beside[["hole_psnr", "hole_sharpness"]])
    assert scores["hole_psnr"].median() > max(11.0, beside["hole_psnr"].max())
