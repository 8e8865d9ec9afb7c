"""The shipped reference results show that every task family learns: bounds at the budget `quick`, by seed.

The file holds trials that this version would train itself, as the first test checks, so a suite whose
settings stop to work fails here, without an hour of training.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from torch import Tensor

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.evaluators import new_evaluator
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.rehearsals import Rehearsals
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.references import wanted_rows
from gan_bench.bench.results import shipped
from gan_bench.bench.results.current import current
from gan_bench.datasets.registry import DATASETS


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    """Final test scores of raw weights: a row per suite, dataset, variant and metric, a column per seed."""
    rows = pd.read_parquet(shipped.path_of("reference"))
    rows = rows[
        (rows["split"] == "test") & (rows["when"] == "final") & (rows["weights"].fillna("raw") == "raw")
    ]
    return rows.pivot_table("value", ["suite", "dataset", "variant", "metric"], "seed")


def seeds(scores: pd.DataFrame, *names: str) -> np.ndarray:
    values = scores.loc[names].dropna().to_numpy()
    assert len(values) >= 3
    return values


def test_every_trial_whose_data_are_in_reach_is_one_that_this_version_would_train(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(name: str) -> datasets.Dataset:
        return catalogue.dataset(name, download=False, stand_in=False)

    def is_in_reach(name: str) -> bool:
        try:
            load(name)
        except UsageError:
            return False
        return True

    # Whether networks fit decides no key, and is tested for every variant elsewhere.
    monkeypatch.setattr(Rehearsals, "fits", lambda *_: True)
    trials = shipped.read(shipped.REFERENCE).trials
    names = {record.trial.dataset for record, _ in trials}
    far = {name for name in names if not is_in_reach(name)}
    assert all(DATASETS.get(name).files for name in far)
    judged = [each for each in trials if each[0].trial.dataset not in far]
    keys = {record.trial.key for record, _ in current(judged, load)}
    stale = {
        (record.trial.suite, record.trial.dataset, record.trial.variant)
        for record, _ in judged
        if record.trial.key not in keys
    }
    assert not stale


DOMAINS = "translation-domains"
# Trials of pix2pix are those of translation-multimodal too.
OUTLINES = {
    "pix2pix": ("translation-pairs", "digit-outlines", "pix2pix"),
    "bicyclegan": ("translation-multimodal", "digit-outlines", "bicyclegan"),
}
KEPT = "label_kept_lenet28_domains"
BACK = "label_kept_back_lenet28_domains"


def test_points_are_carried_to_where_the_known_map_takes_them(scores: pd.DataFrame) -> None:
    data = datasets.load("turned")
    points = data.given(["domain_a"], "test", 2_000)["domain_a"].double().numpy()
    assert isinstance(data.truth.mapping, Mapping)
    moved = data.truth.mapping["domain_a", "domain_b"](points)
    left_alone = np.linalg.norm(points - moved, axis=1).mean()
    errors = seeds(scores, "translation-points", "turned", "cyclegan", "mapping_error")
    assert np.median(errors) < left_alone / 3


@pytest.mark.parametrize(("variant", "most"), [("pix2pix", 0.035), ("bicyclegan", 0.05)])
def test_pairs_are_learnt(variant: str, most: float, scores: pd.DataFrame) -> None:
    assert (seeds(scores, *OUTLINES[variant], "l1") <= most).all()
    assert (seeds(scores, *OUTLINES[variant], "label_kept_lenet28_digits") >= 0.95).all()


def test_outputs_of_bicyclegan_differ_by_more_than_dropout_does(scores: pd.DataFrame) -> None:
    ours, dropout = (seeds(scores, *OUTLINES[name], "diversity") for name in ("bicyclegan", "pix2pix"))
    assert (ours > dropout).all()


@pytest.mark.parametrize("data", ["inverted-digits", "tinted-digits"])
@pytest.mark.parametrize("variant", ["cyclegan", "discogan", "unit", "munit"])
def test_domains_are_translated_in_both_directions(variant: str, data: str, scores: pd.DataFrame) -> None:
    suite = {"unit": "translation-codes", "munit": "translation-contents"}.get(variant, DOMAINS)
    there, back = mean_images(data)
    assert (seeds(scores, suite, data, variant, "l1") <= there / 2).all()
    assert (seeds(scores, suite, data, variant, "l1_back") <= back / 2).all()
    assert (seeds(scores, suite, data, variant, KEPT) >= 0.9).all()
    assert (seeds(scores, suite, data, variant, BACK) >= 0.9).all()


@pytest.mark.parametrize("data", ["inverted-digits", "tinted-digits"])
def test_dualgan_translates_in_the_median(data: str, scores: pd.DataFrame) -> None:
    there, back = mean_images(data)
    assert np.median(seeds(scores, DOMAINS, data, "dualgan", "l1")) < there
    assert np.median(seeds(scores, DOMAINS, data, "dualgan", "l1_back")) < back
    assert np.median(seeds(scores, DOMAINS, data, "dualgan", KEPT)) >= 0.7


def mean_images(data: str) -> tuple[float, float]:
    """The errors of one image for every input, the mean of the test images themselves: mean |.| on [0, 1]."""
    given = datasets.load(data).given(["domain_b", "domain_a"], "test", 355)
    there, back = (given[name].double() for name in ("domain_b", "domain_a"))
    return error_of_mean(there), error_of_mean(back)


def error_of_mean(images: Tensor) -> float:
    return float((images - images.mean(0)).abs().mean()) / 255


def test_stargan_finds_the_map_in_two_seeds_of_three(scores: pd.DataFrame) -> None:
    errors = seeds(scores, "translation-tints", "three-tints", "stargan", "l1")
    assert (errors < 0.05).sum() >= 2  # a wrong map is as bad as the identity, .149


def test_pixelda_and_cogan_adapt(scores: pd.DataFrame) -> None:
    digits = ("adaptation-digits", "inverted-tinted-digits")
    assert (seeds(scores, *digits, "pixelda", "target_accuracy") >= 0.85).all()
    assert (seeds(scores, *digits, "cogan", "pair_agreement_lenet28_domains") > 0.5).all()
    usps = ("adaptation-mnist-usps", "mnist-usps")
    gain = seeds(scores, *usps, "pixelda", "target_accuracy") - seeds(
        scores, *usps, "source-only", "target_accuracy"
    )
    assert (gain >= 0.05).all()


@pytest.mark.parametrize("variant", ["cgan", "acgan"])
def test_images_are_of_the_class_that_was_asked_for(variant: str, scores: pd.DataFrame) -> None:
    names = ("conditional-digits", "digits", variant, "label_accuracy_lenet28_digits")
    assert (seeds(scores, *names) >= 0.93).all()


@pytest.mark.parametrize("variant", ["infogan", "clustergan"])
def test_codes_find_the_classes(variant: str, scores: pd.DataFrame) -> None:
    assert (seeds(scores, "clustering", "digits", variant, "cluster_accuracy") >= 0.6).all()


@pytest.mark.parametrize("variant", ["aae", "ali", "bigan", "vaegan"])
def test_codes_keep_what_an_image_shows(variant: str, scores: pd.DataFrame) -> None:
    images = datasets.load("digits").given(["real"], "test", 355)["real"].double() / 255
    of_mean_image = float(images.var(0, correction=0).mean())
    errors = seeds(scores, "inference-digits", "digits", variant, "reconstruction_mse")
    assert np.median(errors) < of_mean_image


def test_unlabelled_images_help_a_classifier(scores: pd.DataFrame) -> None:
    learnt, alone = (
        seeds(scores, "semi-supervised-digits", "digits", name, "accuracy") for name in ("sgan", "supervised")
    )
    assert (learnt - alone).mean() > 0.02


def beside(suite: str, metric: str, *, rows: set[str]) -> float:
    """The best test score of these reference rows of a suite at its budget `quick`, measured here."""
    of, load = load_suite(suite), catalogue.dataset
    wanted = {row.reference.name: row for row in wanted_rows(of, plan(of, load), load)}
    scores = []
    for name in rows:
        row = wanted[name]
        data = load(row.trial.dataset)
        evaluator = new_evaluator(data, *row.trial.measuring, None, "cpu")
        measured = row.measure(data, evaluator, "cpu").rows
        scores += [one["value"] for one in measured if (one["metric"], one["split"]) == (metric, "test")]
    assert len(scores) == len(rows)
    return max(scores)


def test_textured_tiles_are_better_than_bicubic(scores: pd.DataFrame) -> None:
    suite = "restoration-photographs"
    rules = beside(suite, "psnr_luma", rows={"bicubic", "bicubic-torch"})
    for variant in ("srresnet", "srresnet-features", "rrdb"):
        assert (seeds(scores, suite, "photographs-x4", variant, "psnr_luma") > rules).all()


@pytest.mark.parametrize("adversary", ["srgan", "srgan(objective=ragan)"])
def test_an_adversary_gives_up_error_for_sharpness(adversary: str, scores: pd.DataFrame) -> None:
    tiles = ("restoration-photographs", "photographs-x4")
    for metric, sign in (("psnr_luma", -1), ("laplacian_ratio", 1)):
        ours, without = (np.median(seeds(scores, *tiles, name, metric)) for name in (adversary, "srresnet"))
        assert sign * (ours - without) > 0
    assert np.median(seeds(scores, *tiles, adversary, "laplacian_ratio")) < 1  # nearer to the truth's


def test_holes_are_filled_better_than_by_rule(scores: pd.DataFrame) -> None:
    ours = seeds(scores, "restoration-holes", "digits", "context-encoder", "hole_psnr")
    rules = beside("restoration-holes", "hole_psnr", rows={"mean-fill", "nearest-context"})
    assert (ours > rules).all()
